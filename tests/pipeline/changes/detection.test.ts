import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import type { ChangeRow } from '../../../src/model/changes/rows.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import { createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { createChangesDetection, learningOf } from '../../../src/pipeline/changes/detection.ts'
import { createChangesFeedMinutes } from '../../../src/pipeline/changes/feed-minutes.ts'
import { createChangesReader } from '../../../src/pipeline/changes/reader.ts'
import { openFeedWatch } from '../../../src/pipeline/feed/watch.ts'
import type { ChangesSource } from '../../../src/pipeline/sources/source.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import type { DetectStep } from '../../../src/pipeline/store/records.ts'
import { at, memoryStore, silent, watchOf } from '../../support/market.ts'

const never = new AbortController().signal
const SYMBOL = '038530'
const weekdaysBefore = [-7, -6, -5, -4, -3]

const ordinary = (openTime: number): ChangeRow => {
  const minute = openTime / MINUTE
  return { openTime, row: [(minute % 5) - 2, ((minute * 37) % 300) - 99] }
}
const session = (daysLater: number, to = '15:20'): ChangeRow[] => {
  const rows: ChangeRow[] = []
  for (let time = at('09:01', daysLater); time < at(to, daysLater); time += MINUTE) rows.push(ordinary(time))
  return rows
}
const odd = (openTime: number, volume = 2_000_000): ChangeRow => ({ openTime, row: [1, volume] })
/** Five sessions, with a few minutes that followed a single share. */
const history = (): ChangeRow[] => {
  const far = new Map(weekdaysBefore.map((day) => [at('10:00', day), odd(at('10:00', day), 1_500_000)]))
  return weekdaysBefore.flatMap((day) => session(day)).map((row) => far.get(row.openTime) ?? row)
}

/** A table that the test fills, on a clock that the test moves. */
const table = async (rows: ChangeRow[], now: number) => {
  const store = await memoryStore()
  const state = { now, fail: null as Error | null }
  const source: ChangesSource = {
    name: 'test',
    kind: 'changes',
    series: 'test',
    provenance: { kind: 'real' },
    calendar: createWeekdayCalendar(),
    capacity: 3,
    collectAt: '* * * * * *',
    now: () => state.now,
    listings: async () => [],
    open: async () => {},
    close: async () => {},
    async fetchRows(_symbol, since, signal) {
      signal.throwIfAborted()
      if (state.fail) throw state.fail
      return rows.filter(({ openTime }) => openTime >= (since ?? 0)).toSorted((a, b) => a.openTime - b.openTime)
    },
  }
  await store.watches.add(watchOf(SYMBOL))
  const begin = (kept: Pick<Store, 'signals' | 'watches' | 'outbox'> = store) =>
    createChangesDetection({ source, store: kept, log: silent, now: () => state.now })
  const signals = async () =>
    (await store.signals.history('test', SYMBOL, 100)).map(({ openTime, late }) => ({ openTime, late })).toReversed()
  return { store, source, state, begin, signals }
}

describe('the old system’s rows are judged', () => {
  test('again when they could not be kept', async () => {
    const rows = [...history(), odd(at('10:00'))]
    const { store, state, begin, signals } = await table(rows, at('10:02'))
    let full = true
    const commit = async (step: DetectStep) => {
      if (full) throw new RetryableError('the disk is full')
      await store.signals.commit(step)
    }
    const detection = begin({ ...store, signals: { ...store.signals, commit } })
    await expect(detection.run(SYMBOL, never)).rejects.toThrow('the disk is full')
    expect(await signals()).toEqual([])
    full = false
    state.now = at('10:03')
    await detection.run(SYMBOL, never)
    expect(await signals()).toEqual([{ openTime: at('10:00'), late: false }])
    expect((await store.outbox.due(10)).map(({ kind }) => kind)).toEqual(['alert'])
  })

  test('session by session after an absence, each by what was known before it, and late', async () => {
    const rows = history()
    const { state, begin, signals } = await table(rows, at('15:31', -3))
    await begin().run(SYMBOL, never)
    const before = await signals()
    // Monday and Tuesday pass without the bot; each has its odd minute.
    rows.push(...session(0), odd(at('11:00'), 1_900_000), ...session(1), odd(at('13:00', 1), 1_800_000))
    rows.push(odd(at('09:30', 2)))
    state.now = at('09:32', 2)
    const detection = begin()
    await detection.run(SYMBOL, never)
    const after = (await signals()).slice(before.length)
    expect(after.map(({ late }) => late)).toEqual([true, true, false])
    expect((await detection.state(SYMBOL, never)).session.date).toBe('2026-11-18')
    await begin().run(SYMBOL, never)
    expect((await signals()).slice(before.length)).toEqual(after)
  })

  test('from the moment at which the table is given enough to learn from', async () => {
    const rows: ChangeRow[] = [...session(-3, '10:00'), odd(at('09:40'))]
    const { state, begin, signals } = await table(rows, at('09:42'))
    const detection = begin()
    await detection.run(SYMBOL, never)
    expect(learningOf(await detection.state(SYMBOL, never))).toEqual({ have: 59, need: 720 })
    expect(await signals()).toEqual([])
    rows.unshift(...weekdaysBefore.slice(0, 4).flatMap((day) => session(day)), odd(at('15:25', -4), 1_500_000))
    state.now = at('09:43')
    await detection.run(SYMBOL, never)
    expect((await detection.state(SYMBOL, never)).detector).not.toBeNull()
    expect((await signals()).map(({ openTime }) => openTime)).toEqual([at('09:40')])
  })
})

test('an answer does not wait for ever for the table, and says that it is slow', async () => {
  const { store, source, begin } = await table(history(), at('10:02'))
  const slow: ChangesSource = {
    ...source,
    fetchRows: (_symbol, _since, signal) => once(signal, 'abort').then(() => Promise.reject(signal.reason)),
  }
  const parts = { store, directory: createDirectory('krx'), patienceMs: 20 }
  await expect(
    createChangesReader({ ...parts, source: slow, detection: begin() }).centers(SYMBOL, 2, 'seed', 'c'),
  ).rejects.toThrow(RetryableError)
  const stuck = createChangesDetection({ source: slow, store, log: silent, now: () => 0 })
  await expect(createChangesReader({ ...parts, source, detection: stuck }).watchlist('c')).rejects.toThrow(
    RetryableError,
  )
})

describe('a table that nobody fills any more', () => {
  const watched = async () => {
    const rows = [...history(), ...session(0, '11:00')]
    const world = await table(rows, at('10:50'))
    const { store, source, state, begin } = world
    const start = async () => {
      const detection = begin()
      const parts = {
        source,
        minutes: createChangesFeedMinutes({ source, store, detection }),
        store,
        log: silent,
        now: () => state.now,
      }
      const days = await openClosedDays({ source, store, log: silent })
      const watch = await openFeedWatch({ ...parts, days, directory: { get: () => null } })
      const run = async (to: number) => {
        for (; state.now <= to; state.now += MINUTE) {
          await detection.run(SYMBOL, never).catch((error: unknown) => expect(error).toBeInstanceOf(RetryableError))
          await watch.pass(never)
        }
      }
      const owed = async () => (await watch.owed()).map(({ kind, since }) => [kind, since])
      return { run, owed }
    }
    return { ...world, rows, start }
  }

  test('is said once in the channel, over a restart, and its end once', async () => {
    const { rows, start } = await watched()
    const first = await start()
    await first.run(at('11:01'))
    expect(await first.owed()).toEqual([])
    await first.run(at('11:20'))
    expect(await first.owed()).toEqual([['alone', at('11:00')]])
    const second = await start()
    await second.run(at('11:25'))
    expect(await second.owed()).toEqual([['alone', at('11:00')]])
    for (let time = at('11:25'); time < at('11:40'); time += MINUTE) rows.push(ordinary(time))
    await second.run(at('11:35'))
    expect((await second.owed()).map(([kind]) => kind)).toEqual(['alone', 'back'])
  })

  test('because its server is away is said as that', async () => {
    const { state, start } = await watched()
    const { run, owed } = await start()
    await run(at('10:55'))
    state.fail = new RetryableError('MariaDB gave no answer')
    await run(at('11:05'))
    expect((await owed()).map(([kind]) => kind)).toEqual(['unanswered'])
  })
})

import { beforeAll, describe, expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { openBarsMarket } from '../../../src/market.ts'
import { ageOf, isLate } from '../../../src/model/detector/age.ts'
import { type Bar, MINUTE } from '../../../src/model/time/bar.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import type { SignalRecord } from '../../../src/pipeline/store/records.ts'
import { at, memoryStore, silent, testSource } from '../../support/market.ts'

const SYMBOL = '038530'
const never = new AbortController().signal
const [FROM, TO] = [at('10:30'), at('12:30')]

/** The simulated market, with a jump at eleven that no model can overlook. */
let market: readonly Bar[] = []
const withJump = async (): Promise<readonly Bar[]> => {
  const { source } = testSource({ now: at('16:00') })
  const plain = await source.fetchBars(SYMBOL, { from: at('09:00', -14), to: at('15:31') }, never)
  const jump = plain.findIndex((bar) => bar.openTime >= at('11:00'))
  return plain.map((bar, index) =>
    index === jump ? { ...bar, high: bar.open * 1.06, close: bar.open * 1.06, volume: 400_000 } : bar,
  )
}

/** A bot that has watched one stock since 10:30, on a clock that the test moves minute by minute. */
const setUp = async () => {
  const store = await memoryStore()
  const { source, state } = testSource({ now: FROM, historySessions: 8, bars: market })
  const now = () => state.now
  const directory = createDirectory('krx')
  const begin = () => openBarsMarket({ source, store, directory, log: silent, now })
  const channel = {
    channelId: 'c',
    guildId: 'g',
    locale: 'ko' as const,
    alertsPerDay: 200,
    numberSince: null,
    wasPerWeek: null,
    pausedReason: null,
  }
  await store.watches.saveSettings(channel)
  const { pipeline, read } = await begin()
  await pipeline.watching.watch({ symbol: SYMBOL, guildId: 'g', channelId: 'c', userId: null }, () => {})
  /** One pass a minute, a failing source's waits included. */
  const run = async (to: number, one = pipeline) => {
    while (state.now < to) {
      state.now += MINUTE
      await one.collectAndDetect(never)
    }
  }
  const signals = async () =>
    (await store.signals.history('test', SYMBOL, 10_000)).filter((signal) => signal.openTime >= FROM).toReversed()
  return { store, state, begin, run, signals, reader: read }
}

/** Signals of the two hours if nothing disturbs them. */
let calm: { signals: SignalRecord[]; peak: SignalRecord }
beforeAll(async () => {
  market = await withJump()
  const { run, signals } = await setUp()
  await run(TO)
  const found = await signals()
  const peak = found.toSorted((a, b) => b.score - a.score)[0]
  if (!peak) throw new Error('the jump at eleven was not found abnormal')
  calm = { signals: found, peak }
})

/** The source is away from the peak's minute on, for so many minutes. */
const outage = async (minutes: number) => {
  const world = await setUp()
  await world.run(calm.peak.openTime)
  world.state.fail = new RetryableError('away', { retryAfterMs: 0 })
  await world.run(calm.peak.openTime + minutes * MINUTE)
  expect((await world.signals()).some((signal) => signal.openTime >= calm.peak.openTime)).toBe(false)
  world.state.fail = null
  return world
}
const withoutLate = (signals: readonly SignalRecord[]) => signals.map((signal) => ({ ...signal, late: null }))

describe('an outage over an abnormal minute', () => {
  test('of five minutes: the minute is judged when it comes, marked late, and its alert is still posted', async () => {
    const { store, state, run, signals, reader } = await outage(5)
    await run(calm.peak.openTime + 10 * MINUTE)
    const peak = (await signals()).find((signal) => signal.openTime === calm.peak.openTime)
    expect(peak).toMatchObject({ late: true, score: calm.peak.score })
    expect(state.now - (calm.peak.openTime + MINUTE)).toBeLessThan(10 * MINUTE)
    const posts = await store.outbox.ofEpisode(peak?.episodeId ?? '')
    const alert = posts.find(({ kind, state: posted }) => kind === 'alert' && posted === 'pending')
    expect(alert && (await reader.alert(alert))?.late).toBe(true)
  })

  test('of fifteen minutes: the minute goes to history, marked late, and nothing is posted about it', async () => {
    const { store, run, signals } = await outage(15)
    await run(calm.peak.openTime + 20 * MINUTE)
    const found = await signals()
    expect(found.find((signal) => signal.openTime === calm.peak.openTime)).toMatchObject({
      late: true,
      score: calm.peak.score,
    })
    expect((await store.outbox.due(100)).filter((post) => post.openTime === calm.peak.openTime)).toEqual([])
    for (const signal of found) if (!signal.late) expect(signal.openTime).not.toBe(calm.peak.openTime)
  })

  test.for([5, 15, 45])(
    'of %i minutes leaves the same signals behind, in order, as if there had been none',
    async (minutes) => {
      const { run, signals, store } = await outage(minutes)
      await run(TO + 10 * MINUTE)
      const found = (await signals()).filter((signal) => signal.openTime < TO)
      expect(withoutLate(found)).toEqual(withoutLate(calm.signals))
      expect((await store.bars.coverage('test', SYMBOL))?.to).toBe(TO + 10 * MINUTE)
    },
  )

  test('through which the process was not running is filled by the next start in the same way', async () => {
    const world = await setUp()
    await world.run(calm.peak.openTime)
    world.state.now = calm.peak.openTime + 15 * MINUTE
    await world.run(TO, (await world.begin()).pipeline)
    const found = await world.signals()
    expect(withoutLate(found)).toEqual(withoutLate(calm.signals))
    const back = calm.peak.openTime + 16 * MINUTE
    for (const signal of found)
      if (signal.openTime >= calm.peak.openTime)
        expect(signal.late).toBe(signal.openTime < back && isLate(ageOf(signal.openTime, back)))
  })
})

import { expect, test } from 'vitest'
import { identifiedCenters } from '../../../src/model/detector/model.ts'
import { saveDetector } from '../../../src/model/detector/state.ts'
import type { Calendar } from '../../../src/model/time/session.ts'
import { backfill } from '../../../src/pipeline/bars/backfill.ts'
import { createDetection, DETECTOR } from '../../../src/pipeline/bars/detection.ts'
import { keepCenters } from '../../../src/pipeline/bars/market-pool.ts'
import { createObservedCalendar } from '../../../src/pipeline/calendar/observed.ts'
import { createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { at, memoryStore, silent, testSource, watchOf } from '../../support/market.ts'

const never = new AbortController().signal
/** A stock of the simulated market that trades in every minute. */
const SYMBOL = '990350'
const SURGES = [at('10:10', -4), at('13:20', -3), at('10:45'), at('11:40')]
const NOON = at('12:00')

/** A stock whose history is judged until noon, and its state stored. */
const judgedUntilNoon = async () => {
  const store = await memoryStore()
  const { source, state } = testSource({ now: NOON, surges: SURGES })
  const calendar = createObservedCalendar(source.calendar)
  /** A process that begins, on the same store or one that answers otherwise. */
  const begin = (options: { kept?: Store; calendar?: Calendar; settings?: typeof DETECTOR } = {}) => {
    const own = options.calendar ? createObservedCalendar(options.calendar) : calendar
    const settings = options.settings ?? DETECTOR
    const rereads = { calendar: own }
    const detection = createDetection({
      ...{ source, rereads, settings, log: silent, now: () => 1 },
      store: options.kept ?? store,
    })
    /** The SHA-256 that leads the bytes of the rolling state. */
    const hash = async (): Promise<string> => {
      const bytes = saveDetector(await detection.detector(SYMBOL), { symbol: SYMBOL, calendar: own, ...settings })
      return Buffer.from(bytes.subarray(0, 32)).toString('hex')
    }
    return { detection, hash }
  }
  await store.watches.add(watchOf(SYMBOL))
  const rereads = { calendar, from: () => null, traded: async () => {} }
  await backfill({ source, rereads, bars: store.bars }, SYMBOL, 8, () => {}, never)
  const { detection } = begin()
  await detection.run(SYMBOL)
  await detection.keepStates(never)

  /** Fetches what has closed by then, stores it, and has it judged. */
  const goOn = async ({ detection }: ReturnType<typeof begin>, to: number) => {
    const { to: from } = (await store.bars.coverage('test', SYMBOL))!
    state.now = to
    await store.bars.save('test', SYMBOL, await source.fetchBars(SYMBOL, { from, to }, never), { from, to })
    await detection.run(SYMBOL)
  }
  return { store, source, state, calendar, begin, goOn }
}

/** The same store, which notes where its bars are read from. */
const watched = (store: Store) => {
  const reads: number[] = []
  const range: Store['bars']['range'] = (series, symbol, interval) => {
    reads.push(interval.from)
    return store.bars.range(series, symbol, interval)
  }
  return { reads, kept: { ...store, bars: { ...store.bars, range } } }
}
const withoutStates = (store: Store): Store => ({ ...store, states: { ...store.states, get: async () => null } })

test('a restart goes on from the stored state: it reads no bar before it and is equal to the last bit', async () => {
  const { store, begin, goOn } = await judgedUntilNoon()
  const { reads, kept } = watched(store)
  const restarted = begin({ kept })
  const rebuilt = begin({ kept: withoutStates(store) })
  expect(await restarted.hash()).toBe(await rebuilt.hash())
  expect(reads).toEqual([])
  await goOn(restarted, at('12:30'))
  const again = begin({ kept: withoutStates(store) })
  expect(Math.min(...reads)).toBe(NOON)
  expect(await restarted.hash()).toBe(await again.hash())
  const day = [at('09:00'), at('12:30')] as const
  const usual = await again.detection.judged(SYMBOL, ...day)
  expect(await restarted.detection.besideUsual(SYMBOL, ...day)).toEqual(usual.map(({ bar, usual }) => ({ bar, usual })))
})

test('a state is stored after much has been judged, and again when it has grown', async () => {
  const { store, begin, goOn } = await judgedUntilNoon()
  const position = async () => (await store.states.get('test', SYMBOL))?.position
  expect(await position()).toBe(NOON)
  const process = begin()
  await goOn(process, at('12:10'))
  expect(await position()).toBe(NOON)
  await process.detection.keepStates(AbortSignal.abort())
  expect(await position()).toBe(NOON)
  await process.detection.keepStates(never)
  expect(await position()).toBe(at('12:10'))
})

type Parts = Awaited<ReturnType<typeof judgedUntilNoon>>
const corrected = async ({ store }: Parts, openTime: number) => {
  const [bar] = await store.bars.range('test', SYMBOL, { from: openTime, to: openTime + 60_000 })
  await store.bars.save('test', SYMBOL, [{ ...bar!, volume: bar!.volume + 1 }], {
    from: openTime,
    to: openTime + 60_000,
  })
}
const exchanged = async ({ store }: Parts, change: (bytes: Uint8Array) => Uint8Array) => {
  const state = (await store.states.get('test', SYMBOL))!
  const revision = await store.states.revision('test', SYMBOL)
  await store.states.save([{ ...state, bytes: change(state.bytes), revision }])
}
/** Weekdays, with a first trade at ten on one of them. */
const lateOn = (date: string): Calendar => {
  const plain = createWeekdayCalendar()
  const changed = <S extends { date: string; open: number } | null>(session: S): S =>
    session?.date === date ? { ...session, open: session.open + 3_600_000 } : session
  return {
    ...plain,
    sessionAt(time) {
      const session = changed(plain.sessionAt(time))
      return session && time >= session.open ? session : null
    },
    lastSession: (time) => changed(plain.lastSession(time)),
    nextSession: (time) => changed(plain.nextSession(time)),
  }
}

test.for<[string, (parts: Parts) => unknown, Parameters<Parts['begin']>[0]?]>([
  ['a bar was corrected', (parts) => corrected(parts, at('10:00', -3))],
  [
    'older bars came to it',
    async ({ store, source }) => {
      const { from } = (await store.bars.coverage('test', SYMBOL))!
      const older = { from: from - 86_400_000 * 3, to: from }
      await store.bars.save('test', SYMBOL, await source.fetchBars(SYMBOL, older, never), older)
    },
  ],
  ['a day before its end counts as closed', ({ calendar }) => calendar.close('2026-11-12')],
  ['the hours of a day are others', () => {}, { calendar: lateOn('2026-11-12') }],
  ['the detector has other settings', () => {}, { settings: { ...DETECTOR, warmupMinutes: 800 as never } }],
  ['its bytes are damaged', (parts) => exchanged(parts, (bytes) => bytes.with(500, 1 + bytes[500]!))],
  ['its bytes are cut off', (parts) => exchanged(parts, (bytes) => bytes.slice(0, 5_000))],
  [
    'centers were imported for its session',
    ({ store }) => {
      const surges = { '1': [0, 1, 2, 5], '15': [0, 1, 2, 5] }
      const centers = identifiedCenters({ cutoff: at('09:00'), importedAt: 1, origin: 'Spark', surges })
      return keepCenters(store.models, 'test', centers)
    },
  ],
])('a state is not used if %s: all bars are replayed', async ([, change, options]) => {
  const parts = await judgedUntilNoon()
  await change(parts)
  const { reads, kept } = watched(parts.store)
  const restarted = parts.begin({ ...options, kept })
  const rebuilt = parts.begin({ ...options, kept: withoutStates(parts.store) })
  expect(await restarted.hash()).toBe(await rebuilt.hash())
  expect(Math.min(...reads)).toBe((await parts.store.bars.coverage('test', SYMBOL))!.from)
})

test('a bar that is corrected after the state rewinds to the state alone', async () => {
  const parts = await judgedUntilNoon()
  const { reads, kept } = watched(parts.store)
  const process = parts.begin({ kept })
  await parts.goOn(process, at('12:30'))
  await corrected(parts, at('12:20'))
  reads.length = 0
  await process.detection.run(SYMBOL, at('12:20'))
  expect(Math.min(...reads)).toBe(NOON)
  expect(await process.hash()).toBe(await parts.begin({ kept: withoutStates(parts.store) }).hash())
})

test('a state whose bars another process has changed is built anew instead of stored', async () => {
  const parts = await judgedUntilNoon()
  const process = parts.begin()
  await parts.goOn(process, at('12:10'))
  await corrected(parts, at('11:00'))
  await process.detection.keepStates(never)
  const rebuilt = await parts.begin({ kept: withoutStates(parts.store) }).hash()
  expect(await process.hash()).toBe(rebuilt)
  expect(await parts.begin().hash()).toBe(rebuilt)
})

test('a stock with a model has learned, and nothing is read of its bars to say so', async () => {
  const { store, begin } = await judgedUntilNoon()
  const { reads, kept } = watched(withoutStates(store))
  const { detection } = begin({ kept })
  expect(await detection.learning(SYMBOL)).toBeNull()
  expect(reads).toEqual([])
  expect(await detection.learning('990110')).toEqual({ have: 0, need: 720 })
})

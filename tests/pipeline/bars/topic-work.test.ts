import { describe, expect, test } from 'vitest'
import { FencedError, RetryableError } from '../../../src/errors.ts'
import { type Bar, DAY, MINUTE } from '../../../src/model/time/bar.ts'
import { backfill } from '../../../src/pipeline/bars/backfill.ts'
import { createDetection, DETECTOR } from '../../../src/pipeline/bars/detection.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { createTopicWork } from '../../../src/pipeline/bars/topic-work.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { createFences } from '../../../src/pipeline/topic/fences.ts'
import { type Piece, toMessage } from '../../../src/pipeline/topic/message.ts'
import type { Received } from '../../../src/pipeline/topic/subscription.ts'
import { at, memoryStore, silent, testSource, watchOf } from '../../support/market.ts'

const never = new AbortController().signal
/** A stock of the simulated market that trades in every minute. */
const SYMBOL = '990350'
const SURGES = [at('10:10', -4), at('13:20', -3), at('10:37'), at('10:45'), at('11:10')]
const START = at('10:30')
const END = at('11:20')

/** A store with a past, the minutes that follow, and detectors that share it. */
const setUp = async () => {
  const store = await memoryStore()
  const { source, state } = testSource({ now: START, surges: SURGES })
  const days = await openClosedDays({ source, store, log: silent })
  const rereads = createRereads({ days })
  await store.watches.add(watchOf(SYMBOL))
  await backfill({ source, rereads, bars: store.bars }, SYMBOL, 6, () => {}, never)
  state.now = END
  const bars = await source.fetchBars(SYMBOL, { from: START, to: END }, never)
  const parts = { source, rereads, settings: DETECTOR, log: silent, now: () => 1 }

  const detector = (holder: string, kept: Store = store) => {
    const fences = createFences({ leases: store.leases, topic: 'minutes', holder, hash: () => 0 })
    const training = {
      leads: async () => false,
      watched: async () => [],
      poolDone: async () => {},
      isPoolDone: async () => true,
    }
    const detection = createDetection({ ...parts, store: kept, shared: { fenceOf: fences.of, training } })
    return createTopicWork({
      ...{ series: 'test', calendar: days.calendar, store: kept, detection, fences, log: silent, now: () => 1 },
      fallbackSymbol: null,
    })
  }
  /** Judges all of it as one process does. */
  const judgeAlone = async () => {
    await collect(bars)
    await createDetection({ ...parts, store }).run(SYMBOL)
    return everything(store)
  }
  /** Stores minutes as a collector does before it publishes them. */
  const collect = (some: readonly Bar[]) =>
    store.bars.save('test', SYMBOL, some, { from: some[0]!.openTime, to: some.at(-1)!.openTime + MINUTE })
  /** Three days before the past, and what they cover. */
  const older = async () => {
    const { from: to = 0 } = (await store.bars.coverage('test', SYMBOL)) ?? {}
    const covered = { from: to - 3 * DAY, to }
    return [await source.fetchBars(SYMBOL, covered, never), covered] as const
  }
  return { store, bars, detector, judgeAlone, collect, older }
}

const everything = async (store: Store) => ({
  signals: await store.signals.history('test', SYMBOL, 10_000),
  episodes: await store.signals.episodes('test', SYMBOL, 10_000),
  models: (await store.models.latest('test', SYMBOL, 10_000)).map(({ id, cutoff, snapshot }) => [id, cutoff, snapshot]),
  judgedUntil: await store.signals.judgedUntil('test', SYMBOL),
})

const received = (piece: Piece): Received => ({ ...toMessage(piece), partition: 0 })
const ofMinute = (bar: Bar, more: Partial<Piece> = {}): Received =>
  received({
    ...{ series: 'test', symbol: bar.symbol, covered: { from: bar.openTime, to: bar.openTime + MINUTE }, bar },
    again: null,
    ...more,
  })
/** A bar as the old system's Logstash publishes it. */
const opt10080 = ({ symbol, openTime, open, high, low, close, volume }: Bar): Received => ({
  partition: 0,
  key: Buffer.alloc(0),
  headers: new Map(),
  value: Buffer.from(
    JSON.stringify({
      체결시간: new Date(openTime + 9 * 60 * MINUTE).toISOString().replaceAll(/\D/g, '').slice(0, 14),
      ...{
        현재가: `-${close}`,
        시가: `+${open}`,
        고가: `${high}`,
        저가: `${low}`,
        거래량: `${volume}`,
        종목코드: symbol,
      },
    }),
  ),
})
const between = (bars: readonly Bar[], from: string, to: string) =>
  bars.filter(({ openTime }) => openTime >= at(from) && openTime < at(to))
const minutesOf = (bars: readonly Pick<Bar, 'openTime'>[]) => bars.map(({ openTime }) => openTime)

const alone = await (await setUp()).judgeAlone()

describe('minutes of a collector', () => {
  test('come one by one, and are judged to the last bit as by one process', async () => {
    const { store, bars, detector, collect } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    for (const bar of bars) {
      await collect([bar])
      await work.handle([ofMinute(bar)])
    }
    expect(alone.signals.length).toBeGreaterThan(3)
    expect(await everything(store)).toEqual(alone)
  })

  test('come many at once, with stretches in which nothing was traded, and are judged the same', async () => {
    const { store, bars, detector, collect } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    await work.handle([])
    for (let from = 0; from < bars.length; from += 7) {
      const some = bars.slice(from, from + 7)
      await collect(some)
      const until = some.at(-1)!.openTime + MINUTE
      await work.handle([
        ...some.map((bar) => ofMinute(bar)),
        received({
          ...{ series: 'test', symbol: SYMBOL, bar: null, again: null },
          covered: { from: until, to: until },
        }),
      ])
    }
    expect(await everything(store)).toEqual(alone)
  })

  test('change nothing when they are delivered again, to the same process or to the next', async () => {
    const { store, bars, detector, collect } = await setUp()
    await collect(bars)
    const messages = bars.map((bar) => ofMinute(bar))
    for (const holder of ['a', 'a', 'b']) {
      const work = detector(holder)
      await work.assigned([0], 1)
      for (const some of [messages, messages.slice(-9), messages.slice(3, 8)]) await work.handle(some)
      expect(await everything(store)).toEqual(alone)
    }
  })

  test('that are missing from the topic are judged from the store', async () => {
    const { store, bars, detector, collect } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    await work.handle(between(bars, '10:30', '10:34').map((bar) => ofMinute(bar)))
    await collect(bars)
    await work.handle(between(bars, '10:30', '10:36').map((bar) => ofMinute(bar)))
    await work.handle(between(bars, '11:00', '11:02').map((bar) => ofMinute(bar)))
    expect(await everything(store)).toEqual(alone)
  })

  test('that were corrected are judged anew', async () => {
    const { store, bars, detector, collect } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    const surge = at('10:45')
    const wrong = bars.map((bar) => (bar.openTime === surge ? { ...bar, high: bar.close, volume: 1 } : bar))
    for (const bar of between(wrong, '10:30', '10:47')) {
      await collect([bar])
      await work.handle([ofMinute(bar)])
    }
    expect(minutesOf((await everything(store)).signals)).not.toContain(surge)
    await collect(between(bars, '10:45', '10:46'))
    const [next, ...rest] = between(bars, '10:47', '11:20')
    await collect([next!, ...rest])
    await work.handle([ofMinute(next!, { again: surge }), ...rest.map((bar) => ofMinute(bar))])
    const { signals, judgedUntil } = await everything(store)
    expect(signals).toEqual(alone.signals)
    expect(judgedUntil).toBe(END)
  })

  test('whose stock got an older history meanwhile are judged by it', async () => {
    const [{ store, bars, detector, collect, older }, other] = [await setUp(), await setUp()]
    await other.store.bars.save('test', SYMBOL, ...(await older()))
    const expected = await other.judgeAlone()
    const work = detector('a')
    await work.assigned([0], 1)
    for (const bar of bars) {
      await collect([bar])
      if (bar.openTime === START) await store.bars.save('test', SYMBOL, ...(await older()))
      await work.handle([ofMinute(bar, bar.openTime === START ? { again: START } : {})])
    }
    // The model of a session stays the one that was fitted first; the ranks are among all minutes of the history.
    const of = ({ signals }: typeof expected) =>
      signals
        .filter(({ openTime }) => openTime >= START)
        .map(({ openTime, score, rank, of }) => [openTime, score, rank, of])
    expect(of(expected)).not.toEqual(of(alone))
    expect(of(await everything(store))).toEqual(of(expected))
  })

  test('that are stored and were never published are judged when the partition is assigned', async () => {
    const { store, bars, detector, collect } = await setUp()
    await collect(bars)
    await detector('a').assigned([0], 1)
    await expect.poll(() => everything(store)).toEqual(alone)
  })

  test('of a partition that another process has are not judged when others are assigned', async () => {
    const { store, bars, detector, collect } = await setUp()
    await collect(bars)
    const work = detector('a')
    await work.assigned([1], 2)
    await expect(work.handle([ofMinute(bars[0]!)])).rejects.toThrow(FencedError)
    expect((await everything(store)).judgedUntil).toBeNull()
  })
})

describe('a database that is away for a moment', () => {
  /** The store, of which one commit fails when the test says so. */
  const failing = (store: Store) => {
    const state = { fails: false, failed: 0 }
    const commit: Store['signals']['commit'] = async (...steps) => {
      if (!state.fails) return store.signals.commit(...steps)
      state.failed++
      throw new RetryableError('the database does not answer')
    }
    return { state, kept: { ...store, signals: { ...store.signals, commit } } }
  }

  test('costs no signal of the messages that were in hand', async () => {
    const { store, bars, detector, collect } = await setUp()
    const { state, kept } = failing(store)
    const work = detector('a', kept)
    await work.assigned([0], 1)
    for (const bar of bars) {
      await collect([bar])
      state.fails = [at('10:37'), at('10:46')].includes(bar.openTime)
      if (state.fails) await expect(work.handle([ofMinute(bar)])).rejects.toThrow(RetryableError)
      state.fails = false
      await work.handle([ofMinute(bar)])
    }
    expect(await everything(store)).toEqual(alone)
  })

  test('while a partition is assigned costs no signal of what was stored before', async () => {
    const { store, bars, detector, collect } = await setUp()
    const { state, kept } = failing(store)
    const work = detector('a', kept)
    await collect(between(bars, '10:30', '11:00'))
    state.fails = true
    await work.assigned([0], 1)
    await expect.poll(() => state.failed).toBe(1)
    state.fails = false
    for (const bar of between(bars, '11:00', '11:20')) {
      await collect([bar])
      await work.handle([ofMinute(bar)])
    }
    expect(await everything(store)).toEqual(alone)
  })
})

describe('minutes of another program', () => {
  const kept = async (store: Store) =>
    (await store.bars.range('test', SYMBOL, { from: START, to: END })).map(({ receivedAt: _, ...bar }) => bar)
  const given = (bars: readonly Bar[]) => bars.map(({ receivedAt: _, ...bar }) => bar)

  test('come one by one, and are stored and judged as by one process', async () => {
    const { store, bars, detector } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    for (const bar of bars) await work.handle([opt10080(bar)])
    expect(await kept(store)).toEqual(given(bars))
    expect(await everything(store)).toEqual(alone)
  })

  test('come at once in any order and twice, and are stored and judged the same', async () => {
    const { store, bars, detector } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    const mixed = bars.toSorted((a, b) => (a.volume % 97) - (b.volume % 97))
    for (let again = 0; again < 2; again++) await work.handle([...mixed, ...mixed.toReversed()].map(opt10080))
    expect(await kept(store)).toEqual(given(bars))
    expect(await everything(store)).toEqual(alone)
  })

  test('come late, before others that have been judged, and every abnormal one is found', async () => {
    const { store, bars, detector } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    for (const [from, to] of [
      ['10:50', '11:20'],
      ['10:30', '10:40'],
      ['10:40', '11:00'],
    ] as const)
      await work.handle(between(bars, from, to).map(opt10080))
    expect(await kept(store)).toEqual(given(bars))
    const { signals, judgedUntil } = await everything(store)
    expect(judgedUntil).toBe(END)
    expect(minutesOf(signals)).toEqual(expect.arrayContaining(minutesOf(alone.signals)))
  })

  test('correct a minute that was stored before, which is judged anew', async () => {
    const { store, bars, detector } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    const surge = at('10:45')
    const wrong = bars.map((bar) => (bar.openTime === surge ? { ...bar, high: bar.close, volume: 1 } : bar))
    await work.handle(between(wrong, '10:30', '10:47').map(opt10080))
    expect(minutesOf((await everything(store)).signals)).not.toContain(surge)
    await work.handle(between(bars, '10:45', '11:20').map(opt10080))
    expect((await everything(store)).signals).toEqual(alone.signals)
    expect(await kept(store)).toEqual(given(bars))
  })

  test('of a stock that nobody has watched begin its history', async () => {
    const { store, bars, detector } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    await work.handle(bars.map((bar) => opt10080({ ...bar, symbol: '005930' })))
    expect(await store.bars.coverage('test', '005930')).toEqual({ from: START, to: END })
    expect(await store.signals.judgedUntil('test', '005930')).toBe(END)
  })
})

describe('messages that cannot be used', () => {
  const cases: readonly (readonly [string, (bar: Bar) => Received])[] = [
    ['no JSON', (bar) => ({ ...ofMinute(bar), headers: new Map(), value: Buffer.from('{') })],
    ['a later version of a collector', (bar) => ({ ...ofMinute(bar), headers: new Map([['schema', '2']]) })],
    ['a collector’s without its stretch', (bar) => ({ ...ofMinute(bar), headers: new Map([['schema', '1']]) })],
    ['another series', (bar) => ofMinute(bar, { series: 'elsewhere' })],
    ['another program’s outside the market hours', (bar) => opt10080({ ...bar, openTime: at('16:30') })],
    ['another program’s with a price that cannot be', (bar) => opt10080({ ...bar, low: bar.high + 1 })],
  ]
  test.for(cases)('%s: each is counted and passed over, and those around it are judged', async ([, unusable]) => {
    const { store, bars, detector, collect } = await setUp()
    const work = detector('a')
    await work.assigned([0], 1)
    await collect(bars)
    for (let again = 1; again <= 2; again++) {
      await work.handle([...bars.slice(0, 9).map((bar) => ofMinute(bar)), unusable(bars[9]!)])
      expect(work.passedOver()).toBe(again)
    }
    await work.handle(bars.slice(9).map((bar) => ofMinute(bar)))
    expect(await everything(store)).toEqual(alone)
    expect((await store.bars.coverage('test', SYMBOL))?.to).toBe(END)
  })
})

describe('after another process has claimed the partition', () => {
  const begin = async () => {
    const made = await setUp()
    const [work, other] = [made.detector('a'), made.detector('b')]
    await work.assigned([0], 1)
    const early = between(made.bars, '10:30', '10:44')
    const late = between(made.bars, '10:44', '11:20')
    return { ...made, work, other, early, late }
  }

  test('nothing more is stored, and after a new claim the same messages lose nothing', async () => {
    const { store, work, other, early, late, collect } = await begin()
    await collect([...early, ...late])
    await work.handle(early.map((bar) => ofMinute(bar)))
    await other.assigned([0], 1)
    await expect.poll(() => store.signals.judgedUntil('test', SYMBOL)).toBe(END)
    const before = await everything(store)
    await expect(work.handle(late.map((bar) => ofMinute(bar)))).rejects.toThrow(FencedError)
    expect(await everything(store)).toEqual(before)
    await work.assigned([0], 1)
    await work.handle(late.map((bar) => ofMinute(bar)))
    expect(await everything(store)).toEqual(alone)
  })

  test('the other goes on where the first stopped, though that had judged more than it could store', async () => {
    const { store, work, other, early, late, collect } = await begin()
    await collect(early)
    await work.handle(early.map((bar) => ofMinute(bar)))
    await other.assigned([0], 1)
    await collect(late)
    await expect(work.handle(late.map((bar) => ofMinute(bar)))).rejects.toThrow(FencedError)
    await other.handle(late.slice(0, 9).map((bar) => ofMinute(bar)))
    await work.assigned([0], 1)
    await expect(other.handle(late.map((bar) => ofMinute(bar)))).rejects.toThrow(FencedError)
    await work.handle(late.map((bar) => ofMinute(bar)))
    expect(await everything(store)).toEqual(alone)
  })

  test.for([
    ['that follow', 0],
    ['that were corrected', 20],
  ] as const)('minutes of another program %s are not stored', async ([, back]) => {
    const { store, work, other, bars } = await begin()
    const early = between(bars, '10:30', '11:00')
    await work.handle(early.map(opt10080))
    await other.assigned([0], 1)
    const stored = () => store.bars.range('test', SYMBOL, { from: START, to: END })
    const before = await stored()
    const next = bars.slice(early.length - back).map((bar) => ({ ...bar, volume: bar.volume + 1 }))
    await expect(work.handle(next.map(opt10080))).rejects.toThrow(FencedError)
    expect(await stored()).toEqual(before)
    await work.assigned([0], 1)
    await work.handle(next.map(opt10080))
    expect((await stored()).slice(-next.length).map(({ volume }) => volume)).toEqual(next.map(({ volume }) => volume))
    expect(await store.signals.judgedUntil('test', SYMBOL)).toBe(END)
  })
})

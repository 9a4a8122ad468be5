import { expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { type Bar, MINUTE } from '../../../src/model/time/bar.ts'
import { createBarsKeeper } from '../../../src/pipeline/bars/keeper.ts'
import { createPositions } from '../../../src/pipeline/bars/positions.ts'
import { createPublishing } from '../../../src/pipeline/bars/publishing.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import type { Stretch } from '../../../src/pipeline/topic/publisher.ts'
import { at, memoryStore, silent, testSource } from '../../support/market.ts'

const never = new AbortController().signal
/** A stock of the simulated market that trades in every minute, and one that does not. */
const BUSY = '990350'
const SPARSE = '990230'
const START = at('10:00')

/** A collector that writes down what it offers. */
const setUp = async () => {
  const store = await memoryStore()
  const { source, state } = testSource({ now: START, symbols: [BUSY, SPARSE] })
  const days = await openClosedDays({ source, store, log: silent })
  const offers: { symbol: string; stretch: Stretch }[] = []
  const begin = (kept: Store = store) => {
    const publisher = { offer: (symbol: string, stretch: Stretch) => void offers.push({ symbol, stretch }) }
    return createBarsKeeper({
      ...{ source, rereads: createRereads({ days }), store: kept, log: silent },
      positions: createPositions(kept, 'test'),
      detection: createPublishing({ series: 'test', store: kept, publisher }),
    })
  }
  /** Lets the clock run, with a pass in each minute. */
  const minutesUntil = async (keeper: ReturnType<typeof begin>, clock: string, symbols = [BUSY]) => {
    while (state.now < at(clock)) {
      state.now += MINUTE
      for (const symbol of symbols) await keeper.catchUp(symbol, never)
    }
  }
  const stretchesOf = (symbol: string) =>
    offers.filter((offer) => offer.symbol === symbol).map(({ stretch }) => stretch)
  /** The bars of the offers of a symbol, in the order of the offers. */
  const offered = async (symbol: string): Promise<Bar[]> => {
    const bars: Bar[] = []
    for (const { covered, bars: known } of stretchesOf(symbol))
      bars.push(...(known ?? (await store.bars.range('test', symbol, covered))))
    return bars
  }
  const stored = (symbol: string, from: number) =>
    store.bars.range('test', symbol, { from, to: Number.MAX_SAFE_INTEGER })
  return { store, source, state, offers, begin, minutesUntil, stretchesOf, offered, stored }
}

test('every bar that has closed since the start is stored and offered once, in order', async () => {
  const { begin, minutesUntil, offered, stored } = await setUp()
  await minutesUntil(begin(), '10:40', [BUSY, SPARSE])
  for (const symbol of [BUSY, SPARSE]) {
    const bars = await stored(symbol, at('10:01'))
    expect(bars.length).toBeGreaterThan(symbol === BUSY ? 38 : 5)
    expect(await offered(symbol)).toEqual(bars)
  }
})

test('minutes without a trade are offered too: each stretch follows on the one before', async () => {
  const { begin, minutesUntil, stretchesOf, stored } = await setUp()
  await minutesUntil(begin(), '10:40', [SPARSE])
  const stretches = stretchesOf(SPARSE)
  for (const [at, { covered }] of stretches.slice(1).entries()) expect(covered.from).toBe(stretches[at]?.covered.to)
  expect(stretches.at(-1)?.covered.to).toBe(at('10:40'))
  expect((await stored(SPARSE, at('10:01'))).length).toBeLessThan(39)
})

test('a bar is stored before it is offered', async () => {
  const { store, begin, state, offers } = await setUp()
  const keeper = begin()
  await keeper.catchUp(BUSY, never)
  const before = offers.length
  const failing = {
    ...store,
    bars: { ...store.bars, saveFresh: () => Promise.reject(new RetryableError('the database does not answer')) },
  }
  const cut = begin(failing)
  await cut.catchUp(BUSY, never)
  const begun = offers.length
  state.now += MINUTE
  await expect(cut.catchUp(BUSY, never)).rejects.toThrow('does not answer')
  expect(before).toBe(1)
  expect(offers).toHaveLength(begun)
})

test('minutes that could not be stored are stored and offered with the next pass, none missing and none twice', async () => {
  const { store, begin, state, offered, stored } = await setUp()
  const cut = { now: false }
  const saveFresh: Store['bars']['saveFresh'] = async (...given) => {
    if (cut.now) throw new RetryableError('the database does not answer')
    return store.bars.saveFresh(...given)
  }
  const keeper = begin({ ...store, bars: { ...store.bars, saveFresh } })
  await keeper.catchUp(BUSY, never)
  while (state.now < at('10:20')) {
    state.now += MINUTE
    cut.now = state.now >= at('10:08') && state.now < at('10:11')
    await keeper.catchUp(BUSY, never).catch((error: unknown) => expect(error).toBeInstanceOf(RetryableError))
  }
  expect(await stored(BUSY, at('10:00'))).toHaveLength(20)
  expect(await offered(BUSY)).toEqual(await stored(BUSY, at('10:00')))
})

test('the first pass over a stock offers its end alone, so that a detector reads its past from the store', async () => {
  const { begin, stretchesOf } = await setUp()
  await begin().catchUp(BUSY, never)
  expect(stretchesOf(BUSY)).toEqual([{ covered: { from: START, to: START }, bars: null, again: at('09:00') }])
})

test('after a restart a collector offers from where judging has stopped', async () => {
  const { store, state, begin, minutesUntil, offers, offered, stored } = await setUp()
  await minutesUntil(begin(), '10:30')
  const step = { series: 'test', symbol: BUSY, signals: [], episodes: [], posts: [], touched: [] }
  await store.signals.commit({ ...step, judgedUntil: at('10:12') })
  offers.length = 0
  state.now = at('10:34')
  await minutesUntil(begin(), '10:40')
  const bars = await stored(BUSY, at('10:12'))
  expect(bars).toHaveLength(28)
  expect(await offered(BUSY)).toEqual(bars)
})

test('a stock that nobody watched for a while is offered from where judging has stopped', async () => {
  const { store, begin, minutesUntil, offers, offered, stored } = await setUp()
  const keeper = begin()
  await minutesUntil(keeper, '10:30')
  const step = { series: 'test', symbol: BUSY, signals: [], episodes: [], posts: [], touched: [] }
  await store.signals.commit({ ...step, judgedUntil: at('10:25') })
  keeper.forget(BUSY)
  offers.length = 0
  await minutesUntil(keeper, '10:35')
  expect(await offered(BUSY)).toEqual(await stored(BUSY, at('10:25')))
})

test('a corrected bar is told with the minute from which all is judged again', async () => {
  const { source, begin, minutesUntil, stretchesOf, store } = await setUp()
  const keeper = begin()
  await minutesUntil(keeper, '10:20')
  const { fetchBars } = source
  source.fetchBars = async (...asked) =>
    (await fetchBars(...asked)).map((bar) => (bar.openTime === at('10:19') ? { ...bar, volume: 77_777 } : bar))
  await minutesUntil(keeper, '10:22')
  const [bar] = await store.bars.range('test', BUSY, { from: at('10:19'), to: at('10:20') })
  expect(bar?.volume).toBe(77_777)
  expect(stretchesOf(BUSY).slice(-2)).toMatchObject([
    { covered: { from: at('10:20'), to: at('10:21') }, again: at('10:19') },
    { covered: { from: at('10:21'), to: at('10:22') }, again: null },
  ])
})

test('history that another program adds to the series makes a detector read its past again, once', async () => {
  const { store, source, begin, minutesUntil, stretchesOf } = await setUp()
  const keeper = begin()
  await minutesUntil(keeper, '10:05')
  const { from } = (await store.bars.coverage('test', BUSY))!
  const older = { from: from - 3 * 86_400_000, to: from }
  await store.bars.save('test', BUSY, await source.fetchBars(BUSY, older, never), older)
  await minutesUntil(keeper, '10:40')
  const [, ...told] = stretchesOf(BUSY).filter(({ again }) => again !== null)
  expect(told).toHaveLength(1)
  expect(told[0]?.again).toBe(told[0]?.covered.from)
})

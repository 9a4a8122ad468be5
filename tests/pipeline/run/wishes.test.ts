import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RetryableError, UnknownSymbolError } from '../../../src/errors.ts'
import { openBarsMarket } from '../../../src/market.ts'
import { createWait, createWishes } from '../../../src/pipeline/run/wishes.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import type { Progress } from '../../../src/pipeline/views/views.ts'
import { at, memoryStore, silent, testSource, watchOf } from '../../support/market.ts'

const SYMBOL = '990350'
const UNLISTED = '123456'

// Only the clock of patience is held, so that a test may lose it at once.
beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

/** A collector, and a bot that waits for it, on one store. */
const setUp = async () => {
  const store = await memoryStore()
  const { source: plain, state } = testSource({ now: at('10:00'), historySessions: 4 })
  const gate = { until: Promise.resolve() }
  const fetchBars: typeof plain.fetchBars = async (symbol, interval, signal) => {
    if (state.asked.length > 0) await gate.until
    return plain.fetchBars(symbol, interval, signal)
  }
  const source = { ...plain, fetchBars }
  const directory = createDirectory('krx')
  const { pipeline } = await openBarsMarket({ source, store, directory, log: silent, now: () => state.now })
  const watched = new Set<string>()
  const collector = () => createWishes({ series: 'test', store, symbols: () => watched, pipeline })
  const watch = async (symbol: string, market: 'krx' | null = null) => {
    watched.add(symbol)
    await store.watches.add(watchOf(symbol, { market }))
  }
  const told: Progress[] = []
  const wait = (symbol: string) => createWait({ series: 'test', store })(symbol, (progress) => told.push(progress))
  const answer = (symbol = SYMBOL) => store.keyValues.get(`progress:test:${symbol}`)
  return { store, state, gate, collector, watch, watched, told, wait, answer }
}

test('a stock that a bot begins to watch is fetched at once, and the bot’s wait ends when it is judged', async () => {
  const { store, collector, watch, wait, answer } = await setUp()
  await watch(SYMBOL)
  const waiting = wait(SYMBOL)
  await collector()()
  await waiting
  expect(await store.signals.judgedUntil('test', SYMBOL)).toBe(at('10:00'))
  await expect.poll(() => answer()).toBeNull()
})

test('the bot hears how far the collector is', async () => {
  const { gate, collector, watch, told, wait } = await setUp()
  const { promise, resolve } = Promise.withResolvers<void>()
  gate.until = promise
  await watch(SYMBOL)
  const waiting = wait(SYMBOL)
  await collector()()
  await expect.poll(() => told[0]).toMatchObject({ phase: 'fetch', done: 1, total: 4 })
  resolve()
  await waiting
})

test('a fetched history that no detector has learned from yet is waited for', async () => {
  const { store, watch, told, wait } = await setUp()
  await watch(SYMBOL)
  await store.keyValues.set(`filled:test:${SYMBOL}`, 'now')
  const waiting = wait(SYMBOL)
  await expect.poll(() => told[0]).toEqual({ phase: 'train', bars: 0, done: 0, total: 1 })
  const step = { series: 'test', symbol: SYMBOL, signals: [], episodes: [], posts: [], touched: [] }
  await store.signals.commit({ ...step, judgedUntil: at('10:00') })
  await waiting
})

test('a stock that the source does not have ends the wait with that, and leaves no answer for the next one', async () => {
  const { collector, watch, wait, answer } = await setUp()
  await watch(UNLISTED)
  const waiting = wait(UNLISTED)
  const isUnknown = expect(waiting).rejects.toThrow(UnknownSymbolError)
  await collector()()
  await isUnknown
  expect(await answer(UNLISTED)).toBeNull()
})

test('a source that does not deliver is what the bot says when its patience ends', async () => {
  const { state, collector, watch, wait, answer } = await setUp()
  state.fail = new RetryableError('the exchange is away')
  await watch(SYMBOL)
  const waiting = wait(SYMBOL)
  const says = expect(waiting).rejects.toThrow(new RetryableError('the exchange is away'))
  await collector()()
  await expect.poll(() => answer()).toContain('away')
  const patience = setInterval(() => vi.advanceTimersByTime(21_000), 1_000)
  await says.finally(() => clearInterval(patience))
})

test('a bot that no collector answers says so', async () => {
  const { watch, wait } = await setUp()
  await watch(SYMBOL)
  const says = expect(wait(SYMBOL)).rejects.toThrow(/^no collector or detector answers; the watch is kept/)
  const patience = setInterval(() => vi.advanceTimersByTime(21_000), 100)
  await says.finally(() => clearInterval(patience))
})

test('a source that does not deliver is not asked again with every pass', async () => {
  const { state, gate, collector, watch, answer } = await setUp()
  state.fail = new RetryableError('the exchange is away')
  await watch(SYMBOL)
  const pass = collector()
  await pass()
  await expect.poll(() => answer()).toContain('away')
  state.fail = null
  gate.until = new Promise(() => {})
  for (let nth = 0; nth < 5; nth++) await pass()
  expect(state.asked).toEqual([])
  vi.advanceTimersByTime(11_000)
  await pass()
  await expect.poll(() => state.asked.length).toBe(1)
})

test('histories of a whole market’s stocks, and those fetched before, are left alone', async () => {
  const { store, state, collector, watch } = await setUp()
  await watch('990110', 'krx')
  await watch('990230')
  await store.keyValues.set('filled:test:990230', 'before')
  const pass = collector()
  await pass()
  await pass()
  expect(state.asked).toEqual([])
})

import { expect, test } from 'vitest'
import { RetryableError, UnknownSymbolError } from '../../../src/errors.ts'
import { openBarsMarket } from '../../../src/market.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { collect } from '../../../src/pipeline/bars/collect.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import { at, memoryStore, silent, testSource } from '../../support/market.ts'

const never = new AbortController().signal
const SYMBOLS = ['038530', '990110', '990230', '0001A0']

test('behind a clock that is faster than the passes each pass ends, and leaves everybody else their turn', async () => {
  const store = await memoryStore()
  const { source, state } = testSource({ now: at('10:00'), historySessions: 1 })
  const racing = { ...source, now: () => (state.now += 2 * MINUTE) }
  const now = () => state.now
  const directory = createDirectory('krx')
  const { pipeline } = await openBarsMarket({ source: racing, store, directory, log: silent, now })
  await pipeline.watching.watch({ symbol: '038530', guildId: 'g', channelId: 'c', userId: null }, () => {})
  let turns = 0
  const turn = setInterval(() => turns++, 0)
  for (let pass = 0; pass < 5; pass++) await pipeline.collectAndDetect(never)
  clearInterval(turn)
  expect(turns).toBeGreaterThan(0)
  expect(state.now).toBeLessThan(at('15:00'))
  expect((await store.bars.coverage('test', '038530'))?.to).toBeGreaterThan(at('10:10'))
})

/** A source that keeps up with three stocks until the test lets it become slower. */
const setUp = async () => {
  const store = await memoryStore()
  const { source: plain, state } = testSource({ now: at('10:00'), historySessions: 1 })
  const capacity = { now: 3 }
  const source = Object.defineProperty({ ...plain }, 'capacity', { get: () => capacity.now })
  const now = () => state.now
  const directory = createDirectory('krx')
  const market = await openBarsMarket({ source, store, directory, log: silent, now })
  const begin = async () => (await openBarsMarket({ source, store, directory, log: silent, now })).pipeline
  const { pipeline, days } = market
  const watch = (symbol: string, channelId = 'c') =>
    pipeline.watching.watch({ symbol, guildId: 'g', channelId, userId: null }, () => {})
  const parts = { source, rereads: createRereads({ days }), bars: store.bars }
  return { store, parts, begin, pipeline, state, capacity, watch }
}

test('one stock more than the source keeps up with is turned away, and nothing of it is kept', async () => {
  const { store, watch } = await setUp()
  for (const symbol of SYMBOLS.slice(0, 3)) expect(await watch(symbol)).toEqual({ added: true })
  expect(await watch('0001A0')).toEqual({ full: { capacity: 3 } })
  expect(await watch('038530', 'another channel')).toEqual({ added: true })
  expect(await store.watches.symbols('test')).toEqual(['038530', '990110', '990230'])
})

test('a stock that is watched already is watched by another channel without waiting for its passes', async () => {
  const { store, pipeline, state, watch } = await setUp()
  await watch('038530')
  state.now = at('10:20')
  expect(await watch('038530', 'another channel')).toEqual({ added: true })
  expect((await store.bars.coverage('test', '038530'))?.to).toBe(at('10:00'))
  await pipeline.collectAndDetect(never)
  expect((await store.bars.coverage('test', '038530'))?.to).toBe(at('10:20'))
})

test('an orderly end stores the rolling states of minutes that were judged since', async () => {
  const { store, pipeline, state, watch } = await setUp()
  for (const symbol of ['038530', '990110']) await watch(symbol)
  state.now = at('10:20')
  await pipeline.collectAndDetect(never)
  await pipeline.stop()
  for (const symbol of ['038530', '990110'])
    expect((await store.states.get('test', symbol))?.position).toBe(at('10:20'))
})

test('a stock whose source hangs holds up no other, and catches up when it answers', async () => {
  const store = await memoryStore()
  const { source: plain, state } = testSource({ now: at('10:00'), historySessions: 1 })
  const gate = { until: null as Promise<void> | null }
  const fetchBars: typeof plain.fetchBars = async (symbol, interval, signal) => {
    if (symbol === '038530') await gate.until
    return plain.fetchBars(symbol, interval, signal)
  }
  const source = { ...plain, fetchBars }
  const now = () => state.now
  const directory = createDirectory('krx')
  const { pipeline } = await openBarsMarket({ source, store, directory, log: silent, now, passMs: 50 })
  for (const symbol of ['038530', '990110'])
    await pipeline.watching.watch({ symbol, guildId: 'g', channelId: 'c', userId: null }, () => {})
  const answered = Promise.withResolvers<void>()
  gate.until = answered.promise
  const judged = (symbol: string) => store.signals.judgedUntil('test', symbol)
  const afterPass = async (symbol: string) => {
    await pipeline.collectAndDetect(never)
    return judged(symbol)
  }
  for (const minute of ['10:02', '10:03', '10:04']) {
    state.now = at(minute)
    // A slow machine takes more than one pass for it.
    await expect.poll(() => afterPass('990110')).toBe(at(minute))
  }
  expect(await judged('038530')).toBe(at('10:00'))
  answered.resolve()
  await expect.poll(() => judged('038530')).toBe(at('10:02'))
  await expect.poll(() => afterPass('038530')).toBe(at('10:04'))
})

test('a source that becomes slower than what is watched is trouble, until something is unwatched', async () => {
  const { pipeline, capacity, watch } = await setUp()
  for (const symbol of SYMBOLS.slice(0, 3)) await watch(symbol)
  await pipeline.collectAndDetect(never)
  expect(pipeline.trouble()).toBeNull()
  capacity.now = 2
  await pipeline.collectAndDetect(never)
  expect(pipeline.trouble()).toBe(
    '3 stocks are watched and test keeps up with 2: minutes come late until some are unwatched',
  )
  await pipeline.watching.unwatch('c', '990230')
  await pipeline.collectAndDetect(never)
  expect(pipeline.trouble()).toBeNull()
})

test('the trouble of a stock ends when nobody watches it any more', async () => {
  const { pipeline, state, watch } = await setUp()
  for (const symbol of SYMBOLS.slice(0, 2)) await watch(symbol)
  state.fail = new RetryableError('the venue does not answer')
  state.now += MINUTE
  await pipeline.collectAndDetect(never)
  state.fail = null
  expect(pipeline.trouble()).toBe('the venue does not answer')
  await pipeline.watching.forgetChannel('c')
  await watch('990230')
  await pipeline.collectAndDetect(never)
  expect(pipeline.trouble()).toBeNull()
})

test('a stock that is gone is no trouble of the operator, who cannot bring it back', async () => {
  const { pipeline, state, watch } = await setUp()
  await watch('038530')
  state.fail = new UnknownSymbolError('038530')
  state.now += MINUTE
  await pipeline.collectAndDetect(never)
  expect(pipeline.trouble()).toBeNull()
})

test('what was kept and not judged before a stop is judged after the next start, the market closed or not', async () => {
  const { store, parts, begin, state, watch } = await setUp()
  await watch('038530')
  state.now = at('15:34')
  await collect(parts, '038530', never)
  expect(await store.signals.judgedUntil('test', '038530')).toBe(at('10:00'))
  state.now = at('20:00')
  await (await begin()).collectAndDetect(never)
  expect(await store.signals.judgedUntil('test', '038530')).toBe(at('15:34'))
})

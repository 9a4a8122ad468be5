import { expect, test } from 'vitest'
import { openBarsMarket } from '../../../src/market.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import type { Listing } from '../../../src/pipeline/store/records.ts'
import { at, memoryStore, silent, testSource } from '../../support/market.ts'

const never = new AbortController().signal
const listing = (symbol: string, market: string): Listing => ({
  symbol,
  name: symbol,
  nameEn: null,
  market,
  warnings: [],
  nxtTradable: null,
})
const KOSDAQ = ['038530', '990110', '990230'].map((symbol) => listing(symbol, 'KOSDAQ'))
const KOSPI = [listing('990350', 'KOSPI')]

const setUp = async (capacity = 10) => {
  const store = await memoryStore()
  const { source: plain, state } = testSource({ now: at('10:00'), historySessions: 1 })
  const followed: string[][] = []
  const source = { ...plain, capacity, follow: (symbols: readonly string[]) => void followed.push([...symbols]) }
  const directory = createDirectory('krx')
  directory.replace([...KOSDAQ, ...KOSPI])
  const { pipeline, read } = await openBarsMarket({ source, store, directory, log: silent, now: () => state.now })
  const { watching } = pipeline
  const request = { guildId: 'g', channelId: 'c', userId: 'u' }
  const symbols = () => store.watches.symbols('test')
  return { store, state, source, directory, pipeline, read, watching, request, symbols, followed }
}

test('watching a market answers at once, follows its stocks, and the passes learn them', async () => {
  const { watching, request, symbols, followed, pipeline, read, store } = await setUp()
  expect(await watching.watchMarket({ ...request, market: 'kosdaq' })).toEqual({ added: true, stocks: 3 })
  expect(await watching.watchMarket({ ...request, market: 'kosdaq' })).toEqual({ added: false, stocks: 3 })
  expect(await symbols()).toEqual(['038530', '990110', '990230'])
  expect(followed.at(-1)).toEqual(['038530', '990110', '990230'])
  await pipeline.collectAndDetect(never)
  await expect.poll(() => store.signals.judgedUntil('test', '990230')).not.toBeNull()
  expect(await read.watchedMarkets('c')).toEqual([{ market: 'kosdaq', stocks: 3 }])
  expect(await read.watchlist('c')).toEqual([])
})

test('a stock that is listed or delisted later follows, one that was asked for by itself stays', async () => {
  const { watching, request, symbols, directory, pipeline } = await setUp()
  await watching.watch({ ...request, symbol: '990350' }, () => {})
  await watching.watchMarket({ ...request, market: 'krx' })
  expect(await symbols()).toEqual(['038530', '990110', '990230', '990350'])
  directory.replace([...KOSDAQ.slice(1), listing('0001A0', 'KOSDAQ')])
  await pipeline.followListings()
  expect(await symbols()).toEqual(['0001A0', '990110', '990230', '990350'])
  expect(await watching.unwatchMarket('c', 'krx')).toBe(true)
  expect(await watching.unwatchMarket('c', 'krx')).toBe(false)
  expect(await symbols()).toEqual(['990350'])
})

test('a list that cannot be read takes nothing away', async () => {
  const { watching, request, symbols, directory, pipeline } = await setUp()
  await watching.watchMarket({ ...request, market: 'kospi' })
  directory.replace([])
  await pipeline.followListings()
  expect(await symbols()).toEqual(['990350'])
})

test('a market beyond the capacity is refused whole, and one without stocks here too', async () => {
  const { watching, request, symbols, directory, store } = await setUp(3)
  await watching.watch({ ...request, symbol: '990350' }, () => {})
  expect(await watching.watchMarket({ ...request, market: 'kosdaq' })).toEqual({ full: { capacity: 3, stocks: 3 } })
  expect(await symbols()).toEqual(['990350'])
  directory.replace(KOSPI)
  expect(await watching.watchMarket({ ...request, market: 'kosdaq' })).toEqual({ unlisted: true })
  expect(await store.watches.markets('test')).toEqual([])
})

test('new listings beyond the capacity are left out until there is room', async () => {
  const { watching, request, symbols, directory, pipeline } = await setUp(4)
  await watching.watchMarket({ ...request, market: 'kosdaq' })
  directory.replace([...KOSDAQ, listing('0001A0', 'KOSDAQ'), listing('990360', 'KOSDAQ')])
  await pipeline.followListings()
  expect(await symbols()).toHaveLength(4)
})

test('a channel that is gone takes its market with it', async () => {
  const { watching, request, symbols, store, pipeline } = await setUp()
  await watching.watchMarket({ ...request, market: 'kosdaq' })
  await watching.forgetChannel('c')
  await pipeline.followListings()
  expect(await symbols()).toEqual([])
  expect(await store.watches.markets('test')).toEqual([])
})

import type { Source } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { Listing, MarketName, MarketWatchRecord } from '../store/records.ts'
import type { Directory } from './directory.ts'

/** Segments of the exchange, as listings name them. */
const SEGMENTS: Readonly<Record<MarketName, readonly string[]>> = {
  kospi: ['KOSPI'],
  kosdaq: ['KOSDAQ'],
  krx: ['KOSPI', 'KOSDAQ'],
}

/** Watches of whole markets: each channel's watches of stocks follow the listings. */
export interface MarketWatches {
  /** Stocks of a market that the source lists. */
  stocksOf(market: MarketName): readonly Listing[]
  /** Symbols that would be watched, together with all that are watched now. */
  symbolsWith(market: MarketName): Promise<ReadonlySet<string>>
  /** Begins a market's watch and those of its stocks. Returns false if the channel watched the market already. */
  add(watch: Omit<MarketWatchRecord, 'series' | 'addedAt'>): Promise<boolean>
  /** Brings the watches of stocks up to date with the listings, as far as the source keeps up. */
  followListings(): Promise<void>
}

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'capacity' | 'now'>
  readonly store: Pick<Store, 'watches'>
  readonly directory: Pick<Directory, 'all' | 'get'>
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
}

export const createMarketWatches = ({ source, store, directory, now }: Dependencies): MarketWatches => {
  const { series } = source
  const stocksOf = (market: MarketName) =>
    directory.all().filter((listing) => SEGMENTS[market].includes(listing.market))
  const symbolsOf = (market: MarketName) => stocksOf(market).map(({ symbol }) => symbol)

  const addStocks = async (watch: Omit<MarketWatchRecord, 'series' | 'addedAt'>, symbols: readonly string[]) => {
    const times = { addedAt: now(), since: source.now() }
    await store.watches.addAll(symbols.map((symbol) => ({ series, symbol, ...watch, ...times })))
  }

  return {
    stocksOf,
    async symbolsWith(market) {
      return new Set([...(await store.watches.symbols(series)), ...symbolsOf(market)])
    },
    async add(watch) {
      const added = await store.watches.addMarket({ series, addedAt: now(), ...watch })
      await addStocks(watch, symbolsOf(watch.market))
      return added
    },
    async followListings() {
      const markets = await store.watches.markets(series)
      if (markets.length === 0 || directory.all().length === 0) return
      const watched = new Set(await store.watches.symbols(series))
      await store.watches.removeListed(
        series,
        [...watched].filter((symbol) => directory.get(symbol) === null),
      )
      for (const { market, guildId, channelId, addedBy } of markets) {
        const symbols = symbolsOf(market)
        for (const symbol of symbols) if (watched.size < source.capacity) watched.add(symbol)
        await addStocks(
          { market, guildId, channelId, addedBy },
          symbols.filter((symbol) => watched.has(symbol)),
        )
      }
    },
  }
}

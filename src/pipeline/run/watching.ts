import { defaultSettings } from '../episodes/default-settings.ts'
import type { Source } from '../sources/source.ts'
import type { MarketWatches } from '../stocks/market-watches.ts'
import type { Store } from '../store/contract.ts'
import type { Progress, Watching } from '../views/views.ts'
import { createHistoryFetched } from './history-fetched.ts'

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'capacity' | 'now'>
  readonly store: Pick<Store, 'watches' | 'keyValues'>
  readonly markets: MarketWatches
  /** Resolves once the symbol's history has been fetched and learned from. */
  readonly fill: (symbol: string, onProgress: (progress: Progress) => void) => Promise<void>
  /** Called after every change of the watches. */
  readonly changed: () => Promise<void>
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
}

/** Changes what channels follow. */
export const createWatching = ({ source, store, markets, fill, changed, now }: Dependencies): Watching => {
  const { series } = source
  const isHistoryFetched = createHistoryFetched(store.keyValues, series)

  const ensureSettings = async (channelId: string, guildId: string, locale: 'ko' | 'en' = 'en'): Promise<void> => {
    if ((await store.watches.settings(channelId)) === null)
      await store.watches.saveSettings(defaultSettings(channelId, guildId, locale))
  }
  const andChanged = async <T>(change: Promise<T>): Promise<T> => {
    const result = await change
    await changed()
    return result
  }

  return {
    async watch(request, onProgress) {
      const { symbol, guildId, channelId, userId, locale, since = source.now() } = request
      const watched = await store.watches.symbols(series)
      if (!watched.includes(symbol) && watched.length >= source.capacity) return { full: { capacity: source.capacity } }
      await ensureSettings(channelId, guildId, locale)
      const watch = { series, symbol, guildId, channelId, addedBy: userId, addedAt: now(), since }
      const added = await andChanged(store.watches.add(watch))
      // A stock that is watched already is brought up to date by the passes.
      if (!watched.includes(symbol) || !(await isHistoryFetched(symbol))) await fill(symbol, onProgress)
      return { added }
    },
    async watchMarket({ market, guildId, channelId, userId, locale }) {
      const stocks = markets.stocksOf(market).length
      if (stocks === 0) return { unlisted: true }
      if ((await markets.symbolsWith(market)).size > source.capacity)
        return { full: { capacity: source.capacity, stocks } }
      await ensureSettings(channelId, guildId, locale)
      const added = await andChanged(markets.add({ market, guildId, channelId, addedBy: userId }))
      return { added, stocks }
    },
    async unwatchMarket(channelId, market) {
      const removed = await store.watches.removeMarket(series, channelId, market)
      // A stock of another market's watch that overlaps with this one's is watched again.
      if (removed) await markets.followListings()
      await changed()
      return removed
    },
    unwatch: (channelId, symbol) => andChanged(store.watches.remove(series, channelId, symbol)),
    saveSettings: (settings) => store.watches.saveSettings(settings),
    async forgetChannel(channelId) {
      await andChanged(store.watches.removeChannel(channelId))
    },
    async forgetGuild(guildId) {
      await andChanged(store.watches.removeGuild(guildId))
    },
  }
}

import type { Charts } from '../../src/bot/charts/charts.ts'
import { createLog } from '../../src/log.ts'
import type { ChannelSettings, Listing } from '../../src/pipeline/store/records.ts'
import type { Progress, Read, Resolved, Watching } from '../../src/pipeline/views/views.ts'
import {
  alertView,
  centersView,
  chartView,
  historyView,
  MINUTE_OF_ALERT,
  stock,
  summaryView,
  watchlistEntry,
} from './views.ts'

export const silent = createLog('silent')

/** One grey pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==',
  'base64',
)
export const charts: Charts = { png: async () => PIXEL }

const LISTINGS: readonly Listing[] = [
  stock.listing,
  { symbol: '005930', name: '삼성전자', nameEn: 'Samsung Elec', market: 'KOSPI', warnings: [], nxtTradable: null },
]

/** The pipeline's read side with fixed answers, some of which a test may replace. */
export const readStub = (answers: Partial<Read> = {}): Read => ({
  now: () => MINUTE_OF_ALERT + 90_000,
  resolve: async (text): Promise<Resolved> => {
    const listing = LISTINGS.find(({ symbol, name }) => symbol === text.trim() || name === text.trim())
    if (listing) return { kind: 'found', listing }
    return /^\d{6}$/.test(text) ? { kind: 'unknown', suggestions: LISTINGS } : { kind: 'malformed', suggestions: [] }
  },
  suggest: (text, limit) =>
    LISTINGS.filter(({ symbol, name }) => symbol.includes(text) || name.includes(text)).slice(0, limit),
  summary: async () => summaryView,
  centers: async (_symbol, k, features) => ({ ...centersView, k, features, judging: features === 'model' }),
  history: async () => historyView,
  chart: async () => chartView,
  watchlist: async () => [watchlistEntry],
  watchedMarkets: async () => [],
  channelNumber: async () => ({ stocks: 1, expected: 0.6, most: 18, realised: null }),
  settings: async (channelId, guildId) => settingsOf(channelId, guildId),
  alert: async () => alertView,
  ...answers,
})

export const settingsOf = (channelId: string, guildId: string): ChannelSettings => ({
  channelId,
  guildId,
  locale: 'ko',
  alertsPerDay: 6,
  numberSince: null,
  wasPerWeek: null,
  pausedReason: null,
})

/** Records the calls that it gets. */
export interface WatchingStub extends Watching {
  readonly watched: {
    symbol: string
    channelId: string
    guildId: string
    userId: string | null
    locale?: 'ko' | 'en'
  }[]
  readonly saved: ChannelSettings[]
  readonly forgotten: string[]
}

export const watchingStub = (answers: Partial<Watching> = {}, steps: readonly Progress[] = []): WatchingStub => {
  const watched: WatchingStub['watched'] = []
  const saved: ChannelSettings[] = []
  const forgotten: string[] = []
  return {
    watched,
    saved,
    forgotten,
    watch: async (request, onProgress) => {
      watched.push(request)
      for (const step of steps) onProgress(step)
      return { added: true }
    },
    unwatch: async (_channelId, symbol) => symbol === '038530',
    watchMarket: async () => ({ added: true, stocks: 1_700 }),
    unwatchMarket: async (_channelId, market) => market === 'kosdaq',
    saveSettings: async (settings) => void saved.push(settings),
    forgetChannel: async (id) => void forgotten.push(id),
    forgetGuild: async (id) => void forgotten.push(id),
    ...answers,
  }
}

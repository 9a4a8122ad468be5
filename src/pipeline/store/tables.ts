import type {
  ChannelSettings,
  EpisodeRecord,
  Listing,
  MarketEvent,
  MarketWatchRecord,
  ModelRecord,
  PostRecord,
  SignalRecord,
  VolatilityInterruption,
  WatchRecord,
} from './records.ts'

/**
 * One schema for both engines. `queries.ts` turns these names into the database's own; bars have their own SQL in
 * `bars.ts`.
 */
export interface Tables {
  mwModels: ModelRecord
  mwSignals: Omit<SignalRecord, 'late'> & { readonly late: 0 | 1 } & Numbered
  mwEpisodes: EpisodeRecord & Numbered
  mwJudged: { readonly series: string; readonly symbol: string; readonly judgedUntil: number } & Numbered
  mwDecided: {
    readonly owner: string
    readonly series: string
    readonly symbol: string
    readonly revision: number
  }
  mwChanges: {
    readonly series: string
    readonly symbol: string
    readonly openTime: number
    readonly perPrice: number
    readonly perVolume: number
  }
  mwWatches: WatchRecord
  mwMarketWatches: MarketWatchRecord
  mwChannels: ChannelSettings
  mwPosts: PostRecord
  mwListings: Omit<Listing, 'warnings' | 'nxtTradable'> & {
    readonly series: string
    readonly position: number
    readonly warnings: string
    readonly nxtTradable: 0 | 1 | null
  }
  mwListingReads: { readonly series: string; readonly readAt: number }
  mwMarketEvents: MarketEventRow
  mwLeases: {
    readonly name: string
    readonly holder: string
    readonly generation: number
    readonly expiresAt: number
  }
  mwKeyValues: { readonly name: string; readonly value: string }
}

/** The number of the symbol's change that made the row what it is; null if it is older than these numbers. */
interface Numbered {
  readonly revision?: number | null | undefined
}

/**
 * Both kinds of market event in one shape: an interruption has the empty code, a state of the whole market the empty
 * symbol.
 */
export interface MarketEventRow {
  readonly series: string
  readonly symbol: string
  /** Start of the event by the exchange's clock, epoch ms. */
  readonly time: number
  readonly kind: MarketEvent['kind']
  readonly code: string
  readonly type: VolatilityInterruption['type']
  readonly triggerPrice: number | null
  readonly releasedAt: number | null
  readonly count: number | null
  readonly receivedAt: number
}

type Columns = { readonly [Name in keyof Tables]: readonly (keyof Tables[Name] & string)[] }

/** The columns that are read and written; other properties of an object are ignored. */
export const COLUMNS = {
  mwModels: ['series', 'symbol', 'id', 'cutoff', 'trainedAt', 'snapshot'],
  mwSignals: ['series', 'symbol', 'openTime', 'modelId', 'score', 'rank', 'of', 'judgement', 'episodeId', 'late'],
  mwEpisodes: ['id', 'series', 'symbol', 'start', 'last', 'peak', 'peakScore', 'signals', 'endedAt'],
  mwJudged: ['series', 'symbol', 'judgedUntil'],
  mwDecided: ['owner', 'series', 'symbol', 'revision'],
  mwChanges: ['series', 'symbol', 'openTime', 'perPrice', 'perVolume'],
  mwWatches: ['series', 'symbol', 'guildId', 'channelId', 'addedBy', 'addedAt', 'since', 'market'],
  mwMarketWatches: ['series', 'market', 'guildId', 'channelId', 'addedBy', 'addedAt'],
  mwChannels: ['channelId', 'guildId', 'locale', 'alertsPerDay', 'numberSince', 'wasPerWeek', 'pausedReason'],
  mwPosts: [
    ...([
      'id',
      'episodeId',
      'channelId',
      'guildId',
      'kind',
      'sequence',
      'state',
      'reason',
      'messageId',
      'nonce',
    ] as const),
    ...(['openTime', 'wantedRevision', 'shownRevision', 'createdAt', 'sentAt'] as const),
  ],
  mwListings: ['series', 'position', 'symbol', 'name', 'nameEn', 'market', 'warnings', 'nxtTradable'],
  mwListingReads: ['series', 'readAt'],
  mwMarketEvents: [
    'series',
    'symbol',
    'time',
    'kind',
    'code',
    'type',
    'triggerPrice',
    'releasedAt',
    'count',
    'receivedAt',
  ],
  mwLeases: ['name', 'holder', 'generation', 'expiresAt'],
  mwKeyValues: ['name', 'value'],
} as const satisfies Columns

/** The row of an object: its columns and nothing else. */
export const rowOf = <Name extends keyof Tables>(table: Name, from: Tables[Name]): Tables[Name] =>
  Object.fromEntries(
    COLUMNS[table].map((column) => [column, from[column as keyof Tables[Name]]]),
  ) as unknown as Tables[Name]

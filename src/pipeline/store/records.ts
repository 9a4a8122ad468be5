import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'

/** One stock as a source lists it. */
export interface Listing {
  readonly symbol: string
  /** Korean name, or the name that the source uses. */
  readonly name: string
  readonly nameEn: string | null
  /** Market segment: `KOSPI`, `KOSDAQ`, … */
  readonly market: string
  /** The exchange's own warnings in its own words (`투자경고`, `거래정지`, …). */
  readonly warnings: readonly string[]
  /** True if Nextrade (NXT) trades it too; null if the source does not say. */
  readonly nxtTradable: boolean | null
}

/** A stored model: `snapshot` is the model's own versioned JSON. */
export interface ModelRecord {
  readonly series: string
  /** A symbol, or `*` for the market's pooled model. */
  readonly symbol: string
  readonly id: string
  /** End of the history it learned from (exclusive): it may judge minutes from here on. */
  readonly cutoff: number
  readonly trainedAt: number
  readonly snapshot: string
}

/** A detector's rolling state after the stored bars of `[coveredFrom, position)`. */
export interface StateRecord {
  readonly series: string
  readonly symbol: string
  readonly coveredFrom: number
  readonly position: number
  /** A hash of the market's hours in that interval, by which the state counts its minutes. */
  readonly hours: string
  readonly bytes: Uint8Array
}

/** A minute that landed in an abnormal cluster. Key: (series, symbol, openTime, modelId). */
export interface SignalRecord {
  readonly series: string
  readonly symbol: string
  readonly openTime: number
  readonly modelId: string
  readonly score: number
  /** Rank 1 is the most unusual of `of` minutes; computed once, never again. */
  readonly rank: number
  readonly of: number
  /** The whole judgement as JSON: features, typical and actual values. */
  readonly judgement: string
  readonly episodeId: string
  /** True if it was judged minutes after it had closed, for example because its bar was filled in afterwards. */
  readonly late: boolean
}

/** Neighbouring signals of one symbol. */
export interface EpisodeRecord {
  readonly id: string
  readonly series: string
  readonly symbol: string
  readonly start: number
  /** `openTime` of its newest signal. */
  readonly last: number
  /** `openTime` and score of its most severe signal. */
  readonly peak: number
  readonly peakScore: number
  readonly signals: number
  /** Market time at which it was called over, or null while it goes on. */
  readonly endedAt: number | null
}

/** A row of the old system: percentages of price and volume of one minute. */
export interface StoredChange {
  readonly openTime: number
  readonly row: readonly [number, number]
}

/** One channel follows one symbol. */
export interface WatchRecord {
  readonly series: string
  readonly symbol: string
  readonly guildId: string
  readonly channelId: string
  /** Discord user id of the person who asked; null for the watches of the first start. */
  readonly addedBy: string | null
  readonly addedAt: number
  /** No alert for a minute before this one (market time). */
  readonly since: number
  /** The market whose watch it follows from; null if the stock itself was asked for. */
  readonly market?: MarketName | null | undefined
}

/** A market that can be watched whole: `krx` is KOSPI and KOSDAQ. */
export type MarketName = 'kospi' | 'kosdaq' | 'krx'

/** One channel watches every stock of a market, as listings come and go. */
export interface MarketWatchRecord {
  readonly series: string
  readonly market: MarketName
  readonly guildId: string
  readonly channelId: string
  /** Discord user id of the person who asked. */
  readonly addedBy: string | null
  readonly addedAt: number
}

/** A channel's choices. */
export interface ChannelSettings {
  readonly channelId: string
  readonly guildId: string
  readonly locale: 'ko' | 'en'
  /** Alerts a market day that the channel can bear, as a mean. */
  readonly alertsPerDay: number
  /** Market time from which that number holds; null for the default. */
  readonly numberSince: number | null
  /**
   * The number before the upgrade to alerts a channel: alerts a stock and week. Null once the channel has read about
   * it.
   */
  readonly wasPerWeek: number | null
  /** Reason for a pause in posting (a lost permission), or null. */
  readonly pausedReason: string | null
}

/** One message the bot owes a channel. Unique by (episodeId, channelId, kind, sequence). */
export interface PostRecord {
  readonly id: string
  readonly episodeId: string
  readonly channelId: string
  readonly guildId: string
  /** `alert` opens an episode, `rise` answers it when it grows clearly more severe. */
  readonly kind: 'alert' | 'rise'
  readonly sequence: number
  readonly state: 'pending' | 'sent' | 'dropped'
  /** Reason for dropping it: `budget`, `stale`, `muted`, `gone`, … */
  readonly reason: string | null
  readonly messageId: string | null
  /** ≤ 25 characters, the same for the same post for ever: Discord posts it once. */
  readonly nonce: string
  /** The minute the post is about. */
  readonly openTime: number
  /** Grows with every change of the episode; the message shows `shownRevision`. */
  readonly wantedRevision: number
  readonly shownRevision: number
  readonly createdAt: number
  readonly sentAt: number | null
}

/** Shards into which Discord divides a bot's guilds: guild `id` is in shard `(id >> 22) % count`. */
export interface Shards {
  /** Some or all of the shards, at least one; counted from 0. */
  readonly ids: readonly number[]
  readonly count: number
}

/** Bars of one symbol that are new or have changed, and the interval that its source has answered for. */
export interface FreshBars {
  readonly bars: readonly Bar[]
  readonly covered: Interval
}

/** Everything that one detect pass over one symbol decided. */
export interface DetectStep {
  readonly series: string
  readonly symbol: string
  readonly judgedUntil: number
  readonly signals: readonly SignalRecord[]
  /** Upserted: an episode grows and ends. */
  readonly episodes: readonly EpisodeRecord[]
  /** New posts owed. */
  readonly posts: readonly PostRecord[]
  /** Episodes whose posts (pending or sent) want one more revision. */
  readonly touched: readonly string[]
  /** The judged bars themselves, if they are not stored yet. */
  readonly fresh?: FreshBars
  /** The task under which it was made: if another process has claimed it since, the step is refused. */
  readonly fence?: Fence
}

/** One holder's turn at a task that goes from process to process. */
export interface Fence {
  readonly name: string
  readonly generation: number
}

/** The changes of one symbol's signals and episodes that an owner of channels has not decided about. */
export interface Undecided {
  readonly symbol: string
  /** Number of the newest change. */
  readonly revision: number
  /** Number up to which the owner has decided. */
  readonly decided: number
  /** Episodes with a change, each with all its signals, oldest first. */
  readonly episodes: readonly UndecidedEpisode[]
}

export interface UndecidedEpisode {
  readonly record: EpisodeRecord
  readonly signals: readonly SignalRecord[]
  /** `openTime` of the signals that are new to the owner. */
  readonly fresh: ReadonlySet<number>
}

/** Everything that one pass of an owner decided. */
export interface Decision {
  readonly series: string
  readonly owner: string
  /** The change of each symbol up to which it has now decided. */
  readonly decided: ReadonlyMap<string, number>
  /** New posts owed. */
  readonly posts: readonly PostRecord[]
  /** Ids of owed and sent posts that want one more revision. */
  readonly touched: readonly string[]
}

/**
 * A volatility interruption (VI): the exchange stops one stock's continuous trading for a call auction of two minutes.
 */
export interface VolatilityInterruption {
  readonly kind: 'vi'
  readonly symbol: string
  /**
   * The band that the price left: the one around the last auction's price (`static`), around the last trade
   * (`dynamic`), or both. Null if the exchange does not say.
   */
  readonly type: 'static' | 'dynamic' | 'both' | null
  readonly triggerPrice: number | null
  readonly triggeredAt: number
  /** Null until the release is received. */
  readonly releasedAt: number | null
  /** Number of this stock's interruptions today, this one included. */
  readonly count: number | null
  readonly receivedAt: number
}

/** A phase of the market's day, in the source's code: on Kiwoom `0` before the open, `3` open, letters for Nextrade. */
export interface MarketState {
  readonly kind: 'market'
  readonly code: string
  readonly at: number
  readonly receivedAt: number
}

/** An event of trading itself, as the exchange reports it; tells a halt from a silent feed. */
export type MarketEvent = VolatilityInterruption | MarketState

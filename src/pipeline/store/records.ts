/** One stock as a venue lists it. */
export interface Listing {
  readonly symbol: string
  /** Korean name, or whatever the venue calls it. */
  readonly name: string
  readonly nameEn: string | null
  /** Market segment: `KOSPI`, `KOSDAQ`, … */
  readonly market: string
  /** The exchange's own warnings in its own words (`투자경고`, `거래정지`, …). */
  readonly warnings: readonly string[]
  /** Whether Nextrade (NXT) trades it too; null when the source does not say. */
  readonly nxtTradable: boolean | null
}

/** A fitted model as kept: `snapshot` is the model's own versioned JSON. */
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

/** A minute that landed in an abnormal cluster. Key: (venue, symbol, openTime, modelId). */
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
  /** Judged minutes after its own had closed, as one that was filled in afterwards. */
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

/** One channel follows one symbol. */
export interface WatchRecord {
  readonly series: string
  readonly symbol: string
  readonly guildId: string
  readonly channelId: string
  /** Who asked, a Discord user id; `null` when the first start did. */
  readonly addedBy: string | null
  readonly addedAt: number
  /** No alert for a minute before this one (market time). */
  readonly since: number
}

/** What a channel wants. */
export interface ChannelSettings {
  readonly channelId: string
  readonly guildId: string
  readonly locale: 'ko' | 'en'
  /** Alerts a market day that the channel can bear, as a mean. */
  readonly alertsPerDay: number
  /** Market time from which that number holds; null for the default. */
  readonly numberSince: number | null
  /** What the number was before it was said per channel: alerts a stock and week. Null once the channel has been told. */
  readonly wasPerWeek: number | null
  /** Why posting is paused (permission lost), or null. */
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
  /** Why it was dropped: `budget`, `stale`, `muted`, `gone`, … */
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

/** What one detect pass over one symbol decided. */
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
}

/** A volatility interruption (VI): the exchange stops one stock's continuous trading for a call auction of two minutes. */
export interface VolatilityInterruption {
  readonly kind: 'vi'
  readonly symbol: string
  /** Which band the price left: that around the last auction's price (`static`), that around the last trade (`dynamic`), or both. Null when not told. */
  readonly type: 'static' | 'dynamic' | 'both' | null
  readonly triggerPrice: number | null
  readonly triggeredAt: number
  /** Null until the venue tells. */
  readonly releasedAt: number | null
  /** How many of this stock today, with this one. */
  readonly count: number | null
  readonly receivedAt: number
}

/** A step of the market's own day, as the venue's code: on Kiwoom `0` before the open, `3` open, letters for Nextrade. */
export interface MarketState {
  readonly kind: 'market'
  readonly code: string
  readonly at: number
  readonly receivedAt: number
}

/** What a venue says about trading itself: tells a halt from silence. */
export type MarketEvent = VolatilityInterruption | MarketState

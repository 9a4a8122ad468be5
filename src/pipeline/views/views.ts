/** The contract between bot and pipeline, types only: everything that a command or a post shows comes through here. */

import type { JudgedChange } from '../../model/changes/detector.ts'
import type { Judged } from '../../model/detector/judgement.ts'
import type { Bar } from '../../model/time/bar.ts'
import type { Provenance } from '../sources/source.ts'
import type {
  ChannelSettings,
  EpisodeRecord,
  Listing,
  MarketName,
  PostRecord,
  VolatilityInterruption,
} from '../store/records.ts'

/** A stock in the form that every answer and post uses. */
export interface Stock {
  readonly listing: Listing
  readonly series: string
  readonly provenance: Provenance
  /** Minutes east of UTC of the market's clock: every time a person reads is shown in it. */
  readonly utcOffsetMinutes: number
}

export type Resolved =
  | { readonly kind: 'found'; readonly listing: Listing }
  /** `malformed`: cannot be a code or a name here. `unknown`: looks right, is not listed. */
  | { readonly kind: 'malformed' | 'unknown'; readonly suggestions: readonly Listing[] }

/** Consecutive bars of a chart, oldest first, beside what was usual for each. */
export interface Span {
  readonly bars: readonly Bar[]
  /** One entry a bar; null while the stock was still being learned. */
  readonly usual: readonly (Usual | null)[]
}
export interface Usual {
  readonly volume: number
  /** The band of prices that is usual for the minute: previous close × exp(±2 typical moves). */
  readonly low: number
  readonly high: number
}

/** A judged minute beside its bar. */
export interface Unusual {
  readonly judged: Judged
  readonly bar: Bar
  /** True if a detector of an older version judged it, whose scores are on another scale. */
  readonly older?: boolean
}

/** The rest of an episode after the minute that its alert is about. */
export interface Since {
  /** From that minute's close to the close of the episode's newest signal. */
  readonly movePercent: number
  /** Number of signals after that minute. */
  readonly minutes: number
}

/** A volatility interruption that stopped trading at some time in what is shown. */
export interface Interruption extends VolatilityInterruption {
  /** False with no `releasedAt`: the interruption ended and its release was never received. */
  readonly ongoing: boolean
  /** True if it began on the market's present day. */
  readonly today: boolean
}

/** An alert made from bars. */
export interface AlertView {
  readonly kind: 'bars'
  readonly stock: Stock
  readonly episode: EpisodeRecord
  /** The minute that the post is about. */
  readonly minute: Unusual
  /** Null while no signal of the episode has followed that minute. */
  readonly since: Since | null
  readonly span: Span
  /** Start of each signal of the episode: the minutes to mark. */
  readonly marks: readonly number[]
  /** Oldest first. */
  readonly interruptions: readonly Interruption[]
  /** True if the minute was judged more than three minutes after it closed. */
  readonly late: boolean
}

/**
 * An alert made from the old system's rows: they hold no prices, so its picture is the clusters with the minute
 * starred.
 */
export interface ChangesAlertView {
  readonly kind: 'changes'
  readonly stock: Stock
  readonly episode: EpisodeRecord
  /** The minute that the post is about. */
  readonly judged: JudgedChange
  readonly centers: CentersView
  /** True if the minute was judged more than three minutes after it closed. */
  readonly late: boolean
}

/** Minutes of history that a stock has, and those it needs for its first model. */
export interface LearningProgress {
  readonly have: number
  readonly need: number
}

/** The answer to `/watch` for a stock with bars. */
export interface SummaryView {
  readonly kind: 'bars'
  readonly stock: Stock
  /** Number of stored bars, and of the sessions that they span. */
  readonly bars: number
  readonly sessions: number
  /** Start of the oldest bar, and end of what the source has answered for. */
  readonly from: number | null
  readonly until: number | null
  /** Null once the stock has a model. */
  readonly learning: LearningProgress | null
  /** Date of the last session with bars. */
  readonly session: string | null
  /** The most unusual minutes of that session, abnormal or not, the oddest first; at most three. */
  readonly unusual: readonly Unusual[]
  readonly span: Span
}

/** Takes the place of the clusters while the stock has too little history for a model. */
export interface LearningView {
  readonly kind: 'learning'
  readonly learning: LearningProgress
}

/** The answer to `/watch` for a stock of which only the old system's rows are known. */
export interface ChangesSummaryView {
  readonly kind: 'changes'
  readonly stock: Stock
  /** The clusters that judge its minutes. */
  readonly centers: CentersView | LearningView
}

/** The clusters of a stock's minutes, and the minutes as points of a plot. */
export interface CentersView {
  readonly kind: 'centers'
  readonly stock: Stock
  readonly k: number
  readonly features: 'model' | 'seed'
  /** True if the stock's new minutes are judged by these clusters. */
  readonly judging: boolean
  /**
   * Names of the two plotted features: the move in percent and the multiple of the usual volume, or the old system's
   * two.
   */
  readonly axes: readonly [string, string]
  readonly clusters: readonly {
    readonly size: number
    readonly abnormal: boolean
    readonly center: Readonly<Record<string, number>>
  }[]
  /** One point a minute. If there are many, some ordinary ones are left out, and none of the outer ones. */
  readonly points: readonly {
    readonly x: number
    readonly y: number
    readonly cluster: number
    readonly openTime: number
  }[]
  /** The minute in question, else the newest abnormal one, else the newest. */
  readonly star: { readonly x: number; readonly y: number; readonly cluster: number; readonly openTime: number } | null
  /** Number of minutes that the clusters were fitted to. */
  readonly rows: number
  /** The time up to which minutes were taken, and the time of the fit. */
  readonly cutoff: number
  readonly trainedAt: number
  /** One entry a horizon. Empty for the old system's features. */
  readonly thresholds: readonly {
    /** Length of the stretch. */
    readonly minutes: number
    /** The moves from which a stretch is abnormal. */
    readonly abnormal: Threshold
    /** The moves from which the asking channel gets an alert; null if no move is large enough today. */
    readonly alert: Threshold | null
  }[]
  /**
   * Minutes that a day without events would flag, from a seeded surrogate of the stock's own history; null if not
   * computed.
   */
  readonly noisePerSession: number | null
  readonly inertia: number
  /** The origin of the centers if they were imported for the whole market, and the time of the import (our clock). */
  readonly imported?: { readonly origin: string; readonly importedAt: number }
}

/** The smallest move (in percent, either way) at each multiple of the usual volume, ascending. */
export type Threshold = readonly { readonly multiple: number; readonly movePercent: number }[]

/** The fate of an episode's post in the asking channel. */
interface Posting {
  /** `none`: the channel was never owed a post about the episode. */
  readonly posted: 'sent' | 'pending' | 'dropped' | 'none'
  /** Null unless the post was dropped. */
  readonly reason: string | null
}

export interface HistoryView {
  readonly kind: 'bars'
  readonly stock: Stock
  /** Newest first. */
  readonly episodes: readonly (Posting & { readonly episode: EpisodeRecord; readonly minute: Unusual })[]
  /** The bars around the newest episode. */
  readonly span: Span
  /** Start of each signal of the newest episode. */
  readonly marks: readonly number[]
}

export interface ChangesHistoryView {
  readonly kind: 'changes'
  readonly stock: Stock
  /** Newest first. */
  readonly episodes: readonly (Posting & { readonly episode: EpisodeRecord; readonly judged: JudgedChange })[]
  /** The clusters that judged the newest episode, its minute starred; null without an episode. */
  readonly centers: CentersView | null
}

/** The answer to `/chart`. */
export interface ChartView {
  readonly stock: Stock
  /** Date of the session of the newest bar. */
  readonly session: string | null
  readonly span: Span
  /** Start of each signal among the minutes shown. */
  readonly marks: readonly number[]
  /** Oldest first. */
  readonly interruptions: readonly Interruption[]
}

/** A channel's number of alerts a day beside what came of it. */
export interface ChannelNumberView {
  readonly stocks: number
  /** Alerts a market day, as a mean; never more than `most`. */
  readonly expected: number
  readonly most: number
  /** The last finished sessions at this number, five at most: alerts a session. Null before the first. */
  readonly realised: { readonly sessions: number; readonly perDay: number } | null
}

export interface WatchlistEntry {
  readonly stock: Stock
  readonly addedAt: number
  readonly bars: number
  readonly last: Bar | null
  /** Null once the stock has a model. */
  readonly learning: LearningProgress | null
  readonly lastEpisode: EpisodeRecord | null
}

/** Answers questions; changes nothing. Symbols are those of `resolve`. */
export interface Read {
  /** The market's clock. */
  now(): number
  /** Finds the stock of a code or name; a source without a list of its stocks is asked. */
  resolve(text: string): Promise<Resolved>
  /** Finds stocks by code or name from memory, for autocomplete; best first. */
  suggest(text: string, limit: number): readonly Listing[]
  summary(symbol: string): Promise<SummaryView | ChangesSummaryView>
  centers(symbol: string, k: number, features: 'model' | 'seed', channelId: string): Promise<CentersView | LearningView>
  history(symbol: string, limit: number, channelId: string): Promise<HistoryView | ChangesHistoryView>
  /** The newest minutes. Null if the source has no prices. */
  chart(symbol: string, minutes: number): Promise<ChartView | null>
  /** The stocks that were asked for one by one. */
  watchlist(channelId: string): Promise<readonly WatchlistEntry[]>
  /** The markets that the channel watches whole, each with the number of its stocks. */
  watchedMarkets(channelId: string): Promise<readonly { readonly market: MarketName; readonly stocks: number }[]>
  /** The channel's stocks, the alerts it can expect a market day, and those it had in the last finished sessions. */
  channelNumber(channelId: string, guildId: string): Promise<ChannelNumberView>
  settings(channelId: string, guildId: string): Promise<ChannelSettings>
  /** Null if the post's episode is gone. */
  alert(post: PostRecord): Promise<AlertView | ChangesAlertView | null>
}

export interface Progress {
  readonly bars: number
  readonly done: number
  readonly total: number
  readonly phase: 'fetch' | 'train'
}

/** Changes what a channel follows. */
export interface Watching {
  /** Follows the stock at once, then fetches its history and trains. A repeated call changes nothing. */
  watch(
    request: {
      symbol: string
      guildId: string
      channelId: string
      userId: string | null
      /** Language of a channel that has not chosen one yet: its guild's. */
      locale?: 'ko' | 'en'
      /** First minute (market time) that may be posted; now unless given. */
      since?: number
    },
    onProgress: (progress: Progress) => void,
  ): Promise<{ readonly added: boolean } | { readonly full: { readonly capacity: number } }>
  /** Follows every stock of a market, as listings come and go; the passes fetch their histories. Answers at once. */
  watchMarket(request: {
    market: MarketName
    guildId: string
    channelId: string
    userId: string | null
    locale?: 'ko' | 'en'
  }): Promise<
    | { readonly added: boolean; readonly stocks: number }
    | { readonly full: { readonly capacity: number; readonly stocks: number } }
    | { readonly unlisted: true }
  >
  /** Returns false if the channel does not watch that market. */
  unwatchMarket(channelId: string, market: MarketName): Promise<boolean>
  unwatch(channelId: string, symbol: string): Promise<boolean>
  saveSettings(settings: ChannelSettings): Promise<void>
  /** Removes everything that a channel or guild follows, because it is gone. */
  forgetChannel(channelId: string): Promise<void>
  forgetGuild(guildId: string): Promise<void>
}

/** A message about the feed that a channel gets once. */
export interface Notice {
  /** 24 characters, always the same for the same notice. */
  readonly id: string
  readonly channelId: string
  readonly guildId: string
  /**
   * Minutes stop coming: the source gives no answer (`unanswered`), answers without a trade of any stock (`empty`) or
   * of this one (`alone`, as in a halt), or the program that fills the source's table has written nothing that day
   * (`unfilled`). `back`: minutes come again. `closed`: a day that the calendar calls open is treated as closed.
   * `open`: such a day turns out to be open.
   */
  readonly kind: 'unanswered' | 'empty' | 'alone' | 'unfilled' | 'back' | 'closed' | 'open'
  readonly stocks: readonly Stock[]
  /** Start of the first missing minute, or `at` if none is missing. Market time. */
  readonly since: number
  /** The moment at which the change was noticed, market time. */
  readonly at: number
}

/** The notices that channels have yet to get. */
export interface NoticeBoard {
  /** Oldest first. */
  owed(): Promise<readonly Notice[]>
  /** Removes a notice that was posted or will never be. */
  finished(id: string): Promise<void>
}

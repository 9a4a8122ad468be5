/** What the bot may know of the pipeline: types only. Everything a command or a post shows comes through here. */

import type { JudgedChange } from '../../model/changes/detector.ts'
import type { Judged } from '../../model/detector/judgement.ts'
import type { Bar } from '../../model/time/bar.ts'
import type { Provenance } from '../sources/source.ts'
import type { ChannelSettings, EpisodeRecord, Listing, PostRecord, VolatilityInterruption } from '../store/records.ts'

/** A stock as every answer names it. */
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

/** Bars beside what was usual for each: entries of `usual` match entries of `bars`; null while still learning. */
export interface Stretch {
  readonly bars: readonly Bar[]
  readonly usual: readonly (Usual | null)[]
}
export interface Usual {
  readonly volume: number
  /** Band of prices that is usual for the minute: previous close × exp(±2 typical moves). */
  readonly low: number
  readonly high: number
}

/** A judged minute with the sentence's facts. */
export interface Unusual {
  readonly judged: Judged
  readonly bar: Bar
  /** Judged by a detector of an older version, whose scores are on another scale. */
  readonly older?: boolean
}

/** What an episode did after the minute that was worth the ping. */
export interface Since {
  /** From that minute's close to the close of the episode's newest signal. */
  readonly movePercent: number
  /** Signals after it. */
  readonly minutes: number
}

/** A volatility interruption that stopped trading at some time in what is shown. */
export interface Interruption extends VolatilityInterruption {
  /** It goes on; one that does not, and has no release, ended unheard. */
  readonly ongoing: boolean
  /** Of the market's present day. */
  readonly today: boolean
}

export interface AlertView {
  readonly stock: Stock
  readonly episode: EpisodeRecord
  /** The minute that was worth the ping. */
  readonly minute: Unusual
  /** What followed it in its episode; null while nothing has. */
  readonly since: Since | null
  readonly stretch: Stretch
  /** Minutes of the episode, to mark. */
  readonly marks: readonly number[]
  /** Oldest first. */
  readonly interruptions: readonly Interruption[]
  /** The minute came late. */
  readonly late: boolean
}

/** An alert made from the old system's rows: no prices, so its picture is the clusters with the minute starred. */
export interface ChangesAlertView {
  readonly stock: Stock
  readonly episode: EpisodeRecord
  /** The minute the post is about. */
  readonly judged: JudgedChange
  readonly centers: CentersView
  /** The minute came late. */
  readonly late: boolean
}

export interface SummaryView {
  readonly stock: Stock
  /** Bars kept, sessions they span, end of what has been judged. */
  readonly bars: number
  readonly sessions: number
  readonly from: number | null
  readonly until: number | null
  readonly learning: { readonly have: number; readonly need: number } | null
  /** The last session with bars, its most unusual minutes first, abnormal or not; at most three. */
  readonly session: string | null
  readonly unusual: readonly Unusual[]
  readonly stretch: Stretch
}

/** Too little history to learn from yet, in minutes. */
export interface LearningView {
  readonly learning: { readonly have: number; readonly need: number }
}

/** The answer to `/watch` for a stock of which only the old system's rows are known. */
export interface ChangesSummaryView {
  readonly stock: Stock
  /** The clusters that judge it, or how far it is from the first ones. */
  readonly centers: CentersView | LearningView
}

export interface CentersView {
  readonly stock: Stock
  readonly k: number
  readonly features: 'model' | 'seed'
  /** Whether these are the clusters that judge the stock's new minutes. */
  readonly judging: boolean
  /** Names of the two plotted columns: the move in percent and the multiple of the usual volume, or the old system's two. */
  readonly axes: readonly [string, string]
  readonly clusters: readonly {
    readonly size: number
    readonly abnormal: boolean
    readonly center: Readonly<Record<string, number>>
  }[]
  /** One plotted minute each, thinned when there are many; outer minutes are never thinned away. */
  readonly points: readonly {
    readonly x: number
    readonly y: number
    readonly cluster: number
    readonly openTime: number
  }[]
  /** The newest minute, or the newest abnormal one. */
  readonly star: { readonly x: number; readonly y: number; readonly cluster: number; readonly openTime: number } | null
  readonly rows: number
  readonly cutoff: number
  readonly trainedAt: number
  /** By horizon: from where a stretch is abnormal, and from where this channel is told. Empty for the old system's features. */
  readonly beginnings: readonly {
    readonly minutes: number
    readonly abnormal: Beginning
    readonly told: Beginning | null
  }[]
  /** Minutes a day without events would flag, from a seeded surrogate of the stock's own history; null when not computed. */
  readonly noisePerSession: number | null
  readonly inertia: number
}

/** The smallest move (in percent, either way) at each multiple of the usual volume, ascending. */
export type Beginning = readonly { readonly multiple: number; readonly movePercent: number }[]

export interface HistoryView {
  readonly stock: Stock
  /** Newest first. */
  readonly episodes: readonly {
    readonly episode: EpisodeRecord
    readonly minute: Unusual
    readonly posted: 'sent' | 'pending' | 'dropped' | 'none'
    readonly reason: string | null
  }[]
  readonly stretch: Stretch
  readonly marks: readonly number[]
}

export interface ChangesHistoryView {
  readonly stock: Stock
  /** Newest first. */
  readonly episodes: readonly {
    readonly episode: EpisodeRecord
    readonly judged: JudgedChange
    readonly posted: 'sent' | 'pending' | 'dropped' | 'none'
    readonly reason: string | null
  }[]
  /** The clusters that judged the newest, its minute starred; null without any. */
  readonly centers: CentersView | null
}

export interface ChartView {
  readonly stock: Stock
  readonly session: string | null
  readonly stretch: Stretch
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
  readonly learning: { readonly have: number; readonly need: number } | null
  readonly lastEpisode: EpisodeRecord | null
}

/** Answers questions; changes nothing. Symbols are those of `resolve`. */
export interface Read {
  /** The market's clock. */
  now(): number
  /** The stock of a code or name; a venue without a list of its stocks is asked. */
  resolve(text: string): Promise<Resolved>
  /** From memory, for autocomplete: by code or name, best first. */
  suggest(text: string, limit: number): readonly Listing[]
  summary(symbol: string): Promise<SummaryView | ChangesSummaryView>
  centers(symbol: string, k: number, features: 'model' | 'seed', channelId: string): Promise<CentersView | LearningView>
  history(symbol: string, limit: number, channelId: string): Promise<HistoryView | ChangesHistoryView>
  /** The newest minutes. Null where no prices are known. */
  chart(symbol: string, minutes: number): Promise<ChartView | null>
  watchlist(channelId: string): Promise<readonly WatchlistEntry[]>
  /** How many stocks the channel watches, how many alerts it can expect a market day, and how many it had in the last finished sessions. */
  channelNumber(channelId: string, guildId: string): Promise<ChannelNumberView>
  settings(channelId: string, guildId: string): Promise<ChannelSettings>
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
  /** Follows at once, then fetches history and trains; `onProgress` is called now and then. Runs again safely. */
  watch(
    request: {
      symbol: string
      guildId: string
      channelId: string
      userId: string | null
      /** Language of a channel that has not chosen one yet: its guild's. */
      locale?: 'ko' | 'en'
      /** First minute (market time) that may be spoken of; now unless given. */
      since?: number
    },
    onProgress: (progress: Progress) => void,
  ): Promise<{ readonly added: boolean } | { readonly full: { readonly capacity: number } }>
  unwatch(channelId: string, symbol: string): Promise<boolean>
  saveSettings(settings: ChannelSettings): Promise<void>
  /** The channel or guild is gone. */
  forgetChannel(channelId: string): Promise<void>
  forgetGuild(guildId: string): Promise<void>
}

/** Something about the feed that a channel is told once. */
export interface Notice {
  /** 24 characters, the same for the same notice for ever. */
  readonly id: string
  readonly channelId: string
  readonly guildId: string
  /**
   * Minutes do not come: the source gives no answer (`unanswered`), or answers without a trade of any stock (`empty`), or of this one (`alone`, as in a
   * halt), or nobody has filled it on the day (`unfilled`). `back`: they come again. `closed`: a day that the calendar calls open is taken for closed; `open`: and is not.
   */
  readonly kind: 'unanswered' | 'empty' | 'alone' | 'unfilled' | 'back' | 'closed' | 'open'
  readonly stocks: readonly Stock[]
  /** Start of the first minute that is missing; the moment it was found, where none is. Market time. */
  readonly since: number
  /** When it was found, market time. */
  readonly at: number
}

/** Notices that channels have not been told yet. */
export interface NoticeBoard {
  /** Oldest first. */
  owed(): Promise<readonly Notice[]>
  /** Posted, or never to be. */
  settled(id: string): Promise<void>
}

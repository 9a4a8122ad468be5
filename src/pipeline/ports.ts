import type { Bar } from '../model/bar.ts'
import type { SeedRow } from '../model/seed-rows.ts'
import type { Calendar } from '../model/session.ts'

/** Half-open: `[from, to)`, epoch milliseconds. */
export interface Interval {
  readonly from: number
  readonly to: number
}

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

/** How honest a post must be about where its numbers come from. */
export type Provenance =
  | { readonly kind: 'real' }
  | { readonly kind: 'simulated' }
  | { readonly kind: 'replay' }
  | { readonly kind: 'unofficial'; readonly delayMinutes: number }

/** Where minutes come from, whatever is known of them. One process reads one source. Every call may be repeated. */
export interface Source {
  /** `simulated`, `csv`, `kiwoom`, … */
  readonly name: string
  /** The series that its minutes belong to (`Bar.venue`): never mixed with another. */
  readonly venue: string
  readonly provenance: Provenance
  readonly calendar: Calendar
  /** How many symbols it can keep up to date within a minute. */
  readonly capacity: number
  /**
   * node-cron expression (Asia/Seoul, seconds first) at which freshly closed minutes are worth asking for, in every minute of the week: a pass while
   * the market is closed asks nothing, and `/health` goes by the age of the last one.
   */
  readonly collectAt: string
  /** How many times as fast as ours its clock runs: 1 for real venues, which may leave it out. What is late is late by our clock. */
  readonly speed?: number
  /** Whether a day without minutes is a day without trading there. A table that another program fills says nothing of the exchange. True when absent. */
  readonly tellsClosedDays?: boolean
  /** The market's clock, epoch ms: the wall clock for real venues, a compressed one for `simulated` and `csv`. Goes back only when this computer's was minutes ahead and is put right. */
  now(): number
  /** Every stock that can be watched. Cached by the caller. Empty where the venue has no list: then `lookup` says which stocks exist. */
  listings(signal: AbortSignal): Promise<readonly Listing[]>
  /** One stock by its code, listed or not; null when the venue has no such stock. */
  lookup?(symbol: string, signal: AbortSignal): Promise<Listing | null>
  /** The symbols whose minutes will be asked for from now on; a source with a live feed subscribes to them. */
  follow?(symbols: readonly string[]): void
  /** Of a source with a live feed: how many symbols come over it now, and why it does not come when it should: one sentence, or null. */
  live?(): { readonly registered: number; readonly reason: string | null }
  /** What the operator's doctor asks of the venue after `open`: one finding each. */
  check?(signal: AbortSignal): Promise<readonly { readonly ok: boolean; readonly message: string }[]>
  /** Opens what needs opening (files, sockets) and fails early. */
  open(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** A source of bars: the same interval gives the same bars. */
export interface BarSource extends Source {
  /** Sessions that one `fetchBars` covers well: back-fill asks in pieces of this size. */
  readonly sessionsPerFetch: number
  /** Sessions of history that `/watch` asks for. */
  readonly historySessions: number
  /** How many minutes behind the newest are worth reading again, because the venue still adds or mends them; 3 when absent. */
  readonly rereadMinutes?: number
  /** Whether minutes older than the oldest that it has given may still be added there: they are asked for again now and then. */
  readonly historyGrows?: boolean
  /**
   * Closed bars with `from ≤ openTime < to`, oldest first, each minute once. A minute that has not closed is left out, as is a minute without a trade.
   *
   * @throws {SetupError} when the operator must act, {RetryableError} when time will do, {UnknownSymbolError} when the venue has no such stock
   */
  fetchBars(symbol: string, interval: Interval, signal: AbortSignal): Promise<Bar[]>
  /** Whether the venue had stopped a stock's trading at some time in a minute; null when the source cannot know now. */
  halted?(symbol: string, minute: number): boolean | null
}

/** A source of the old system's rows: how much price and volume changed from one minute to the next, and no prices. */
export interface SeedSource extends Source {
  /**
   * Rows of one stock, oldest first, each minute once: all of them, or those since a minute.
   *
   * @throws {SetupError} when the operator must act, {RetryableError} when time will do, {UnknownSymbolError} when there is no such stock
   */
  fetchRows(symbol: string, since: number | null, signal: AbortSignal): Promise<SeedRow[]>
}

/** The venue has no such stock, or no longer. */
export class UnknownSymbolError extends Error {
  override readonly name = 'UnknownSymbolError'
  readonly symbol: string
  constructor(symbol: string, options?: ErrorOptions) {
    super(`${symbol} is not listed here`, options)
    this.symbol = symbol
  }
}

// ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The minutes of one symbol that have been asked for and kept, bars or not: one interval without holes. */
export interface BarStore {
  /** Upserts bars and widens the symbol's coverage in one transaction. The same bar twice changes nothing; a corrected bar replaces. Returns the bars that were not there before or have changed, in time order. */
  save(venue: string, symbol: string, bars: readonly Bar[], covered: Interval): Promise<Bar[]>
  /** Oldest first. */
  range(venue: string, symbol: string, interval: Interval): Promise<Bar[]>
  /** The newest `count` bars that start before `to`, oldest first. */
  last(venue: string, symbol: string, count: number, to: number): Promise<Bar[]>
  count(venue: string, symbol: string): Promise<number>
  /** `openTime` of the oldest bar. */
  oldest(venue: string, symbol: string): Promise<number | null>
  coverage(venue: string, symbol: string): Promise<Interval | null>
  /** Newest `openTime` over all symbols of the series, or null: where a simulated or replayed market goes on. */
  newest(venue: string): Promise<number | null>
  symbols(venue: string): Promise<string[]>
  /** The series that hold bars of a symbol. */
  venues(symbol: string): Promise<string[]>
}

/** A fitted model as kept: `snapshot` is the model's own versioned JSON. */
export interface ModelRecord {
  readonly venue: string
  /** A symbol, or `*` for the market's pooled model. */
  readonly symbol: string
  readonly id: string
  /** End of the history it learned from (exclusive): it may judge minutes from here on. */
  readonly cutoff: number
  readonly trainedAt: number
  readonly snapshot: string
}
export interface ModelStore {
  /** Same (venue, symbol, id) again is a no-op. */
  save(model: ModelRecord): Promise<void>
  get(venue: string, symbol: string, id: string): Promise<ModelRecord | null>
  /** Newest first. */
  latest(venue: string, symbol: string, count: number): Promise<ModelRecord[]>
}

/** A minute that landed in an abnormal cluster. Key: (venue, symbol, openTime, modelId). */
export interface SignalRecord {
  readonly venue: string
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
  readonly venue: string
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
export interface SignalStore {
  /** Keeps one step whole or not at all. Signals and posts that are there already stay as they are, so a repeated step changes nothing. */
  commit(step: DetectStep): Promise<void>
  /** Newest first. */
  history(venue: string, symbol: string, limit: number, before?: number): Promise<SignalRecord[]>
  /** Oldest first. */
  ofEpisode(episodeId: string): Promise<SignalRecord[]>
  episode(id: string): Promise<EpisodeRecord | null>
  /** Newest first. */
  episodes(venue: string, symbol: string, limit: number): Promise<EpisodeRecord[]>
  /** Not yet ended. */
  openEpisodes(venue: string, symbol: string): Promise<EpisodeRecord[]>
  /** End (exclusive) of the minutes judged so far, so that a restart goes on where it stopped. */
  judgedUntil(venue: string, symbol: string): Promise<number | null>
}

/** One channel follows one symbol. */
export interface WatchRecord {
  readonly venue: string
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
export interface WatchStore {
  /** False when it was there already. */
  add(watch: WatchRecord): Promise<boolean>
  remove(venue: string, channelId: string, symbol: string): Promise<boolean>
  ofChannel(venue: string, channelId: string): Promise<WatchRecord[]>
  ofSymbol(venue: string, symbol: string): Promise<WatchRecord[]>
  symbols(venue: string): Promise<string[]>
  removeChannel(channelId: string): Promise<number>
  removeGuild(guildId: string): Promise<number>
  settings(channelId: string): Promise<ChannelSettings | null>
  saveSettings(settings: ChannelSettings): Promise<void>
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
export interface OutboxStore {
  /** Pending, and sent with `shownRevision < wantedRevision`: of each channel at most so many, pending before sent, then oldest first. */
  due(perChannel: number): Promise<PostRecord[]>
  /** How many are due in all channels. */
  countDue(): Promise<number>
  ofEpisode(episodeId: string): Promise<PostRecord[]>
  sent(id: string, messageId: string, revision: number, sentAt: number): Promise<void>
  edited(id: string, revision: number): Promise<void>
  drop(id: string, reason: string): Promise<void>
  /**
   * The minutes of the alerts that were decided on for the channel, posted or not, of the stocks of the series that it watches, since a time of the market; oldest
   * first. Those that its number kept back do not count.
   */
  alertTimes(venue: string, channelId: string, since: number): Promise<number[]>
}

/** What one detect pass over one symbol decided. */
export interface DetectStep {
  readonly venue: string
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

export interface ListingStore {
  replace(venue: string, listings: readonly Listing[], at: number): Promise<void>
  all(venue: string): Promise<{ listings: Listing[]; at: number | null }>
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
export type MarketFact = VolatilityInterruption | MarketState

export interface MarketFactStore {
  /**
   * The same fact again changes nothing. An interruption (the same by symbol and trigger time) that is told with its release replaces the one told without,
   * in whatever order they come. Posts of the symbol's episodes that go on then want one more revision: they show it.
   */
  save(venue: string, fact: MarketFact): Promise<void>
  /** Facts that began in the interval, oldest first: those of one symbol, or all of the series. */
  between(venue: string, interval: Interval, symbol?: string): Promise<MarketFact[]>
}

/** Small facts by name: hash of registered commands, the first start, … */
export interface FactStore {
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
}

/** Everything kept. SQLite and MariaDB pass one contract suite. */
export interface Store {
  readonly bars: BarStore
  readonly models: ModelStore
  readonly signals: SignalStore
  readonly watches: WatchStore
  readonly outbox: OutboxStore
  readonly listings: ListingStore
  readonly marketFacts: MarketFactStore
  readonly facts: FactStore
  /** What `doctor` and the start line show: engine and place, never a password. */
  readonly description: string
  close(): Promise<void>
}

import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type {
  ChannelSettings,
  DetectStep,
  EpisodeRecord,
  Listing,
  MarketEvent,
  ModelRecord,
  PostRecord,
  SignalRecord,
  WatchRecord,
} from './records.ts'

/** The minutes of one symbol that have been asked for and kept, bars or not: one interval without holes. */
export interface BarStore {
  /** Upserts bars and widens the symbol's coverage in one transaction. The same bar twice changes nothing; a corrected bar replaces. Returns the bars that were not there before or have changed, in time order. */
  save(series: string, symbol: string, bars: readonly Bar[], covered: Interval): Promise<Bar[]>
  /** Oldest first. */
  range(series: string, symbol: string, interval: Interval): Promise<Bar[]>
  /** The newest `count` bars that start before `to`, oldest first. */
  last(series: string, symbol: string, count: number, to: number): Promise<Bar[]>
  count(series: string, symbol: string): Promise<number>
  /** `openTime` of the oldest bar. */
  oldest(series: string, symbol: string): Promise<number | null>
  coverage(series: string, symbol: string): Promise<Interval | null>
  /** Newest `openTime` over all symbols of the series, or null: where a simulated or replayed market goes on. */
  newest(series: string): Promise<number | null>
  symbols(series: string): Promise<string[]>
  /** The series that hold bars of a symbol. */
  seriesHolding(symbol: string): Promise<string[]>
}

export interface ModelStore {
  /** Same (venue, symbol, id) again is a no-op. */
  save(model: ModelRecord): Promise<void>
  get(series: string, symbol: string, id: string): Promise<ModelRecord | null>
  /** Newest first. */
  latest(series: string, symbol: string, count: number): Promise<ModelRecord[]>
}

export interface SignalStore {
  /** Keeps one step whole or not at all. Signals and posts that are there already stay as they are, so a repeated step changes nothing. */
  commit(step: DetectStep): Promise<void>
  /** Newest first. */
  history(series: string, symbol: string, limit: number, before?: number): Promise<SignalRecord[]>
  /** Oldest first. */
  ofEpisode(episodeId: string): Promise<SignalRecord[]>
  episode(id: string): Promise<EpisodeRecord | null>
  /** Newest first. */
  episodes(series: string, symbol: string, limit: number): Promise<EpisodeRecord[]>
  /** Not yet ended. */
  openEpisodes(series: string, symbol: string): Promise<EpisodeRecord[]>
  /** End (exclusive) of the minutes judged so far, so that a restart goes on where it stopped. */
  judgedUntil(series: string, symbol: string): Promise<number | null>
}

export interface WatchStore {
  /** False when it was there already. */
  add(watch: WatchRecord): Promise<boolean>
  remove(series: string, channelId: string, symbol: string): Promise<boolean>
  ofChannel(series: string, channelId: string): Promise<WatchRecord[]>
  ofSymbol(series: string, symbol: string): Promise<WatchRecord[]>
  symbols(series: string): Promise<string[]>
  removeChannel(channelId: string): Promise<number>
  removeGuild(guildId: string): Promise<number>
  settings(channelId: string): Promise<ChannelSettings | null>
  saveSettings(settings: ChannelSettings): Promise<void>
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
  alertTimes(series: string, channelId: string, since: number): Promise<number[]>
}

export interface ListingStore {
  replace(series: string, listings: readonly Listing[], at: number): Promise<void>
  all(series: string): Promise<{ listings: Listing[]; at: number | null }>
}

export interface MarketEventStore {
  /**
   * The same fact again changes nothing. An interruption (the same by symbol and trigger time) that is told with its release replaces the one told without,
   * in whatever order they come. Posts of the symbol's episodes that go on then want one more revision: they show it.
   */
  save(series: string, fact: MarketEvent): Promise<void>
  /** Facts that began in the interval, oldest first: those of one symbol, or all of the series. */
  between(series: string, interval: Interval, symbol?: string): Promise<MarketEvent[]>
}

/** Small texts by name: hash of registered commands, the first start, … */
export interface KeyValueStore {
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
  readonly marketEvents: MarketEventStore
  readonly keyValues: KeyValueStore
  /** What `doctor` and the start line show: engine and place, never a password. */
  readonly description: string
  close(): Promise<void>
}

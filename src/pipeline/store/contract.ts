import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type {
  ChannelSettings,
  Decision,
  DetectStep,
  EpisodeRecord,
  Fence,
  FreshBars,
  Listing,
  MarketEvent,
  MarketName,
  MarketWatchRecord,
  ModelRecord,
  PostRecord,
  Shards,
  SignalRecord,
  StateRecord,
  StoredChange,
  Undecided,
  WatchRecord,
} from './records.ts'

/**
 * Bars, and per symbol the coverage: the one interval without holes that a source has answered for, with or without
 * bars.
 */
export interface BarStore {
  /**
   * Upserts bars and widens the symbol's coverage in one transaction. The same bar twice changes nothing; a corrected
   * bar replaces the stored one.
   *
   * @param fence - the task under which they are stored, where several processes store
   * @returns the bars that are new or have changed, in time order
   * @throws {FencedError} if another process has claimed the task since
   */
  save(series: string, symbol: string, bars: readonly Bar[], covered: Interval, fence?: Fence): Promise<Bar[]>
  /**
   * Stores fresh bars of many symbols in one transaction. The same bars twice change nothing.
   *
   * @throws {RangeError} if the bars of a symbol leave a hole after its coverage
   */
  saveFresh(series: string, fresh: ReadonlyMap<string, FreshBars>): Promise<void>
  /** Oldest first. */
  range(series: string, symbol: string, interval: Interval): Promise<Bar[]>
  /** The newest `count` bars that start before `to`, oldest first. */
  last(series: string, symbol: string, count: number, to: number): Promise<Bar[]>
  count(series: string, symbol: string): Promise<number>
  /** `openTime` of the oldest bar, or null. */
  oldest(series: string, symbol: string): Promise<number | null>
  coverage(series: string, symbol: string): Promise<Interval | null>
  /** Newest `openTime` over all symbols of the series, or null: where a simulated or replayed market goes on. */
  newest(series: string): Promise<number | null>
  symbols(series: string): Promise<string[]>
  /** The series that hold bars of a symbol. */
  seriesHolding(symbol: string): Promise<string[]>
}

/** The old system's rows, where they come through a topic. */
export interface ChangeStore {
  /** Rows that are there already stay as they are. @returns the number of new ones */
  save(series: string, symbol: string, rows: readonly StoredChange[]): Promise<number>
  /** Those from a time on, oldest first. */
  since(series: string, symbol: string, since: number): Promise<StoredChange[]>
  /** `openTime` of the newest, or null. */
  newest(series: string, symbol: string): Promise<number | null>
}

export interface ModelStore {
  /** Does nothing if (series, symbol, id) is there already. */
  save(model: ModelRecord): Promise<void>
  get(series: string, symbol: string, id: string): Promise<ModelRecord | null>
  /** Newest first. */
  latest(series: string, symbol: string, count: number): Promise<ModelRecord[]>
}

/** Rolling states, one a symbol at most: the transactions that store bars remove those that they make wrong. */
export interface StateStore {
  /**
   * The number of times that bars were added or changed inside what had been covered, by whatever process. It is read
   * before the bars that a state is built from.
   */
  revision(series: string, symbol: string): Promise<number>
  /**
   * Keeps states in one transaction, each in place of the symbol's last one. Leaves out a state with bars that are not
   * stored yet, and one whose bars have changed since its revision or have another beginning by now.
   *
   * @returns the symbols whose bars have changed
   */
  save(states: readonly (StateRecord & { readonly revision: number })[]): Promise<string[]>
  /** The symbol's state. All bars before its position are those that it was built from. */
  get(series: string, symbol: string): Promise<StateRecord | null>
}

export interface SignalStore {
  /**
   * Stores steps of different symbols in one transaction, whole or not at all. Existing signals and posts stay as they
   * are, so repeated steps change nothing. Fresh bars and their coverage are stored with their step.
   *
   * @throws {RangeError} if fresh bars leave a hole after the symbol's coverage
   * @throws {FencedError} if another process has claimed the task of one of the steps
   */
  commit(...steps: readonly DetectStep[]): Promise<void>
  /** Newest first. */
  history(series: string, symbol: string, limit: number, before?: number): Promise<SignalRecord[]>
  /** Oldest first. */
  ofEpisode(episodeId: string): Promise<SignalRecord[]>
  episode(id: string): Promise<EpisodeRecord | null>
  /** Newest first. */
  episodes(series: string, symbol: string, limit: number): Promise<EpisodeRecord[]>
  /** Episodes that have not ended. */
  openEpisodes(series: string, symbol?: string): Promise<EpisodeRecord[]>
  /** End (exclusive) of the minutes judged so far, so that a restart goes on where it stopped. */
  judgedUntil(series: string, symbol: string): Promise<number | null>
  /** Start of the oldest minute of the watched symbols that is stored and not judged, or null. */
  oldestUnjudged(series: string): Promise<number | null>
}

export interface WatchStore {
  /** Returns false if the watch was there already. */
  add(watch: WatchRecord): Promise<boolean>
  /** Adds those that are not there yet. @returns their number */
  addAll(watches: readonly WatchRecord[]): Promise<number>
  /** Removes the watches of these stocks that follow from a market's. */
  removeListed(series: string, symbols: readonly string[]): Promise<void>
  /** Returns false if the channel watched that market already. */
  addMarket(watch: MarketWatchRecord): Promise<boolean>
  /** Removes a market's watch with those of stocks that follow from it. Returns false if there was none. */
  removeMarket(series: string, channelId: string, market: MarketName): Promise<boolean>
  /** Oldest first. */
  markets(series: string): Promise<MarketWatchRecord[]>
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
  /**
   * Posts that are pending, or sent with `shownRevision < wantedRevision`: at most `perChannel` of each channel,
   * pending ones first, then the oldest.
   *
   * @param shards - gives only posts for guilds of these shards
   */
  due(perChannel: number, shards?: Shards): Promise<PostRecord[]>
  /** Number of due posts in all channels, or in those of some shards. */
  countDue(shards?: Shards): Promise<number>
  ofEpisode(episodeId: string): Promise<PostRecord[]>
  sent(id: string, messageId: string, revision: number, sentAt: number): Promise<void>
  edited(id: string, revision: number): Promise<void>
  drop(id: string, reason: string): Promise<void>
  /**
   * Minutes of the alerts decided for a channel since a market time, posted or not, of the stocks it watches in the
   * series; oldest first. Alerts that the channel's number held back do not count.
   */
  alertTimes(series: string, channelId: string, since: number): Promise<number[]>
}

export interface ListingStore {
  replace(series: string, listings: readonly Listing[], at: number): Promise<void>
  all(series: string): Promise<{ listings: Listing[]; at: number | null }>
}

export interface MarketEventStore {
  /**
   * The same event again changes nothing. An interruption is identified by symbol and trigger time; a message with its
   * release replaces one without, in whatever order they come. Posts of the symbol's open episodes then want one more
   * revision, which shows it.
   */
  save(series: string, fact: MarketEvent): Promise<void>
  /** Events that began in the interval, oldest first: those of one symbol, or all of the series. */
  between(series: string, interval: Interval, symbol?: string): Promise<MarketEvent[]>
}

/** The two kinds of things that a sink sends. */
export type UnsentKind = 'bars' | 'signals'

/** Bars or signals of one series that a sink has yet to send, by symbol and time. */
export interface UnsentBatch<T> {
  readonly items: readonly T[]
  /** Call it once the sink has them. Those that changed meanwhile stay unsent. */
  sent(): Promise<void>
}

/**
 * Remembers what a sink has yet to send. The transactions that change bars or signals note it here, in whatever process
 * they run, one row a stock and day; without a sink nothing is noted.
 */
export interface UnsentStore {
  /** Begins to note changes. If the target is another than before, everything kept counts as unsent. */
  follow(target: string): Promise<void>
  /** About `limit` unsent bars of the newest day that has some, or null. */
  bars(limit: number): Promise<UnsentBatch<Bar> | null>
  signals(limit: number): Promise<UnsentBatch<SignalRecord> | null>
  /** Notes that are left, each of one stock and day. */
  count(): Promise<number>
}

/**
 * The way from signals to posts where channels have several owners: each decides for its own channels, in its own
 * time.
 */
export interface DecisionStore {
  /**
   * The changes that an owner has not decided about, of episodes that were still going on at a time (market time) or
   * later.
   */
  undecided(series: string, owner: string, since: number): Promise<Undecided[]>
  /** Stores a decision, whole or not at all. Existing posts stay as they are, so a repeated one changes nothing. */
  decide(decision: Decision): Promise<void>
}

/** Tasks that one process at a time does. A lease that is not renewed expires by the database's clock. */
export interface LeaseStore {
  /**
   * Takes a lease that is free or expired, or renews one's own.
   *
   * @param ms - time until it expires
   * @param dead - a holder that is known to have ended: its lease is taken at once
   * @returns its generation, which grows with every change of the holder; null if another holds it
   */
  take(name: string, holder: string, ms: number, dead?: string): Promise<number | null>
  /** Takes a lease from whoever holds it. @returns its new generation */
  claim(name: string, holder: string): Promise<number>
  /** The present or last holder, or null. */
  holder(name: string): Promise<string | null>
  /** Names of the leases that begin like that and have not expired, in order. */
  held(prefix: string): Promise<string[]>
  release(name: string, holder: string): Promise<void>
}

/** Small texts by name: hash of registered commands, the first start, … */
export interface KeyValueStore {
  get(name: string): Promise<string | null>
  set(name: string, value: string): Promise<void>
  remove(name: string): Promise<void>
  /** All whose names begin like that, by name. */
  beginning(prefix: string): Promise<ReadonlyMap<string, string>>
}

/** Everything kept. SQLite and MariaDB pass one contract suite. */
export interface Store {
  readonly bars: BarStore
  readonly changes: ChangeStore
  readonly models: ModelStore
  readonly states: StateStore
  readonly signals: SignalStore
  readonly watches: WatchStore
  readonly outbox: OutboxStore
  readonly decisions: DecisionStore
  readonly listings: ListingStore
  readonly marketEvents: MarketEventStore
  readonly keyValues: KeyValueStore
  readonly leases: LeaseStore
  readonly unsent: UnsentStore
  /** Engine and place without the password, for `doctor` and the start line. */
  readonly description: string
  close(): Promise<void>
}

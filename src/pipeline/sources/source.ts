import type { ChangeRow } from '../../model/changes/rows.ts'
import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { Calendar } from '../../model/time/session.ts'
import type { Listing } from '../store/records.ts'

/** The origin of the numbers, which every post states. */
export type Provenance =
  | { readonly kind: 'real' }
  | { readonly kind: 'simulated' }
  | { readonly kind: 'replay' }
  | { readonly kind: 'unofficial'; readonly delayMinutes: number }

/** An origin of minutes, as bars or as changes. One process reads one source. Every call may be repeated. */
export interface Source {
  /** The form in which minutes come: bars with prices, or the old system's rows, which hold changes only. */
  readonly kind: 'bars' | 'changes'
  /** `simulated`, `csv`, `kiwoom`, … */
  readonly name: string
  /** The series that its minutes belong to; minutes of two series are never mixed. */
  readonly series: string
  readonly provenance: Provenance
  readonly calendar: Calendar
  /** The number of symbols that it can keep up to date within a minute. */
  readonly capacity: number
  /**
   * The node-cron expression (Asia/Seoul, seconds first) of the moments at which freshly closed minutes are worth
   * asking for. It fires in every minute of the week: a pass while the market is closed asks nothing, and `/health`
   * goes by the age of the last pass.
   */
  readonly collectAt: string
  /**
   * Its clock runs this many times as fast as ours: 1 for a real exchange, which may leave it out. Lateness is measured
   * by our clock.
   */
  readonly speed?: number
  /**
   * True, also when absent, if a day without minutes is a day without trading. It is false for a table that another
   * program fills: such a table says nothing of the exchange.
   */
  readonly tellsClosedDays?: boolean
  /**
   * The market's clock, epoch ms: the wall clock for a real exchange, a compressed one for `simulated` and `csv`. It
   * goes back only if this computer's clock was minutes ahead and is put right.
   */
  now(): number
  /**
   * Every stock that can be watched; the caller caches the list. It is empty if the source has none: then `lookup` says
   * which stocks exist.
   */
  listings(signal: AbortSignal): Promise<readonly Listing[]>
  /** One stock by its code, listed or not; null if the source has no such stock. */
  lookup?(symbol: string, signal: AbortSignal): Promise<Listing | null>
  /** The symbols whose minutes will be asked for from now on; a source with a live feed subscribes to them. */
  follow?(symbols: readonly string[]): void
  /**
   * The state of the live feed, for a source that has one: the number of symbols that come over it now, and one
   * sentence that says why it fails, or null.
   */
  live?(): { readonly registered: number; readonly reason: string | null }
  /** Checks for the operator's doctor, made after `open`; each gives one finding. */
  check?(signal: AbortSignal): Promise<readonly { readonly ok: boolean; readonly message: string }[]>
  /** Opens files and sockets, and fails early. */
  open(signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** A source of bars: the same interval gives the same bars. */
export interface BarSource extends Source {
  readonly kind: 'bars'
  /** One `fetchBars` covers this many sessions well; back-fill asks in pieces of this size. */
  readonly sessionsPerFetch: number
  /** `/watch` asks for this many sessions of history. */
  readonly historySessions: number
  /**
   * The number of minutes behind the newest that are read again, because the source still changes them; 3 when absent.
   */
  readonly rereadMinutes?: number
  /**
   * True if minutes may still be added before the oldest that it has given; these are asked for again now and then.
   */
  readonly historyGrows?: boolean
  /**
   * Closed bars with `from ≤ openTime < to`, oldest first, each minute once. A minute that has not closed is left out,
   * as is a minute without a trade. Bars are checked here and nowhere after: no invariant is broken (`barProblem`), and
   * each lies inside a session of `calendar`.
   *
   * @throws {SetupError} when the operator must act, {RetryableError} when time will do, {UnknownSymbolError} when the
   * source has no such stock
   */
  fetchBars(symbol: string, interval: Interval, signal: AbortSignal): Promise<Bar[]>
  /**
   * True if the exchange had stopped the stock's trading at some time in the minute; null if the source cannot know.
   */
  halted?(symbol: string, minute: number): boolean | null
}

/** A source of the old system's rows: changes of price and volume from one minute to the next, and no prices. */
export interface ChangesSource extends Source {
  readonly kind: 'changes'
  /**
   * Rows of one stock, oldest first, each minute once: all of them, or those since a minute.
   *
   * @throws {SetupError} when the operator must act, {RetryableError} when time will do, {UnknownSymbolError} when
   * there is no such stock
   */
  fetchRows(symbol: string, since: number | null, signal: AbortSignal): Promise<ChangeRow[]>
}

import type { ChangeRow } from '../../model/changes/rows.ts'
import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { Calendar } from '../../model/time/session.ts'
import type { Listing } from '../store/records.ts'

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
  readonly series: string
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
   * Bars are checked here and nowhere after: no invariant is broken (`barProblem`) and each lies inside a session of `calendar`.
   *
   * @throws {SetupError} when the operator must act, {RetryableError} when time will do, {UnknownSymbolError} when the venue has no such stock
   */
  fetchBars(symbol: string, interval: Interval, signal: AbortSignal): Promise<Bar[]>
  /** Whether the venue had stopped a stock's trading at some time in a minute; null when the source cannot know now. */
  halted?(symbol: string, minute: number): boolean | null
}

/** A source of the old system's rows: how much price and volume changed from one minute to the next, and no prices. */
export interface ChangesSource extends Source {
  /**
   * Rows of one stock, oldest first, each minute once: all of them, or those since a minute.
   *
   * @throws {SetupError} when the operator must act, {RetryableError} when time will do, {UnknownSymbolError} when there is no such stock
   */
  fetchRows(symbol: string, since: number | null, signal: AbortSignal): Promise<ChangeRow[]>
}

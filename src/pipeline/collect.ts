import type { Log } from '../log.ts'
import { type Bar, barProblem, MINUTE } from '../model/bar.ts'
import { type Calendar, isBarMinute, type Session } from '../model/session.ts'
import type { ClosedDays } from './closed-days.ts'
import type { BarSource, BarStore, Interval } from './ports.ts'

/** Minutes that are read again with every pass unless the source says otherwise: venues correct a minute shortly after it closed. */
const REREAD_MINUTES = 3

export interface Collected {
  /** Bars that were not there before or have changed, in time order. */
  readonly bars: readonly Bar[]
  readonly covered: Interval
}

interface Dependencies {
  readonly source: BarSource
  /** On a day found closed nothing is collected, and a bar that comes of one all the same opens it again. */
  readonly days: Pick<ClosedDays, 'calendar' | 'reopen' | 'rereadFrom'>
  readonly bars: BarStore
  readonly log: Log
  /** Oldest minute from which a symbol's bars stayed away although the source answered: read again with every pass. */
  readonly missingSince?: ((symbol: string) => number | null) | undefined
}

/**
 * Reads what has closed since the last time and keeps it. Safe to run again at any time; nothing (more) to do is `null`.
 * The first time it begins at the newest session's open: history is back-fill's work.
 */
export const collect = async (dependencies: Dependencies, symbol: string, signal: AbortSignal): Promise<Collected | null> => {
  const { source, days, bars, missingSince } = dependencies
  const { calendar } = days
  const now = closedUntil(source.now())
  const known = await bars.coverage(source.venue, symbol)
  const begin = known?.to ?? calendar.lastSession(now - 1).open
  if (begin >= now || !tradesWithin(calendar, { from: begin, to: now })) return null
  const back = begin - (source.rereadMinutes ?? REREAD_MINUTES) * MINUTE
  const reread = Math.min(back, missingSince?.(symbol) ?? begin, days.rereadFrom(begin) ?? begin)
  const from = known === null ? begin : Math.max(known.from, reread)
  return fetchAndKeep(dependencies, symbol, { from, to: endOfPiece(calendar, source.sessionsPerFetch, begin, now) }, signal)
}

/** After a long absence the gap is filled in pieces that one fetch covers well; the next call takes the next piece. */
const endOfPiece = (calendar: Calendar, sessionsPerFetch: number, begin: number, now: number): number => {
  const missed: Session[] = []
  for (let session = calendar.lastSession(now - 1); session.open > begin; session = calendar.lastSession(session.open - 1))
    missed.push(session)
  return missed.at(-sessionsPerFetch)?.open ?? now
}

export interface BackfillProgress {
  /** Bars kept by this run. */
  readonly bars: number
  readonly sessionsDone: number
  readonly sessionsTotal: number
}

/**
 * Fetches history backwards, newest first, a few sessions at a time. Every piece is kept as it comes, so a run that was interrupted goes on where it stopped.
 *
 * @returns the number of bars that were new
 */
export const backfill = async (
  dependencies: Dependencies,
  symbol: string,
  sessions: number,
  onProgress: (progress: BackfillProgress) => void,
  signal: AbortSignal,
): Promise<number> => {
  const { source, days, bars } = dependencies
  const now = closedUntil(source.now())
  const wanted = sessionsBack(days.calendar, now, sessions)
  let fresh = 0
  const first = await collect(dependencies, symbol, signal)
  fresh += first?.bars.length ?? 0
  let end: number = (await bars.coverage(source.venue, symbol))?.from ?? now
  for (;;) {
    const missing: Session[] = wanted.filter((session) => session.open < end)
    onProgress({ bars: fresh, sessionsDone: wanted.length - missing.length, sessionsTotal: wanted.length })
    const piece = missing.slice(0, source.sessionsPerFetch)
    const oldest = piece.at(-1)
    if (!oldest) return fresh
    // A source without a wire and an embedded store never wait for anything: Ctrl-C and everybody else get their turn here.
    await new Promise(setImmediate)
    signal.throwIfAborted()
    const kept = await fetchAndKeep(dependencies, symbol, { from: oldest.open, to: end }, signal)
    fresh += kept.bars.length
    end = oldest.open
  }
}

const fetchAndKeep = async (dependencies: Dependencies, symbol: string, interval: Interval, signal: AbortSignal): Promise<Collected> => {
  const { source, days, bars, log } = dependencies
  const fetched = await source.fetchBars(symbol, interval, signal)
  const traded = tradedWhileClosed(fetched, source.calendar, days.calendar)
  for (const session of traded) await days.reopen(session)
  const open = Math.min(...traded.map((session) => session.open))
  if (open < interval.from) return fetchAndKeep(dependencies, symbol, { from: open, to: interval.to }, signal)
  const good = fetched.filter((bar) => {
    const problem = barProblem(bar)
    if (problem) log.warn({ symbol, openTime: bar.openTime, ...problem }, 'bar dropped: it breaks an invariant')
    else if (!inSession(days.calendar, bar.openTime)) log.warn({ symbol, openTime: bar.openTime }, 'bar dropped: outside the session')
    else return true
    return false
  })
  return { bars: await bars.save(source.venue, symbol, good, interval), covered: interval }
}

/** Start of the forming minute: everything before it has closed. */
export const closedUntil = (now: number): number => Math.floor(now / MINUTE) * MINUTE

const inSession = (calendar: Calendar, openTime: number): boolean => {
  const session = calendar.sessionAt(openTime)
  return session !== null && isBarMinute(session, openTime)
}

/** Sessions that were found closed and of which there are bars. */
const tradedWhileClosed = (fetched: readonly Bar[], nominal: Calendar, observed: Calendar): Session[] => {
  const found = fetched.filter((bar) => barProblem(bar) === null && !inSession(observed, bar.openTime) && inSession(nominal, bar.openTime))
  return [...new Set(found.map((bar) => nominal.lastSession(bar.openTime)))]
}

const tradesWithin = (calendar: Calendar, { from, to }: Interval): boolean => calendar.lastSession(to - 1).close > from

/** The newest sessions that opened before `now`, newest first. */
export const sessionsBack = (calendar: Calendar, now: number, count: number): Session[] => {
  const sessions: Session[] = []
  for (let at = now - 1; sessions.length < count; ) {
    const session = calendar.lastSession(at)
    sessions.push(session)
    at = session.open - 1
  }
  return sessions
}

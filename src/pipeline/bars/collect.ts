import type { Log } from '../../log.ts'
import { type Bar, barProblem, MINUTE, minuteOf } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import { type Calendar, isSessionMinute, type Session } from '../../model/time/session.ts'
import type { ClosedDays } from '../calendar/closed-days.ts'
import type { BarSource } from '../sources/source.ts'
import type { BarStore } from '../store/contract.ts'

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
export const collect = async (
  dependencies: Dependencies,
  symbol: string,
  signal: AbortSignal,
): Promise<Collected | null> => {
  const { source, days, bars, missingSince } = dependencies
  const { calendar } = days
  const now = minuteOf(source.now())
  const session = calendar.lastSession(now - 1)
  const known = await bars.coverage(source.series, symbol)
  const reread = (source.rereadMinutes ?? REREAD_MINUTES) * MINUTE
  // A clock that was ahead has answered for minutes that had not come.
  const begin = known === null ? session.open : known.to > now ? now - MINUTE : known.to
  // The closing auction's minute is read again too.
  if (session.close + reread <= begin) return null
  const [newest] = await bars.last(source.series, symbol, 1, begin)
  const lastEnd = newest ? newest.openTime + MINUTE : session.open
  // A venue that adds minutes late is asked again within the minute for as long as the newest one has no bar.
  if (begin >= now && (source.rereadMinutes === undefined || lastEnd >= now)) return null
  // A bar that comes late may belong to any minute since the last one.
  const back = Math.min(begin - reread, Math.max(lastEnd - reread, session.open))
  const from = Math.min(back, missingSince?.(symbol) ?? begin, days.rereadFrom(begin) ?? begin)
  const interval = {
    from: known === null ? begin : Math.max(known.from, from),
    to: endOfPiece(calendar, source.sessionsPerFetch, begin, now),
  }
  return fetchAndKeep(dependencies, symbol, interval, signal)
}

/** After a long absence the gap is filled in pieces that one fetch covers well; the next call takes the next piece. */
const endOfPiece = (calendar: Calendar, sessionsPerFetch: number, begin: number, now: number): number => {
  const missed: Session[] = []
  for (
    let session = calendar.lastSession(now - 1);
    session.open > begin;
    session = calendar.lastSession(session.open - 1)
  )
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
 * Fetches what has closed since the last time, then history backwards, newest first, a few sessions at a time. Every piece is kept as it comes, so a run that was interrupted goes on where it stopped.
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
  const now = minuteOf(source.now())
  const wanted = sessionsBack(days.calendar, now, sessions)
  let fresh = 0
  /** @returns the sessions asked for that are not within the interval, newest first */
  const tell = ({ from, to }: Interval): Session[] => {
    const missing = wanted.filter(({ open }) => open < from || open >= to)
    onProgress({ bars: fresh, sessionsDone: wanted.length - missing.length, sessionsTotal: wanted.length })
    return missing
  }
  const kept = () => bars.coverage(source.series, symbol)
  for (;;) {
    const piece = await collect(dependencies, symbol, signal)
    fresh += piece?.bars.length ?? 0
    if (piece === null || piece.covered.to >= now) break
    tell((await kept()) ?? piece.covered)
  }
  let end = (await kept())?.from ?? now
  for (;;) {
    const missing = tell({ from: end, to: now })
    const oldest = missing.slice(0, source.sessionsPerFetch).at(-1)
    if (!oldest) return fresh
    // A source without a wire and an embedded store never wait for anything: Ctrl-C and everybody else get their turn here.
    await new Promise(setImmediate)
    signal.throwIfAborted()
    const piece = await fetchAndKeep(dependencies, symbol, { from: oldest.open, to: end }, signal)
    fresh += piece.bars.length
    end = oldest.open
  }
}

const fetchAndKeep = async (
  dependencies: Dependencies,
  symbol: string,
  interval: Interval,
  signal: AbortSignal,
): Promise<Collected> => {
  const { source, days, bars, log } = dependencies
  const fetched = await source.fetchBars(symbol, interval, signal)
  const traded = tradedWhileClosed(fetched, source.calendar, days.calendar)
  for (const session of traded) await days.reopen(session)
  const open = Math.min(...traded.map((session) => session.open))
  if (open < interval.from) return fetchAndKeep(dependencies, symbol, { from: open, to: interval.to }, signal)
  const good = fetched.filter((bar) => {
    const problem = barProblem(bar)
    if (problem) log.warn({ symbol, openTime: bar.openTime, ...problem }, 'bar dropped: it breaks an invariant')
    else if (!isSessionMinute(days.calendar, bar.openTime))
      log.warn({ symbol, openTime: bar.openTime }, 'bar dropped: outside the session')
    else return true
    return false
  })
  return { bars: await bars.save(source.series, symbol, good, interval), covered: interval }
}

/**
 * Asks once more for the minutes before the oldest bar, as far back as back-fill does: another program may have been given its history since.
 *
 * @returns what was new, in time order
 */
export const lookFurtherBack = async (
  dependencies: Dependencies,
  symbol: string,
  signal: AbortSignal,
): Promise<readonly Bar[]> => {
  const { source, days, bars } = dependencies
  const coverage = await bars.coverage(source.series, symbol)
  if (coverage === null) return []
  let end = (await bars.oldest(source.series, symbol)) ?? coverage.to
  const sessions = sessionsBack(days.calendar, coverage.to, source.historySessions).filter(({ open }) => open < end)
  const found: Bar[] = []
  for (let at = 0; at < sessions.length; at += source.sessionsPerFetch) {
    const from = sessions.slice(at, at + source.sessionsPerFetch).at(-1)!.open
    const piece = await fetchAndKeep(dependencies, symbol, { from, to: end }, signal)
    found.unshift(...piece.bars)
    end = from
  }
  return found
}

/** Sessions that were found closed and of which there are bars. */
const tradedWhileClosed = (fetched: readonly Bar[], nominal: Calendar, observed: Calendar): Session[] => {
  const found = fetched.filter(
    (bar) =>
      barProblem(bar) === null && !isSessionMinute(observed, bar.openTime) && isSessionMinute(nominal, bar.openTime),
  )
  return [...new Set(found.map((bar) => nominal.lastSession(bar.openTime)))]
}

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

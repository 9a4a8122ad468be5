import { MINUTE, minuteOf } from '../../model/time/bar.ts'
import type { Calendar, Session } from '../../model/time/session.ts'
import { type Collected, fetchAndKeep, type Intake } from './intake.ts'

/** Minutes that are read again with every pass unless the source says otherwise: venues correct a minute shortly after it closed. */
const REREAD_MINUTES = 3

/**
 * Reads what has closed since the last time and keeps it. Safe to run again at any time; nothing (more) to do is `null`.
 * The first time it begins at the newest session's open: history is back-fill's work.
 */
export const collect = async (intake: Intake, symbol: string, signal: AbortSignal): Promise<Collected | null> => {
  const { source, rereads, bars } = intake
  const { calendar } = rereads
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
  const from = Math.min(back, rereads.from(symbol, begin) ?? begin)
  const interval = {
    from: known === null ? begin : Math.max(known.from, from),
    to: endOfPiece(calendar, source.sessionsPerFetch, begin, now),
  }
  return fetchAndKeep(intake, symbol, interval, signal)
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

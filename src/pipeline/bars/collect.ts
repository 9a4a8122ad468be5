import { MINUTE, minuteOf } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { Calendar, Session } from '../../model/time/session.ts'
import type { BarSource } from '../sources/source.ts'
import { type Collected, fetchAndKeep, type Intake } from './intake.ts'
import type { Rereads } from './rereads.ts'

/**
 * Minutes read again with every pass unless the source says otherwise: sources correct a minute shortly after its
 * close.
 */
const REREAD_MINUTES = 3

/**
 * Fetches and stores the minutes that have closed since the last call; returns null if there are none. Safe to repeat
 * at any time. The first call begins at the newest session's open: the history before it is `backfill`'s work.
 */
export const collect = async (intake: Intake, symbol: string, signal: AbortSignal): Promise<Collected | null> => {
  const { source, bars } = intake
  const known = await bars.coverage(source.series, symbol)
  const newest = async (before: number) => (await bars.last(source.series, symbol, 1, before))[0]?.openTime ?? null
  const interval = await nextInterval(intake, symbol, known, newest)
  return interval && fetchAndKeep(intake, symbol, interval, signal)
}

/**
 * The interval that collecting asks the source for next, or null if nothing can have closed or changed.
 *
 * @param known - the symbol's coverage, or null before the first
 * @param newest - `openTime` of the newest bar before a time, or null
 */
export const nextInterval = async (
  { source, rereads }: { readonly source: BarSource; readonly rereads: Rereads },
  symbol: string,
  known: Interval | null,
  newest: (before: number) => number | null | Promise<number | null>,
): Promise<Interval | null> => {
  const { calendar } = rereads
  const now = minuteOf(source.now())
  const session = calendar.lastSession(now - 1)
  const reread = (source.rereadMinutes ?? REREAD_MINUTES) * MINUTE
  // After a clock that was ahead is put right, coverage ends in the future.
  const begin = known === null ? session.open : known.to > now ? now - MINUTE : known.to
  // The closing auction's minute is read again as well.
  if (session.close + reread <= begin) return null
  const last = await newest(begin)
  const lastEnd = last === null ? session.open : last + MINUTE
  // A source that adds minutes late is asked again within the minute while the newest one has no bar.
  if (begin >= now && (source.rereadMinutes === undefined || lastEnd >= now)) return null
  // A late bar may belong to any minute since the last bar.
  const back = Math.min(begin - reread, Math.max(lastEnd - reread, session.open))
  const from = Math.min(back, rereads.from(symbol, begin) ?? begin)
  return {
    from: known === null ? begin : Math.max(known.from, from),
    to: endOfPiece(calendar, source.sessionsPerFetch, begin, now),
  }
}

/** End of the next piece of a long gap: each call fills as much as one fetch covers well. */
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

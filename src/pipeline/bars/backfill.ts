import { type Bar, minuteOf } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { Session } from '../../model/time/session.ts'
import { sessionsBack } from '../calendar/sessions-back.ts'
import { collect } from './collect.ts'
import { fetchAndKeep, type Intake } from './intake.ts'

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
  intake: Intake,
  symbol: string,
  sessions: number,
  onProgress: (progress: BackfillProgress) => void,
  signal: AbortSignal,
): Promise<number> => {
  const { source, rereads, bars } = intake
  const now = minuteOf(source.now())
  const wanted = sessionsBack(rereads.calendar, now, sessions)
  let fresh = 0
  /** @returns the sessions asked for that are not within the interval, newest first */
  const tell = ({ from, to }: Interval): Session[] => {
    const missing = wanted.filter(({ open }) => open < from || open >= to)
    onProgress({ bars: fresh, sessionsDone: wanted.length - missing.length, sessionsTotal: wanted.length })
    return missing
  }
  const kept = () => bars.coverage(source.series, symbol)
  for (;;) {
    const piece = await collect(intake, symbol, signal)
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
    const piece = await fetchAndKeep(intake, symbol, { from: oldest.open, to: end }, signal)
    fresh += piece.bars.length
    end = oldest.open
  }
}

/**
 * Asks once more for the minutes before the oldest bar, as far back as back-fill does: another program may have been given its history since.
 *
 * @returns what was new, in time order
 */
export const lookFurtherBack = async (intake: Intake, symbol: string, signal: AbortSignal): Promise<readonly Bar[]> => {
  const { source, rereads, bars } = intake
  const coverage = await bars.coverage(source.series, symbol)
  if (coverage === null) return []
  let end = (await bars.oldest(source.series, symbol)) ?? coverage.to
  const sessions = sessionsBack(rereads.calendar, coverage.to, source.historySessions).filter(({ open }) => open < end)
  const found: Bar[] = []
  for (let at = 0; at < sessions.length; at += source.sessionsPerFetch) {
    const from = sessions.slice(at, at + source.sessionsPerFetch).at(-1)!.open
    const piece = await fetchAndKeep(intake, symbol, { from, to: end }, signal)
    found.unshift(...piece.bars)
    end = from
  }
  return found
}

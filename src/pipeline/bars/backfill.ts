import { type Bar, minuteOf } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { Session } from '../../model/time/session.ts'
import { sessionsBack } from '../calendar/sessions-back.ts'
import { collect } from './collect.ts'
import { fetchAndKeep, type Intake } from './intake.ts'

export interface BackfillProgress {
  /** New bars of this run. */
  readonly bars: number
  readonly sessionsDone: number
  readonly sessionsTotal: number
}

/**
 * Catches up with the present, then fetches history backwards, newest first, a few sessions at a time. Every piece is
 * stored as it comes, so a run after an interrupted one goes on where that stopped.
 *
 * @returns the number of new bars
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
  /** Reports progress. @returns the wanted sessions outside the interval, newest first */
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
    // A source and a store without a network never yield: Ctrl-C and everything else in the process get their turn
    // here.
    await new Promise(setImmediate)
    signal.throwIfAborted()
    const piece = await fetchAndKeep(intake, symbol, { from: oldest.open, to: end }, signal)
    fresh += piece.bars.length
    end = oldest.open
  }
}

/**
 * Fetches the minutes before the oldest bar once more, as far back as `backfill` does: the program that fills the
 * source may have added history since.
 *
 * @returns the new bars, in time order
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

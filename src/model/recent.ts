import { DAY } from './bar.ts'
import type { HistoryRow } from './history.ts'
import { peaksOf } from './peaks.ts'

const WEEK = 7 * DAY
/** Weeks before the cutoff in which alerts are counted against the budget. */
const WEEKS = 2
const PEAKS = 64

/** The episodes of the last two weeks, or of as much of them as the minutes reach back. */
export interface Recent {
  readonly weeks: number
  /** Their most severe scores, highest first. */
  readonly peaks: readonly number[]
}

/**
 * The episodes of a history in the last two weeks before the cutoff, the 64 most severe at most.
 *
 * @param rows - measured minutes before the cutoff, oldest first
 * @param cutoff - epoch ms
 */
export const recentOf = (rows: readonly HistoryRow[], cutoff: number): Recent => {
  const since = cutoff - WEEKS * WEEK
  const first = rows[0]?.openTime ?? cutoff
  const lately = rows.filter(({ openTime }) => openTime >= since)
  const peaks = peaksOf(lately.map(({ openTime, surge }) => ({ openTime, score: Math.log1p(surge) })))
  return { weeks: (cutoff - Math.max(since, first)) / WEEK, peaks: peaks.slice(0, PEAKS) }
}

import { DAY } from './bar.ts'
import type { HistoryRow } from './history.ts'
import { createPeaks } from './peaks.ts'

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

export const recentOf = (rows: readonly HistoryRow[], cutoff: number): Recent => {
  const since = cutoff - WEEKS * WEEK
  const first = rows[0]?.openTime ?? cutoff
  const peaks: number[] = []
  const newest = createPeaks((score) => peaks.push(score))
  for (const { openTime, surge } of rows) if (openTime >= since) newest.add(openTime, Math.log1p(surge))
  if (newest.open !== null) peaks.push(newest.open)
  return { weeks: (cutoff - Math.max(since, first)) / WEEK, peaks: peaks.sort((a, b) => b - a).slice(0, PEAKS) }
}

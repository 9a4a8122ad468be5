import { MINUTE } from './bar.ts'
import { EPISODE_GAP } from './episode.ts'
import type { HistoryRow } from './history.ts'

const WEEK = 7 * 24 * 60 * MINUTE
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
  let lastTime = Number.NEGATIVE_INFINITY
  for (const { openTime, surge } of rows) {
    if (openTime < since) continue
    const score = Math.log1p(surge)
    const newest = peaks.length - 1
    if (openTime - lastTime > EPISODE_GAP) {
      peaks.push(score)
      lastTime = openTime
    } else if (score > peaks[newest]!) {
      peaks[newest] = score
      lastTime = openTime
    }
  }
  return { weeks: (cutoff - Math.max(since, first)) / WEEK, peaks: peaks.sort((a, b) => b - a).slice(0, PEAKS) }
}

import { createHash } from 'node:crypto'
import { DAY } from './bar.ts'
import { type Centers, fitSeedCenters } from './centers.ts'
import { nearest } from './clusters.ts'
import type { Verdict } from './judgement.ts'
import { peaksOf } from './peaks.ts'
import { SEED_FEATURES, type SeedRow } from './seed-rows.ts'
import { createRanking } from './severity.ts'

/** A minute judged by the old system's two features. */
export interface SeedJudged extends Verdict {
  /** The centers that judged it, and the end (exclusive) of the minutes that they were fitted to. */
  readonly centers: Centers
  readonly cutoff: number
}

/** The old system's rule, fitted to one stock's minutes before a cutoff. */
export interface SeedDetector {
  readonly centers: Centers
  /** Judges a minute from the cutoff on, and ranks it among all before it. */
  judge(row: SeedRow): SeedJudged
  /** The score that a minute must reach to be worth a ping: so many of its own episodes a week reached it before the cutoff. */
  boundary(alertsPerWeek: number): number
}

/** Whose minutes are judged, and from when on. */
export interface SeedSettings {
  readonly symbol: string
  readonly k: number
  readonly seed: number
  /** End of the minutes learned from, exclusive. */
  readonly cutoff: number
}

/** Minutes before the cutoff that a judgement needs: two sessions of a stock that trades in most. */
export const SEED_LEAST_ROWS = 720

const WEEK = 7 * DAY

/**
 * k-means on raw [per_price, per_volume], and the rule that the smallest cluster is the abnormal one, as the old system had it. Its features take the minute
 * after a thin one for an event, so membership alone is no alarm: a score beside it, ln(1 + √(per_price² + per_volume²)), how far the minute is from no change
 * at all, holds the budget. Score and rank do not depend on the centers, so they compare over all time.
 *
 * @param past - minutes before the cutoff, oldest first; null when they are fewer than {@link SEED_LEAST_ROWS}
 * @throws {RangeError} on a number that is not finite
 */
export const fitSeedDetector = (past: readonly SeedRow[], { symbol, k, seed, cutoff }: SeedSettings): SeedDetector | null => {
  if (past.length < SEED_LEAST_ROWS) return null
  const centers = fitSeedCenters(
    past.map(({ row }) => row),
    { symbol, k, seed },
  )
  const { clusters } = centers
  const centroids = clusters.map(({ center }) => SEED_FEATURES.map((name) => center[name]!))
  const modelId = createHash('sha256').update(JSON.stringify({ centers, cutoff })).digest('hex').slice(0, 16)
  const ranking = createRanking()
  const scored = past.map(({ openTime, row }) => ({ openTime, score: scoreOf(row) }))
  for (const { score } of scored) ranking.add(score)
  const peaks = peaksOf(scored)
  const weeks = (cutoff - past[0]!.openTime) / WEEK

  return {
    centers,
    judge({ openTime, row }) {
      const score = scoreOf(row)
      const { index } = nearest(row, centroids)
      const rank = ranking.add(score)
      return {
        state: 'judged',
        openTime,
        modelId,
        cluster: index,
        abnormal: clusters[index]!.abnormal,
        score,
        severity: { rank, of: ranking.count },
        features: { per_price: row[0], per_volume: row[1] },
        centers,
        cutoff,
      }
    },
    // A history too short to hold one alert allows what is beyond all of it.
    boundary: (alertsPerWeek) => (alertsPerWeek > 0 ? (peaks[Math.max(0, Math.floor(alertsPerWeek * weeks) - 1)] ?? 0) : Infinity),
  }
}

const scoreOf = ([perPrice, perVolume]: readonly [number, number]): number => Math.log1p(Math.hypot(perPrice, perVolume))

import { createHash } from 'node:crypto'
import { nearest } from '../clusters/clusters.ts'
import type { Centers } from '../detector/centers.ts'
import { EPISODE_GAP } from '../detector/episode.ts'
import type { Verdict } from '../detector/judgement.ts'
import { createRanking } from '../detector/severity.ts'
import { DAY } from '../time/bar.ts'
import { KST_OFFSET } from '../time/session.ts'
import { fitChangesCenters } from './centers.ts'
import { CHANGE_FEATURES, type ChangeRow } from './rows.ts'

/** A minute judged by the old system's two features. */
export interface JudgedChange extends Verdict {
  /** The centers that judged it. */
  readonly centers: Centers
  /** End of the minutes that the centers were fitted to, exclusive. */
  readonly cutoff: number
}

/** The old system's rule, fitted to one stock's minutes before a cutoff. */
export interface ChangesDetector {
  readonly centers: Centers
  /** Judges a minute from the cutoff on, and ranks it among all before it. */
  judge(row: ChangeRow): JudgedChange
  /**
   * The score that a minute must reach to be worth a ping at so many alerts a session: the stock's past reached it as
   * often. Infinite for no alerts.
   */
  boundary(alertsPerSession: number): number
}

/** The symbol whose minutes are judged, and from which time on. */
export interface ChangesSettings {
  readonly symbol: string
  readonly k: number
  readonly seed: number
  /** End of the minutes learned from, exclusive. */
  readonly cutoff: number
}

/** Minutes before the cutoff that a judgement needs: two sessions of a stock that trades in most. */
export const LEAST_CHANGE_ROWS = 720

/**
 * k-means on raw [per_price, per_volume], and the rule that the smallest cluster is the abnormal one, as the old system
 * had it. Its features take the minute after a thin one for an event, so membership alone makes no alert. The number of
 * alerts is limited by a score: ln(1 + √(per_price² + per_volume²)), the distance from no change at all. Score and rank
 * do not depend on the centers, so they compare over all time.
 *
 * @param past - minutes before the cutoff, oldest first
 * @returns null if there are fewer than {@link LEAST_CHANGE_ROWS} minutes
 * @throws {RangeError} on a number that is not finite
 */
export const fitChangesDetector = (
  past: readonly ChangeRow[],
  { symbol, k, seed, cutoff }: ChangesSettings,
): ChangesDetector | null => {
  if (past.length < LEAST_CHANGE_ROWS) return null
  const centers = fitChangesCenters(
    past.map(({ row }) => row),
    { symbol, k, seed },
  )
  const { clusters } = centers
  const centroids = clusters.map(({ center }) => CHANGE_FEATURES.map((name) => center[name]!))
  const modelId = createHash('sha256').update(JSON.stringify({ centers, cutoff })).digest('hex').slice(0, 16)
  const ranking = createRanking()
  const scored = past.map(({ openTime, row }) => ({ openTime, score: scoreOf(row) }))
  for (const { score } of scored) ranking.add(score)
  const sessions = new Set(past.map(({ openTime }) => Math.floor((openTime + KST_OFFSET) / DAY))).size
  const boundaries = new Map<number, number>()

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
    boundary(alertsPerSession) {
      if (!(alertsPerSession > 0)) return Infinity
      const known = boundaries.get(alertsPerSession)
      if (known !== undefined) return known
      const score = lowestBoundary(scored, alertsPerSession * sessions)
      boundaries.set(alertsPerSession, score)
      return score
    },
  }
}

/**
 * The lowest score that makes at most so many alerts of these minutes, to a thousandth. If the past is too short for
 * one alert, it is the past's highest score.
 */
const lowestBoundary = (
  scored: readonly { readonly openTime: number; readonly score: number }[],
  alerts: number,
): number => {
  let [low, high] = [0, scored.reduce((most, { score }) => Math.max(most, score), 0)]
  while (high - low > 1e-3) {
    const middle = (low + high) / 2
    if (alertsAt(scored, middle) > alerts) low = middle
    else high = middle
  }
  return high
}

const alertsAt = (
  scored: readonly { readonly openTime: number; readonly score: number }[],
  boundary: number,
): number => {
  let [alerts, last] = [0, -Infinity]
  for (const { openTime, score } of scored) {
    if (score < boundary) continue
    if (openTime - last > EPISODE_GAP) alerts++
    last = openTime
  }
  return alerts
}

const scoreOf = ([perPrice, perVolume]: readonly [number, number]): number =>
  Math.log1p(Math.hypot(perPrice, perVolume))

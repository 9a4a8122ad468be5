import { anchorOf } from './anchor.ts'
import { cluster } from './clusters.ts'
import type { HistoryRow } from './history.ts'
import { type Cluster, identified, type Model } from './model.ts'
import { noisePerSession } from './noise.ts'
import { recentOf } from './recent.ts'
import { type Calendar, sessionsPerWeek } from './session.ts'

/** Part of the anchor that an abnormal center reaches. */
const ABNORMAL_SHARE = 0.6
/** Anchors added: one to so many minutes, and at least so many. */
const ANCHOR_EVERY = 100
const LEAST_ANCHORS = 10
/** Peaks kept in a model. */
const PEAKS = 256

/** What a model is fitted with, beside the minutes themselves. */
export interface FitSettings {
  readonly symbol: string
  readonly market: Calendar['name']
  readonly k: number
  readonly seed: number
  /** End of the history, exclusive. */
  readonly cutoff: number
  /** Trading minutes that the history spans. */
  readonly span: number
  readonly sessionMinutes: number
  /** Scores of the most severe episodes, highest first. */
  readonly peaks: readonly number[]
  readonly pool: Model | null
}

/**
 * A model of these minutes. The same rows, settings and seed give the same model to the last bit.
 *
 * @throws {RangeError} without rows
 */
export const fitModel = (rows: readonly HistoryRow[], settings: FitSettings): Model => {
  if (rows.length === 0) throw new RangeError('no minutes to fit a model to: expected at least one')
  const { symbol, market, k, seed, cutoff, span, sessionMinutes } = settings
  const sessions = span / sessionMinutes
  const anchor = anchorOf(market, { peaks: settings.peaks, sessions }, settings.pool)
  const anchors = Math.max(LEAST_ANCHORS, Math.floor(rows.length / ANCHOR_EVERY))
  const line = rows.map((row) => [Math.min(row.surge, anchor)])
  for (let i = 0; i < anchors; i++) line.push([anchor])
  const { centroids, assignments, inertia, restarts } = cluster(line, { k, seed })
  const abnormalFrom = ABNORMAL_SHARE * anchor
  const clusters: Cluster[] = centroids.map(([surge], c) => {
    let [size, price, volume] = [0, 0, 0]
    rows.forEach((row, i) => {
      if (assignments[i] !== c) return
      size++
      price += row.price
      volume += row.volume
    })
    // A cluster of anchors alone is shown where price and volume share its surge alike.
    const shared = surge! ** 0.4
    return {
      size,
      abnormal: surge! >= abnormalFrom,
      center: { surge: surge!, price: size ? price / size : shared, volume: size ? volume / size : shared },
    }
  })
  return identified({
    symbol,
    k,
    seed,
    cutoff,
    rows: rows.length,
    sessions,
    sessionsPerWeek: sessionsPerWeek(market),
    sessionMinutes,
    clustered: 'surge',
    anchor,
    anchors,
    clusters,
    abnormalFrom,
    inertia,
    restarts,
    peaks: settings.peaks.slice(0, PEAKS),
    recent: recentOf(rows, cutoff),
    noisePerSession: noisePerSession(rows, sessionMinutes, seed, (surge) => clusters[clusterOf(clusters, surge)]!.abnormal),
  })
}

/** Which cluster a surge falls into: the nearest center on the line. */
export const clusterOf = (clusters: readonly Cluster[], surge: number): number => {
  let at = 0
  for (let c = 1; c < clusters.length; c++) {
    if (Math.abs(surge - clusters[c]!.center.surge!) < Math.abs(surge - clusters[at]!.center.surge!)) at = c
  }
  return at
}

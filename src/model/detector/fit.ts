import { cluster } from '../clusters/clusters.ts'
import type { MarketCurves } from '../features/market.ts'
import type { Parameters } from '../features/parameters.ts'
import type { HistoryRow, Past } from './history.ts'
import { type Cluster, type HorizonModel, identified, type Model } from './model.ts'
import { noisePerSession } from './noise.ts'
import { drawnCurve, scoreAt } from './rates.ts'
import { scalesOf } from './scale.ts'

/** Alerts a stock and session of the liveliest setting that a channel can choose: what is abnormal must hold them all. */
export const WIDEST_RATE = 2

/** What a model is fitted with, beside the minutes themselves. */
export interface FitSettings {
  readonly symbol: string
  readonly k: number
  readonly seed: number
  /** End of the history, exclusive. */
  readonly cutoff: number
  readonly sessionMinutes: number
  /** In minutes, shortest first. */
  readonly horizons: readonly number[]
  readonly market: MarketCurves
  readonly parameters: Parameters
}

/**
 * A model of these minutes. The same history, settings and seed give the same model to the last bit.
 *
 * @throws {RangeError} without a minute
 */
export const fitModel = (past: Past, settings: FitSettings): Model => {
  if (past.count === 0) throw new RangeError('no minutes to fit a model to: expected at least one')
  const { symbol, k, seed, cutoff, sessionMinutes, horizons, market, parameters } = settings
  const scales = scalesOf(horizons, market, parameters.longShare)
  const all = horizons.map((_, h) => past.rows(h))
  const fitted = horizons.map((minutes, h): HorizonModel => {
    const own = drawnCurve(past.alerts(h), market.horizons[String(minutes)]!, parameters.ownAlertWeight)
    const rate = h === 0 ? WIDEST_RATE : WIDEST_RATE * parameters.longShare
    const widest = scoreAt(own, rate)
    const lent = Math.ceil((rate * all[h]!.length) / sessionMinutes)
    return { minutes, scale: scales[h]!, widest, ...clustersOf(all[h]!, { k, seed, widest, lent }) }
  })
  const [shortest] = fitted
  const flags = (surge: number) => shortest!.clusters[clusterOf(shortest!.edges, Math.log1p(surge))]!.abnormal
  return identified({
    symbol,
    k,
    seed,
    cutoff,
    rows: all[0]!.length,
    sessions: past.sessions,
    horizons: fitted,
    curve: drawnCurve(past.combinedAlerts, market.combined, parameters.ownAlertWeight),
    noisePerSession: noisePerSession(all[0]!, { sessionMinutes, seed, moveAlone: parameters.moveAlone, flags }),
  })
}

interface Split {
  readonly k: number
  readonly seed: number
  /** Score beyond which minutes count as no further out: an old event must not take a cluster for itself. */
  readonly widest: number
  /** Minutes that the market lends at that score: as many as it has there, so that a quiet history knows what is far out. */
  readonly lent: number
}

/** One-dimensional k-means on the surge. The furthest cluster, which holds the widest score, is the abnormal one. */
const clustersOf = (rows: readonly HistoryRow[], { k, seed, widest, lent }: Split) => {
  const furthest = Math.expm1(widest)
  const line = rows.map(({ surge }) => [Math.min(surge, furthest)])
  for (let i = 0; i < lent; i++) line.push([furthest])
  const { centroids, inertia, restarts } = cluster(line, { k, seed })
  // By surge: the biggest cluster of a lively stock need not be the most ordinary one.
  const surges = centroids.map(([surge]) => surge!).sort((a, b) => a - b)
  const edges = surges.slice(1).map((surge, c) => Math.log1p((surges[c]! + surge) / 2))
  const members = surges.map((): HistoryRow[] => [])
  for (const row of rows) members[clusterOf(edges, Math.log1p(row.surge))]!.push(row)
  const clusters = surges.map(
    (surge, c): Cluster => ({
      size: members[c]!.length,
      abnormal: c > 0 && c === surges.length - 1,
      center: {
        surge,
        move: median(members[c]!.map(({ move }) => Math.abs(move))),
        multiple: median(members[c]!.map(({ multiple }) => multiple)),
      },
    }),
  )
  return { edges, lent, clusters, inertia, restarts }
}

/** The cluster that a score falls into: that of the nearest center, between whose neighbours the edges lie. */
export const clusterOf = (edges: readonly number[], score: number): number => {
  let at = 0
  while (at < edges.length && score >= edges[at]!) at++
  return at
}

const median = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[sorted.length >> 1] ?? 0
}

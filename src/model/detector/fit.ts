import { cluster, inertia } from '../clusters/clusters.ts'
import type { MarketCurves } from '../features/market.ts'
import type { Parameters } from '../features/parameters.ts'
import type { HistoryRow, Past } from './history.ts'
import { type Cluster, type HorizonModel, identified, type MarketCenters, type Model } from './model.ts'
import { noisePerSession } from './noise.ts'
import { drawnCurve, scoreAt } from './rates.ts'
import { scalesOf } from './scale.ts'

/**
 * Alerts a stock and session of the liveliest level that a channel can choose. The abnormal cluster must hold them all.
 */
export const WIDEST_RATE = 2

/** Settings of a fit. */
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
  /** Imported centers of the market, k of each horizon: they are the clusters then, and nothing is fitted. */
  readonly centers?: MarketCenters | null
}

/** Alerts of a horizon (by its place) that the abnormal cluster holds, a stock and session. */
const widestRate = (horizon: number, { longShare }: Pick<Parameters, 'longShare'>): number =>
  horizon === 0 ? WIDEST_RATE : WIDEST_RATE * longShare

/** The score of a horizon that stocks of a market reach twice a session, in its own unit. */
export const marketWidest = (
  curves: MarketCurves,
  horizons: readonly number[],
  horizon: number,
  parameters: Pick<Parameters, 'longShare'>,
): number => scoreAt(curves.horizons[String(horizons[horizon])]!, widestRate(horizon, parameters))

/**
 * A model of these minutes. The same history, settings and seed give the same model to the last bit.
 *
 * @throws {RangeError} without a minute
 */
export const fitModel = (past: Past, settings: FitSettings): Model => {
  if (past.count === 0) throw new RangeError('no minutes to fit a model to: expected at least one')
  const { symbol, k, seed, cutoff, sessionMinutes, horizons, market, parameters, centers = null } = settings
  const scales = scalesOf(horizons, market, parameters.longShare)
  const all = horizons.map((_, h) => past.rows(h))
  const fitted = horizons.map((minutes, h): HorizonModel => {
    const curve = drawnCurve(past.alerts(h), market.horizons[String(minutes)]!, parameters.ownAlertWeight)
    const rate = widestRate(h, parameters)
    const widest = scoreAt(curve, rate)
    const lent = Math.ceil((rate * all[h]!.length) / sessionMinutes)
    return {
      minutes,
      scale: scales[h]!,
      widest,
      ...clustersOf(all[h]!, { k, seed, widest, lent, imported: centers?.surges[String(minutes)] }),
    }
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
    ...(centers === null
      ? {}
      : { imported: { id: centers.id, origin: centers.origin, importedAt: centers.importedAt } }),
  })
}

interface Split {
  readonly k: number
  readonly seed: number
  /** Minutes beyond this score count as no further out, so that an old event does not take a cluster for itself. */
  readonly widest: number
  /** Minutes that the market lends at that score, as many as it has there: a quiet history has none that far out. */
  readonly lent: number
  /** Imported centers, ascending. */
  readonly imported: readonly number[] | undefined
}

/**
 * Clusters the surges by k-means, or by imported centers. The furthest cluster, which holds the widest score, is the
 * abnormal one.
 */
const clustersOf = (rows: readonly HistoryRow[], split: Split) => {
  const { widest, imported } = split
  const furthest = Math.expm1(widest)
  const line = rows.map(({ surge }) => [Math.min(surge, furthest)])
  const { surges, lent, restarts, ...fitted } =
    imported === undefined
      ? fittedCenters(line, furthest, split)
      : {
          surges: imported,
          inertia: inertia(
            line,
            imported.map((surge) => [surge]),
          ),
          restarts: 0,
          lent: 0,
        }
  // Only an imported center can lie so far out that the widest score would not belong to the abnormal cluster.
  const edges = surges.slice(1).map((surge, c) => Math.min(widest, Math.log1p((surges[c]! + surge) / 2)))
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
  return { edges, lent, clusters, inertia: fitted.inertia, restarts }
}

const fittedCenters = (line: readonly number[][], furthest: number, { k, seed, lent }: Split) => {
  const rows = [...line, ...Array.from({ length: lent }, () => [furthest])]
  const { centroids, inertia, restarts } = cluster(rows, { k, seed })
  // Sorted by surge, because the biggest cluster of a lively stock need not be the most ordinary one.
  return { surges: centroids.map(([surge]) => surge!).sort((a, b) => a - b), inertia, restarts, lent }
}

/**
 * The cluster that a score falls into. Its center is the nearest, because the edges lie half-way between centers; only
 * imported centers can have edges further down.
 */
export const clusterOf = (edges: readonly number[], score: number): number => {
  let at = 0
  while (at < edges.length && score >= edges[at]!) at++
  return at
}

const median = (values: readonly number[]): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[sorted.length >> 1] ?? 0
}

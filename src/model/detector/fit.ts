import { ascending } from '../clusters/ascending.ts'
import { clusterLine, floorsReached, membersOnLine } from '../clusters/clusters.ts'
import type { MarketCurves } from '../features/market.ts'
import { nthSmallest } from '../features/nth-smallest.ts'
import type { Parameters } from '../features/parameters.ts'
import type { HistoryColumns, Past } from './history.ts'
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
  const all = horizons.map((_, h) => past.columns(h))
  const fitted = horizons.map((minutes, h): HorizonModel => {
    const curve = drawnCurve(past.alerts(h), market.horizons[String(minutes)]!, parameters.ownAlertWeight)
    const rate = widestRate(h, parameters)
    const widest = scoreAt(curve, rate)
    const lent = Math.ceil((rate * all[h]!.surges.length) / sessionMinutes)
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
    rows: all[0]!.surges.length,
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
const clustersOf = ({ surges: rows, moves, multiples }: HistoryColumns, split: Split) => {
  const { widest, imported } = split
  const sorted = ascending(rows)
  const { surges, lent, restarts, inertia } =
    imported === undefined ? fittedCenters(rows, sorted, split) : importedCenters(rows, imported, widest)
  // Only an imported center can lie so far out that the widest score would not belong to the abnormal cluster.
  const edges = surges.slice(1).map((surge, c) => Math.min(widest, Math.log1p((surges[c]! + surge) / 2)))
  const { sizes, assigned } = membersBetween(edges, rows, sorted)
  const usualMoves = byCluster(moves, assigned, sizes).map(median)
  const usualMultiples = byCluster(multiples, assigned, sizes).map(median)
  const clusters = surges.map(
    (surge, c): Cluster => ({
      size: sizes[c]!,
      abnormal: c > 0 && c === surges.length - 1,
      center: { surge, move: usualMoves[c]!, multiple: usualMultiples[c]! },
    }),
  )
  return { edges, lent, clusters, inertia, restarts }
}

/**
 * The cluster of each surge, as {@link clusterOf} says, and the number of surges in each. The scores of surges in
 * single precision have the order of the surges, so each edge has a lowest surge that reaches it.
 */
const membersBetween = (edges: readonly number[], surges: Float32Array, sorted: Float32Array) => {
  const starts = edges.map((edge) => firstReaching(edge, sorted))
  const lowest = starts.map((start) => sorted[start] ?? Infinity)
  const sizes = [...starts, sorted.length].map((end, c) => end - (starts[c - 1] ?? 0))
  const assigned = new Uint8Array(surges.length)
  for (let i = 0; i < surges.length; i++) assigned[i] = clusterOf(lowest, surges[i]!)
  return { sizes, assigned }
}

/** The place of the first surge with at least this score. */
const firstReaching = (score: number, sorted: Float32Array): number => {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (Math.log1p(sorted[middle]!) < score) low = middle + 1
    else high = middle
  }
  return low
}

/** The numbers of one column, without their signs, of each cluster's rows. */
const byCluster = (column: Float32Array, assigned: Uint8Array, sizes: readonly number[]): Float64Array[] => {
  const members = sizes.map((size) => new Float64Array(size))
  const filled = new Uint32Array(sizes.length)
  for (let i = 0; i < column.length; i++) {
    const c = assigned[i]!
    members[c]![filled[c]!++] = Math.abs(column[i]!)
  }
  return members
}

const fittedCenters = (rows: Float32Array, sorted: Float32Array, { k, seed, lent, widest }: Split) => {
  const furthest = Math.expm1(widest)
  const [line, ascending] = [rows, sorted].map((surges) => capped(surges, furthest, lent)) as [
    Float64Array,
    Float64Array,
  ]
  const { centroids, inertia, restarts } = clusterLine(line, ascending, { k, seed })
  return { surges: centroids, inertia, restarts, lent }
}

const importedCenters = (rows: Float32Array, surges: readonly number[], widest: number) => {
  const { inertia } = membersOnLine(surges, capped(rows, Math.expm1(widest), 0))
  return { surges, inertia, restarts: 0, lent: 0 }
}

/** The surges that a fit sees: none lies beyond the furthest, and so many are added there. */
const capped = (surges: Float32Array, furthest: number, lent: number): Float64Array => {
  const line = new Float64Array(surges.length + lent).fill(furthest, surges.length)
  for (let i = 0; i < surges.length; i++) line[i] = Math.min(surges[i]!, furthest)
  return line
}

/**
 * The cluster that a score falls into. Its center is the nearest, because the edges lie half-way between centers; only
 * imported centers can have edges further down.
 */
export const clusterOf = (edges: readonly number[], score: number): number => floorsReached(edges, score)

/** The higher of two middle values; 0 of none. The values are put in another order. */
const median = (values: Float64Array): number => (values.length > 0 ? nthSmallest(values, values.length >> 1) : 0)

import { type Bar, MINUTE } from './bar.ts'
import { cluster } from './clusters.ts'
import { createTracker } from './features.ts'
import { fitModel } from './fit.ts'
import { createHistory } from './history.ts'
import type { Cluster } from './model.ts'
import { SEED_FEATURES, seedRows } from './seed-rows.ts'
import { barMinutes, type Calendar } from './session.ts'

/** The fitted centers of one stock, as the operator sees them. */
export interface Centers {
  readonly symbol: string
  readonly k: number
  readonly features: 'seed' | 'model'
  /** Minutes clustered. */
  readonly rows: number
  /** The most ordinary first. */
  readonly clusters: readonly Cluster[]
  readonly inertia: number
  readonly seed: number
  readonly restarts: number
}

interface CenterSettings {
  readonly symbol: string
  readonly k: number
  readonly seed: number
}

/**
 * The old system's clusters: k-means on raw [per_price, per_volume]. Its rule called the smallest cluster abnormal; ours does not use it for
 * alarms, because one thin minute before makes any volume look a thousandfold.
 *
 * @throws {RangeError} without rows, or on a number that is not finite
 */
export const fitSeedCenters = (rows: readonly (readonly [number, number])[], settings: CenterSettings): Centers => {
  const { symbol, k, seed } = settings
  const found = cluster(rows as readonly (readonly number[])[] as number[][], { k, seed })
  const smallest = found.sizes.indexOf(Math.min(...found.sizes))
  return {
    symbol,
    k,
    features: 'seed',
    rows: rows.length,
    clusters: found.centroids.map((centroid, c) => ({
      size: found.sizes[c]!,
      abnormal: found.sizes.length > 1 && c === smallest,
      center: Object.fromEntries(SEED_FEATURES.map((name, d) => [name, centroid[d]!])),
    })),
    inertia: found.inertia,
    seed,
    restarts: found.restarts,
  }
}

/**
 * The centers of these bars, in strict time order and inside sessions.
 *
 * @throws {RangeError} when there are too few bars for a single row
 */
export const fitCenters = (
  bars: readonly Bar[],
  settings: CenterSettings & { readonly features: 'seed' | 'model'; readonly calendar: Calendar },
): Centers => {
  const { symbol, k, seed, features, calendar } = settings
  if (features === 'seed') {
    const rows = seedRows(bars).map(({ row }) => row)
    if (rows.length === 0) throw new RangeError(`not enough history for ${symbol}: ${bars.length} bars make no row, expected at least 2`)
    return fitSeedCenters(rows, settings)
  }
  const tracker = createTracker(calendar)
  const history = createHistory()
  let sessionMinutes = 1
  let cutoff = 0
  for (const bar of bars) {
    const reading = tracker.push(bar)
    sessionMinutes = barMinutes(reading.session)
    cutoff = bar.openTime + MINUTE
    if (reading.known) history.add(bar.openTime, reading, Math.log1p(reading.surge))
  }
  if (history.count === 0) throw new RangeError(`not enough history for ${symbol}: ${bars.length} bars make no baseline`)
  const model = fitModel(history.rows(), {
    symbol,
    market: calendar.name,
    k,
    seed,
    cutoff,
    span: history.span,
    sessionMinutes,
    peaks: history.peaks(),
    pool: null,
  })
  return { symbol, k, features, rows: model.rows, clusters: model.clusters, inertia: model.inertia, seed, restarts: model.restarts }
}

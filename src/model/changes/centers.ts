import { cluster } from '../clusters/clusters.ts'
import type { CenterSettings, Centers } from '../detector/centers.ts'
import type { Bar } from '../time/bar.ts'
import { CHANGE_FEATURES, changeRows } from './rows.ts'

/**
 * The old system's clusters: k-means on raw [per_price, per_volume]. Its rule called the smallest cluster abnormal. No
 * alert follows from that rule alone, because after one thin minute any volume looks a thousandfold.
 *
 * @throws {RangeError} without rows, or on a number that is not finite
 */
export const fitChangesCenters = (rows: readonly (readonly [number, number])[], settings: CenterSettings): Centers => {
  const { symbol, k, seed } = settings
  const clustering = cluster(rows as readonly (readonly number[])[] as number[][], { k, seed })
  const smallest = clustering.sizes.indexOf(Math.min(...clustering.sizes))
  return {
    symbol,
    k,
    features: 'seed',
    rows: rows.length,
    clusters: clustering.centroids.map((centroid, c) => ({
      size: clustering.sizes[c]!,
      abnormal: clustering.sizes.length > 1 && c === smallest,
      center: Object.fromEntries(CHANGE_FEATURES.map((name, d) => [name, centroid[d]!])),
    })),
    inertia: clustering.inertia,
    seed,
    restarts: clustering.restarts,
  }
}

/**
 * The same of bars: their rows are the changes from one minute to the next.
 *
 * @throws {RangeError} when there are too few bars for a single row
 */
export const fitChangesCentersOfBars = (bars: readonly Bar[], settings: CenterSettings): Centers => {
  const rows = changeRows(bars).map(({ row }) => row)
  if (rows.length === 0)
    throw new RangeError(
      `not enough history for ${settings.symbol}: ${bars.length} bars make no row, expected at least 2`,
    )
  return fitChangesCenters(rows, settings)
}

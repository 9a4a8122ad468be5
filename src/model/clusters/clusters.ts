import { kmeans } from 'ml-kmeans'
import { clustersOnLine } from './line.ts'
import { inertia, nearest } from './nearest.ts'
import { EXACT_LIMIT } from './optimal-cuts.ts'
import { columnOf, columnStarts, MOST_STARTS, searchCells } from './starts.ts'

export { floorsReached, membersOnLine } from './line.ts'
export { inertia, nearest } from './nearest.ts'

/** Clusters of n rows of d columns. */
export interface Clustering {
  /** k × d, in the unit of the rows. Ordered by distance from the biggest cluster, so the most ordinary comes first. */
  readonly centroids: number[][]
  readonly sizes: number[]
  /** The cluster of each row. */
  readonly assignments: Int32Array
  /** In squared units of the rows, see {@link inertia}. */
  readonly inertia: number
  /** Starts that were tried. */
  readonly restarts: number
}

/**
 * k-means by ml-kmeans: the lowest inertia over seeded restarts. Fewer clusters come back when there are fewer than k
 * distinct rows. Many rows of several columns are searched for starts by weighted cells of them, and ml-kmeans goes on
 * from the best with every row. Rows of one column take the same steps without it, see {@link clustersOnLine}.
 *
 * @param rows - n × d, finite
 * @param options.restarts - starts without improvement after which the best is called stable (default 20)
 * @throws {RangeError} on no rows, rows of unequal length, a non-finite entry, or k < 1
 */
export const cluster = (
  rows: readonly number[][],
  options: { k: number; seed: number; restarts?: number },
): Clustering => {
  const { seed, restarts: patience = 20 } = options
  checkRows(rows)
  checkK(options.k)
  const k = Math.min(options.k, countDistinct(rows, options.k))
  // One common factor leaves every cluster as it is and keeps squares far from overflow.
  const scale = largest(rows) || 1
  const scaled = rows.map((row) => row.map((value) => value / scale))
  const best = bestOfStarts(scaled, k, seed, patience)
  const ordered = ordinaryFirst(scaled, best.centroids)
  const assignments = new Int32Array(rows.length)
  const sizes = ordered.map(() => 0)
  scaled.forEach((row, i) => {
    const { index } = nearest(row, ordered)
    assignments[i] = index
    sizes[index]!++
  })
  return {
    centroids: ordered.map((centroid) => centroid.map((value) => value * scale)),
    sizes,
    assignments,
    inertia: best.inertia * scale * scale,
    restarts: best.tried,
  }
}

/**
 * The same of numbers on a line, whose ascending order is known.
 *
 * @param values - finite
 * @param ascending - the same values in ascending order
 * @returns ascending centroids, and the inertia and the restarts of {@link cluster}
 * @throws {RangeError} on no values, a non-finite one, or k < 1
 */
export const clusterLine = (
  values: Float64Array,
  ascending: Float64Array,
  options: { k: number; seed: number },
): { centroids: number[]; inertia: number; restarts: number } => {
  const [least, most] = [ascending[0] ?? Number.NaN, ascending.at(-1)!]
  if (!Number.isFinite(most - least))
    throw new RangeError(`the values reach from ${least} to ${most}, expected numbers`)
  checkK(options.k)
  const scale = Math.max(Math.abs(least), Math.abs(most)) || 1
  const found = clustersOnLine(divided(values, scale), divided(ascending, scale), countSteps(ascending, options.k))
  if (found === null) {
    const { centroids, inertia, restarts } = cluster(
      Array.from(values, (value) => [value]),
      options,
    )
    return { centroids: centroids.map(([value]) => value!).sort((a, b) => a - b), inertia, restarts }
  }
  const { centroids, sizes, inertia } = found
  return {
    centroids: centroids.filter((_, c) => sizes[c]! > 0).map((centroid) => centroid * scale),
    inertia: inertia * scale * scale,
    restarts: 1,
  }
}

/** The values in another unit. A loop divides them, because a callback a value takes several times as long. */
const divided = (values: Float64Array, unit: number): Float64Array => {
  const quotients = new Float64Array(values.length)
  for (let i = 0; i < values.length; i++) quotients[i] = values[i]! / unit
  return quotients
}

/** The centroids with the lowest inertia, and how many starts were tried for them. */
const bestOfStarts = (
  rows: readonly number[][],
  k: number,
  seed: number,
  patience: number,
): { centroids: number[][]; inertia: number; tried: number } => {
  let best: { centroids: number[][]; inertia: number } | null = null
  let tried = 0
  const improves = (initialization: number[][] | 'kmeans++', startSeed: number) => {
    tried++
    const { centroids } = kmeans(rows as number[][], k, {
      seed: startSeed,
      initialization,
      tolerance: 0,
      maxIterations: 300,
    })
    const candidate = { centroids, inertia: inertia(rows, centroids) }
    const better = best === null || candidate.inertia < best.inertia * (1 - 1e-12)
    if (better) best = candidate
    return better
  }
  const width = rows[0]!.length
  if (width > 1 && k > 1 && k < EXACT_LIMIT && rows.length > EXACT_LIMIT) {
    const search = searchCells(rows, k, seed, patience)
    for (const { centroids } of search.best) improves(centroids, seed)
    return { ...best!, tried: search.tried }
  }
  if (width === 1) {
    const line = columnOf(rows, 0)
    const found = clustersOnLine(line, line.toSorted(), k)
    if (found) return { centroids: found.centroids.map((value) => [value]), inertia: found.inertia, tried: 1 }
  }
  for (const initial of columnStarts(rows, k)) if (initial.length === k) improves(initial, seed)
  // No other start beats the best cut of a single column.
  if (best === null || (width > 1 && k > 1))
    for (let start = 0, idle = 0; idle < patience && start < MOST_STARTS; start++)
      idle = improves('kmeans++', seed + start) ? 0 : idle + 1
  return { ...best!, tried }
}

const checkK = (k: number) => {
  if (!Number.isInteger(k) || k < 1) throw new RangeError(`k is ${k}, expected a whole number of 1 or more`)
}

const checkRows = (rows: readonly number[][]) => {
  const width = rows[0]?.length
  if (!width) throw new RangeError('no rows to cluster: expected at least one row with one number')
  for (const [i, row] of rows.entries()) {
    if (row.length !== width)
      throw new RangeError(`row ${i} has ${row.length} numbers, expected ${width} like the first`)
    const bad = row.findIndex((value) => !Number.isFinite(value))
    if (bad >= 0) throw new RangeError(`row ${i}, column ${bad} is ${row[bad]}, expected a finite number`)
  }
}

const largest = (rows: readonly number[][]): number => {
  let most = 0
  for (const row of rows) for (let d = 0; d < row.length; d++) most = Math.max(most, Math.abs(row[d]!))
  return most
}

/** The number of different rows; counting stops at `most`. */
const countDistinct = (rows: readonly number[][], most: number): number => {
  const distinct = new Set<string>()
  for (const row of rows) {
    distinct.add(row.join())
    if (distinct.size === most) break
  }
  return distinct.size
}

/** The number of different values among ascending ones; counting stops at `most`. */
const countSteps = (ascending: Float64Array, most: number): number => {
  let different = 1
  for (let i = 1; i < ascending.length && different < most; i++) if (ascending[i]! > ascending[i - 1]!) different++
  return different
}

/**
 * Centroids by distance from the biggest cluster's, without those of empty clusters. In one dimension that is the order
 * of the line if the biggest cluster lies lowest.
 */
const ordinaryFirst = (rows: readonly number[][], centroids: number[][]): number[][] => {
  const sizes = centroids.map(() => 0)
  for (const row of rows) sizes[nearest(row, centroids).index]!++
  const home = centroids[sizes.indexOf(Math.max(...sizes))]!
  const distance = (c: number[]) => c.reduce((sum, v, d) => sum + (v - home[d]!) ** 2, 0)
  return centroids.filter((_, i) => sizes[i]! > 0).sort((a, b) => distance(a) - distance(b))
}

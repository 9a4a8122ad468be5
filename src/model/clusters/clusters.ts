import { kmeans } from 'ml-kmeans'
import { cellsOf, farApart, type Settled, settled } from './cells.ts'

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
 * k-means by ml-kmeans: the lowest inertia over seeded restarts. Fewer clusters come back when there are fewer than k distinct rows.
 * Many rows of several columns are searched for starts by weighted cells of them, and ml-kmeans goes on from the best with every row.
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
  if (!Number.isInteger(options.k) || options.k < 1)
    throw new RangeError(`k is ${options.k}, expected a whole number of 1 or more`)
  const distinct = distinctRows(rows, Math.max(options.k, 1))
  const k = Math.min(options.k, distinct.length)
  // One common factor leaves every cluster as it is and keeps squares far from overflow.
  const scale = largest(rows) || 1
  const scaled = rows.map((row) => row.map((value) => value / scale))
  let best: { centroids: number[][]; inertia: number } | null = null
  let starts = 0
  const attempt = (initialization: number[][] | 'kmeans++', startSeed: number) => {
    starts++
    const result = kmeans(scaled as number[][], k, {
      seed: startSeed,
      initialization,
      tolerance: 0,
      maxIterations: 300,
    })
    const found = { centroids: result.centroids, inertia: inertia(scaled, result.centroids) }
    const better = best === null || found.inertia < best.inertia * (1 - 1e-12)
    if (better) best = found
    return better
  }
  const width = scaled[0]!.length
  if (width > 1 && k > 1 && k < EXACT && rows.length > EXACT) {
    const search = cellStarts(scaled, k, seed, patience)
    for (const { centroids } of search.best) attempt(centroids, seed)
    starts = search.starts
  } else {
    for (const initial of columnStarts(scaled, k)) if (initial.length === k) attempt(initial, seed)
    // One column's best cut cannot be beaten from elsewhere.
    if (best === null || (width > 1 && k > 1))
      for (let start = 0, idle = 0; idle < patience && start < MOST_STARTS; start++)
        idle = attempt('kmeans++', seed + start) ? 0 : idle + 1
  }
  const { centroids } = best!
  const ordered = order(scaled, centroids)
  const assignments = new Int32Array(rows.length)
  const sizes = ordered.map(() => 0)
  scaled.forEach((row, i) => {
    const { index } = nearest(row, ordered)
    assignments[i] = index
    sizes[index]!++
  })
  const back = ordered.map((centroid) => centroid.map((value) => value * scale))
  return { centroids: back, sizes, assignments, inertia: best!.inertia * scale * scale, restarts: starts }
}

/** The nearest centroid and the squared distance to it. @throws {RangeError} on a non-finite entry */
export const nearest = (
  row: readonly number[],
  centroids: readonly (readonly number[])[],
): { index: number; squaredDistance: number } => {
  let index = -1
  let squaredDistance = Infinity
  for (let c = 0; c < centroids.length; c++) {
    const centroid = centroids[c]!
    let sum = 0
    for (let d = 0; d < row.length; d++) sum += (row[d]! - centroid[d]!) ** 2
    if (sum < squaredDistance) {
      squaredDistance = sum
      index = c
    }
  }
  if (index < 0) throw new RangeError(`row [${row.join(', ')}] has no nearest centroid: every number must be finite`)
  return { index, squaredDistance }
}

/**
 * Inertia: Σᵢ minⱼ ‖xᵢ − cⱼ‖², in squared units of the rows; lower fits tighter.
 * S. P. Lloyd, "Least squares quantization in PCM", IEEE Trans. Inf. Theory 28 (1982) 129–137.
 *
 * @param rows - n × d
 * @param centroids - k × d, k ≥ 1
 * @throws {RangeError} on a non-finite entry, for which ml-kmeans would answer cluster −1
 */
export const inertia = (rows: readonly (readonly number[])[], centroids: readonly (readonly number[])[]): number =>
  rows.reduce((sum, row) => sum + nearest(row, centroids).squaredDistance, 0)

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

/** The first `most` different rows. */
const distinctRows = (rows: readonly number[][], most: number): number[][] => {
  const found = new Map<string, number[]>()
  for (const row of rows) {
    found.set(row.join(), row)
    if (found.size === most) break
  }
  return [...found.values()]
}

const MOST_STARTS = 1000
/** Cells have many optima side by side; so many of the best, at most so far above the least, are carried on with every row. */
const FINALISTS = 4
const FINALIST_WITHIN = 1.002

/** The best different starts over cells of the rows, each settled there, the least inertia first; and how many were tried. */
const cellStarts = (
  rows: readonly number[][],
  k: number,
  seed: number,
  patience: number,
): { best: Settled[]; starts: number } => {
  const cells = cellsOf(rows, EXACT)
  let best: Settled[] = []
  let starts = 0
  const attempt = (start: readonly (readonly number[])[]) => {
    starts++
    const found = settled(cells, start)
    const least = best[0]?.inertia ?? Infinity
    if (!best.some(({ inertia }) => Math.abs(inertia - found.inertia) <= 1e-9 * inertia))
      best = [...best, found].sort((a, b) => a.inertia - b.inertia).slice(0, FINALISTS)
    return found.inertia < least * (1 - 1e-9)
  }
  for (const initial of columnStarts(cells.points, k, cells.weights)) if (initial.length === k) attempt(initial)
  for (let start = 0, idle = 0; idle < patience && start < MOST_STARTS; start++)
    idle = attempt(farApart(cells, k, seed + start)) ? 0 : idle + 1
  const limit = best[0]!.inertia * FINALIST_WITHIN
  return { best: best.filter(({ inertia }) => inertia <= limit), starts }
}

/** One start a column: the best cut of that column alone, which is exact when it is the only one or outweighs the others. */
const columnStarts = (rows: readonly number[][], k: number, weights?: Float64Array): number[][][] =>
  rows[0]!.map((_, column) => {
    const groups = weights ? inOrder(rows, weights, column) : grouped(columnOf(rows, column).sort())
    const floors = bestCuts(groups, k).map((at) => groups.values[at]!)
    const sums = floors.map(() => ({ count: 0, row: rows[0]!.map(() => 0) }))
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!
      const weight = weights ? weights[i]! : 1
      let c = 0
      while (c + 1 < floors.length && row[column]! >= floors[c + 1]!) c++
      const sum = sums[c]!
      sum.count += weight
      for (let d = 0; d < row.length; d++) sum.row[d]! += weight * row[d]!
    }
    return sums.map(({ count, row }) => row.map((value) => value / Math.max(1, count)))
  })

/** Filled by a loop: `Float64Array.from` walks an iterator, which took most of the time of clustering a line. */
const columnOf = (rows: readonly number[][], column: number): Float64Array => {
  const values = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) values[i] = rows[i]![column]!
  return values
}

/** A column of weighted points in ascending order. */
const inOrder = (points: readonly number[][], weights: Float64Array, column: number): Groups => {
  const order = Array.from(points, (_, i) => i).sort((a, b) => points[a]![column]! - points[b]![column]!)
  return {
    values: Float64Array.from(order, (i) => points[i]![column]!),
    weights: Float64Array.from(order, (i) => weights[i]!),
  }
}

/** Values in ascending order, each with its weight. */
interface Groups {
  readonly values: Float64Array
  readonly weights: Float64Array
}

/** Parts that the range of many values is cut into; one start is sought in them, and ml-kmeans goes on from it with every row. */
const PARTS = 4096
const EXACT = 1024

/** Sorted values as they are, or, when they are many, those that share a part of the range as one: named by its lowest. */
const grouped = (sorted: Float64Array): Groups => {
  if (sorted.length <= EXACT) return { values: sorted, weights: new Float64Array(sorted.length).fill(1) }
  const part = (sorted.at(-1)! - sorted[0]!) / PARTS
  const values: number[] = []
  const weights: number[] = []
  for (const value of sorted) {
    const last = values.length - 1
    if (last >= 0 && value - values[last]! <= part) weights[last]!++
    else {
      values.push(value)
      weights.push(1)
    }
  }
  return { values: Float64Array.from(values), weights: Float64Array.from(weights) }
}

/**
 * Starts of the k runs of sorted values with the least inertia, by dynamic programming; divide and conquer makes it O(k n log n).
 * H. Wang, M. Song, "Ckmeans.1d.dp: optimal k-means clustering in one dimension by dynamic programming", The R Journal 3/2 (2011) 29–33.
 */
const bestCuts = ({ values, weights }: Groups, k: number): number[] => {
  const n = values.length
  const clusters = Math.min(k, n)
  const weight = new Float64Array(n + 1)
  const sum = new Float64Array(n + 1)
  const square = new Float64Array(n + 1)
  for (let i = 0; i < n; i++) {
    const [value, times] = [values[i]!, weights[i]!]
    weight[i + 1] = weight[i]! + times
    sum[i + 1] = sum[i]! + times * value
    square[i + 1] = square[i]! + times * value * value
  }
  const cost = (from: number, to: number) => {
    const s = sum[to]! - sum[from]!
    return Math.max(0, square[to]! - square[from]! - (s * s) / (weight[to]! - weight[from]!))
  }
  let before = Float64Array.from({ length: n + 1 }, (_, to) => (to === 0 ? 0 : cost(0, to)))
  const cuts = [new Int32Array(n + 1)]
  for (let c = 1; c < clusters; c++) {
    const now = new Float64Array(n + 1).fill(Infinity)
    const cut = new Int32Array(n + 1)
    const solve = (low: number, high: number, cutLow: number, cutHigh: number) => {
      if (low > high) return
      const to = (low + high) >> 1
      let best = Infinity
      let at = cutLow
      for (let from = Math.max(cutLow, c); from <= Math.min(cutHigh, to - 1); from++) {
        const value = before[from]! + cost(from, to)
        if (value < best) {
          best = value
          at = from
        }
      }
      now[to] = best
      cut[to] = at
      solve(low, to - 1, cutLow, at)
      solve(to + 1, high, at, cutHigh)
    }
    solve(c + 1, n, c, n - 1)
    cuts.push(cut)
    before = now
  }
  const starts: number[] = []
  for (let c = clusters - 1, to = n; c >= 0; c--) {
    to = c === 0 ? 0 : cuts[c]![to]!
    starts.unshift(to)
  }
  return starts
}

/** By distance from the biggest cluster; in one dimension that is the order of the line when the biggest lies lowest. */
const order = (rows: readonly number[][], centroids: number[][]): number[][] => {
  const sizes = centroids.map(() => 0)
  for (const row of rows) sizes[nearest(row, centroids).index]!++
  const home = centroids[sizes.indexOf(Math.max(...sizes))]!
  const distance = (c: number[]) => c.reduce((sum, v, d) => sum + (v - home[d]!) ** 2, 0)
  return centroids.filter((_, i) => sizes[i]! > 0).sort((a, b) => distance(a) - distance(b))
}

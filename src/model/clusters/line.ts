import { optimalCuts, weighted } from './optimal-cuts.ts'

/** Lloyd's steps end after so many, settled or not. */
const STEPS = 300

/** Clusters of numbers on a line. */
export interface LineClusters {
  /** Ascending. */
  readonly centroids: readonly number[]
  /** Numbers that are nearest to each centroid; 0 is possible. */
  readonly sizes: Float64Array
  /** Σ squared distance to the nearest centroid. */
  readonly inertia: number
}

/**
 * k-means of numbers on a line: Lloyd's steps from the optimal cuts until no centroid moves. It adds in the order of
 * the values, so its result is what ml-kmeans makes of the same start, to the last bit.
 *
 * @param values - finite, not far above 1 in size
 * @param ascending - the same values in ascending order
 * @returns null if the cuts are no start, because many values lie too close together to be told apart
 */
export const clustersOnLine = (values: Float64Array, ascending: Float64Array, k: number): LineClusters | null => {
  const line = weighted(ascending)
  const floors = optimalCuts(line, k).map((at) => line.values[at]!)
  if (floors.length < k) return null
  let centroids = meansAbove(floors, values)
  for (let step = 0; isAscending(centroids); step++) {
    const { sums, sizes, inertia } = membersOnLine(centroids, values)
    const means = centroids.map((centroid, c) => (sizes[c]! > 0 ? sums[c]! / sizes[c]! : centroid))
    if (step === STEPS || means.every((mean, c) => mean === centroids[c])) return { centroids, sizes, inertia }
    centroids = means
  }
  return null
}

/**
 * The number and the sum of the values that are nearest to each centroid, and the inertia. Of two centroids as near the
 * lower has the value.
 *
 * @param centroids - ascending, so that a value has passed its nearest one as soon as the next is further
 */
export const membersOnLine = (centroids: readonly number[], values: Float64Array) => {
  const sums = new Float64Array(centroids.length)
  const sizes = new Float64Array(centroids.length)
  let inertia = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    let at = 0
    let least = (value - centroids[0]!) ** 2
    for (let c = 1; c < centroids.length; c++) {
      const squared = (value - centroids[c]!) ** 2
      if (squared > least) break
      if (squared < least) {
        least = squared
        at = c
      }
    }
    sums[at]! += value
    sizes[at]!++
    inertia += least
  }
  return { sums, sizes, inertia }
}

/** The mean of the values from each floor up to the next. */
const meansAbove = (floors: readonly number[], values: Float64Array): number[] => {
  const sums = new Float64Array(floors.length)
  const sizes = new Float64Array(floors.length)
  const others = floors.slice(1)
  for (let i = 0; i < values.length; i++) {
    const c = floorsReached(others, values[i]!)
    sums[c]! += values[i]!
    sizes[c]!++
  }
  return Array.from(sums, (sum, c) => sum / Math.max(1, sizes[c]!))
}

/**
 * The number of floors that lie at or below a value. It compares with each, because a processor loses more time where it
 * cannot guess the end of the comparing.
 *
 * @param floors - ascending
 */
export const floorsReached = (floors: readonly number[], value: number): number => {
  let reached = 0
  for (let c = 0; c < floors.length; c++) reached += Number(value >= floors[c]!)
  return reached
}

const isAscending = (numbers: readonly number[]): boolean =>
  numbers.every((number, i) => i === 0 || number >= numbers[i - 1]!)

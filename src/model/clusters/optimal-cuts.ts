/** Values in ascending order, each with its weight. */
export interface WeightedValues {
  readonly values: Float64Array
  readonly weights: Float64Array
}

/** At most so many values or rows are searched one by one; more of them are joined first. */
export const EXACT_LIMIT = 1024
/** The range of many values is divided into so many parts, and the values of one part count as one. */
const PARTS = 4096

/**
 * Sorted values with a weight of 1 each. If there are more than {@link EXACT_LIMIT}, those that share a part of the
 * range become one value: the lowest of them, with their number as its weight.
 */
export const weighted = (sorted: Float64Array): WeightedValues => {
  if (sorted.length <= EXACT_LIMIT) return { values: sorted, weights: new Float64Array(sorted.length).fill(1) }
  const part = (sorted.at(-1)! - sorted[0]!) / PARTS
  const values = sorted.slice()
  const weights = new Float64Array(sorted.length).fill(1)
  let last = 0
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i]! - values[last]! <= part) weights[last]!++
    else values[++last] = sorted[i]!
  }
  return { values: values.subarray(0, last + 1), weights: weights.subarray(0, last + 1) }
}

/**
 * The optimum of k-means in one dimension: the places at which the k runs of values with the least inertia begin, the
 * first of them 0. Fewer than k if there are fewer values. Dynamic programming; divide and conquer makes it O(k n log
 * n).
 * H. Wang, M. Song, "Ckmeans.1d.dp: optimal k-means clustering in one dimension by dynamic programming", The R Journal
 * 3/2 (2011) 29–33.
 */
export const optimalCuts = (line: WeightedValues, k: number): number[] => {
  const n = line.values.length
  const runs = Math.min(k, n)
  const sums = runningSums(line)
  let least = leastOfOneRun(sums)
  const layers = [new Int32Array(n + 1)]
  for (let c = 1; c < runs; c++) {
    const layer = oneRunMore(sums, least, c, c === runs - 1)
    layers.push(layer.cuts)
    least = layer.least
  }
  const starts: number[] = []
  for (let c = runs - 1, to = n; c >= 0; c--) {
    to = layers[c]![to]!
    starts.unshift(to)
  }
  return starts
}

/** Sums of the weights, the values and their squares before each place. */
interface RunningSums {
  readonly weight: Float64Array
  readonly sum: Float64Array
  readonly square: Float64Array
}

const runningSums = ({ values, weights }: WeightedValues): RunningSums => {
  const n = values.length
  const weight = new Float64Array(n + 1)
  const sum = new Float64Array(n + 1)
  const square = new Float64Array(n + 1)
  for (let i = 0; i < n; i++) {
    const [value, times] = [values[i]!, weights[i]!]
    weight[i + 1] = weight[i]! + times
    sum[i + 1] = sum[i]! + times * value
    square[i + 1] = square[i]! + times * value * value
  }
  return { weight, sum, square }
}

/** The inertia Σx² − (Σx)² / n of the values before each place. */
const leastOfOneRun = ({ weight, sum, square }: RunningSums): Float64Array => {
  const least = new Float64Array(sum.length)
  for (let to = 1; to < sum.length; to++) least[to] = Math.max(0, square[to]! - (sum[to]! * sum[to]!) / weight[to]!)
  return least
}

/**
 * The least inertia of the values before each place with one run more, and the place at which that run begins.
 *
 * @param before - the least inertia with c runs
 * @param isLast - true if the run is the last one, so that all values together are the only ones to be asked for
 */
const oneRunMore = ({ weight, sum, square }: RunningSums, before: Float64Array, c: number, isLast: boolean) => {
  const n = sum.length - 1
  const least = new Float64Array(n + 1).fill(Infinity)
  const cuts = new Int32Array(n + 1)
  const solve = (low: number, high: number, cutLow: number, cutHigh: number): void => {
    if (low > high) return
    const to = (low + high) >> 1
    const [weightTo, sumTo, squareTo] = [weight[to]!, sum[to]!, square[to]!]
    const end = Math.min(cutHigh, to - 1)
    let best = Infinity
    let cut = cutLow
    for (let from = cutLow; from <= end; from++) {
      const already = before[from]!
      if (already >= best) continue // The new run's own inertia only adds to it.
      const s = sumTo - sum[from]!
      const value = already + Math.max(0, squareTo - square[from]! - (s * s) / (weightTo - weight[from]!))
      if (value < best) {
        best = value
        cut = from
      }
    }
    least[to] = best
    cuts[to] = cut
    if (!isLast) solve(low, to - 1, cutLow, cut)
    solve(to + 1, high, cut, cutHigh)
  }
  solve(c + 1, n, c, n - 1)
  return { least, cuts }
}

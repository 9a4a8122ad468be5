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
 * The optimum of k-means in one dimension: the places at which the k runs of values with the least inertia begin, the
 * first of them 0. Fewer than k if there are fewer values. Dynamic programming; divide and conquer makes it O(k n log
 * n).
 * H. Wang, M. Song, "Ckmeans.1d.dp: optimal k-means clustering in one dimension by dynamic programming", The R Journal
 * 3/2 (2011) 29–33.
 */
export const optimalCuts = ({ values, weights }: WeightedValues, k: number): number[] => {
  const n = values.length
  const clusters = Math.min(k, n)
  const inertiaOf = runInertia({ values, weights })
  let before = Float64Array.from({ length: n + 1 }, (_, to) => (to === 0 ? 0 : inertiaOf(0, to)))
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
        const value = before[from]! + inertiaOf(from, to)
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

/** The inertia of any run of the values, `[from, to)`, by running sums. */
const runInertia = ({ values, weights }: WeightedValues): ((from: number, to: number) => number) => {
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
  return (from, to) => {
    const s = sum[to]! - sum[from]!
    return Math.max(0, square[to]! - square[from]! - (s * s) / (weight[to]! - weight[from]!))
  }
}

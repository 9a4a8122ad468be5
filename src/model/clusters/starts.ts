import { cellsOf, farApart, type RefinedStart, refined } from './cells.ts'
import { EXACT_LIMIT, optimalCuts, type WeightedValues, weighted } from './optimal-cuts.ts'

/** Random starts are given up after so many, however often they still improve. */
export const MOST_STARTS = 1000
/** Cells have many optima side by side: so many of the best are tried again with every row. */
const FINALISTS = 4
/** A start that is tried again has at most this multiple of the least inertia. */
const FINALIST_WITHIN = 1.002

/**
 * Starts for k centroids, one a column: the best cut of that column alone. It is the optimum if the column is the only
 * one or outweighs the others.
 *
 * @param weights - one a row; 1 each unless given
 */
export const columnStarts = (rows: readonly number[][], k: number, weights?: Float64Array): number[][][] =>
  rows[0]!.map((_, column) => {
    const line = weights ? ascendingColumn(rows, weights, column) : weighted(columnOf(rows, column).sort())
    const floors = optimalCuts(line, k).map((at) => line.values[at]!)
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

/**
 * Searches for starts over weighted cells of many rows, which is faster than over the rows.
 *
 * @param patience - random starts without improvement after which the search ends
 * @returns the best different starts, refined over the cells, the least inertia first; and how many were tried
 */
export const searchCells = (
  rows: readonly number[][],
  k: number,
  seed: number,
  patience: number,
): { best: RefinedStart[]; tried: number } => {
  const cells = cellsOf(rows, EXACT_LIMIT)
  let best: RefinedStart[] = []
  let tried = 0
  const improves = (start: readonly (readonly number[])[]) => {
    tried++
    const candidate = refined(cells, start)
    const least = best[0]?.inertia ?? Infinity
    if (!best.some(({ inertia }) => Math.abs(inertia - candidate.inertia) <= 1e-9 * inertia))
      best = [...best, candidate].sort((a, b) => a.inertia - b.inertia).slice(0, FINALISTS)
    return candidate.inertia < least * (1 - 1e-9)
  }
  for (const initial of columnStarts(cells.points, k, cells.weights)) if (initial.length === k) improves(initial)
  for (let start = 0, idle = 0; idle < patience && start < MOST_STARTS; start++)
    idle = improves(farApart(cells, k, seed + start)) ? 0 : idle + 1
  const limit = best[0]!.inertia * FINALIST_WITHIN
  return { best: best.filter(({ inertia }) => inertia <= limit), tried }
}

/** One column of the rows. A loop fills it, because `Float64Array.from` over an iterator is several times as slow. */
export const columnOf = (rows: readonly number[][], column: number): Float64Array => {
  const values = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) values[i] = rows[i]![column]!
  return values
}

/** One column of weighted points, in ascending order. */
const ascendingColumn = (points: readonly number[][], weights: Float64Array, column: number): WeightedValues => {
  const order = Array.from(points, (_, i) => i).sort((a, b) => points[a]![column]! - points[b]![column]!)
  return {
    values: Float64Array.from(order, (i) => points[i]![column]!),
    weights: Float64Array.from(order, (i) => weights[i]!),
  }
}

import { createSeededRandom } from './random.ts'

/**
 * Weighted points that stand for many rows. Each is the mean of the rows in one box of the space; boxes do not overlap.
 */
export interface Cells {
  readonly points: number[][]
  /** Rows in each cell. */
  readonly weights: Float64Array
}

/** A start is taken as it is after so many of Lloyd's steps. */
const STEPS = 100

/**
 * Divides rows into at most so many cells. The cell with the greatest inertia is cut in two, at its mean in its widest
 * column, until there are enough. So a far row gets a cell of its own, however far, and a crowd is cut where it is
 * wide.
 */
export const cellsOf = (rows: readonly (readonly number[])[], most: number): Cells => {
  const width = rows[0]!.length
  const values = new Float64Array(rows.length * width)
  rows.forEach((row, i) => {
    for (let d = 0; d < width; d++) values[i * width + d] = row[d]!
  })
  /** The offset of each row in the values; the rows of one cell stand side by side. */
  const order = new Int32Array(rows.length).map((_, i) => i * width)
  const measured = (from: number, to: number) => {
    const point = new Array<number>(width).fill(0)
    const spread = new Array<number>(width).fill(0)
    for (let i = from; i < to; i++) for (let d = 0; d < width; d++) point[d]! += values[order[i]! + d]!
    for (let d = 0; d < width; d++) point[d]! /= to - from
    for (let i = from; i < to; i++)
      for (let d = 0; d < width; d++) spread[d]! += (values[order[i]! + d]! - point[d]!) ** 2
    const column = spread.indexOf(Math.max(...spread))
    return { from, to, point, column, inertia: spread.reduce((a, b) => a + b) }
  }
  const cells = [measured(0, rows.length)]
  while (cells.length < most) {
    let at = 0
    for (let c = 1; c < cells.length; c++) if (cells[c]!.inertia > cells[at]!.inertia) at = c
    const cell = cells[at]!
    if (cell.inertia === 0) break
    let middle = cell.from
    for (let i = cell.from; i < cell.to; i++) {
      const row = order[i]!
      if (values[row + cell.column]! > cell.point[cell.column]!) continue
      order[i] = order[middle]!
      order[middle++] = row
    }
    if (middle === cell.from || middle === cell.to)
      cell.inertia = 0 // The rows differ by less than a mean can resolve.
    else {
      cells[at] = measured(cell.from, middle)
      cells.push(measured(middle, cell.to))
    }
  }
  return { points: cells.map(({ point }) => point), weights: Float64Array.from(cells, ({ from, to }) => to - from) }
}

/**
 * Draws k of the cells, far apart: each step takes the best of a few draws.
 * D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA (2007) 1027–1035.
 */
export const farApart = ({ points, weights }: Cells, k: number, seed: number): number[][] => {
  const random = createSeededRandom(seed)
  const drawn = (shares: Float64Array) => {
    let rest = random() * shares.reduce((a, b) => a + b)
    for (let i = 0; i < shares.length; i++) {
      rest -= shares[i]!
      if (rest < 0) return points[i]!
    }
    return points.at(-1)!
  }
  const chosen = [drawn(weights)]
  let shares = Float64Array.from(points, (point, i) => weights[i]! * squaredDistance(point, chosen[0]!))
  const draws = 2 + Math.floor(Math.log(k))
  while (chosen.length < k) {
    const tried = Array.from({ length: draws }, () => {
      const point = drawn(shares)
      const left = shares.map((share, i) => Math.min(share, weights[i]! * squaredDistance(points[i]!, point)))
      return { point, left, sum: left.reduce((a, b) => a + b) }
    })
    const best = tried.reduce((a, b) => (b.sum < a.sum ? b : a))
    chosen.push(best.point)
    shares = best.left
  }
  return chosen
}

/** A start after Lloyd's steps. */
export interface RefinedStart {
  readonly centroids: number[][]
  /** Leaves out the inertia inside the cells, which is the same for every start. */
  readonly inertia: number
}

/** Takes Lloyd's steps over the cells from these centroids until the inertia falls no further. */
export const refined = ({ points, weights }: Cells, start: readonly (readonly number[])[]): RefinedStart => {
  let centroids = start.map((centroid) => [...centroid])
  let before = Infinity
  for (let step = 0; step < STEPS; step++) {
    const sums = centroids.map((centroid) => ({ weight: 0, sum: centroid.map(() => 0) }))
    let inertia = 0
    for (let i = 0; i < points.length; i++) {
      const point = points[i]!
      let [at, least] = [0, Infinity]
      for (let c = 0; c < centroids.length; c++) {
        const distance = squaredDistance(point, centroids[c]!)
        if (distance < least) [at, least] = [c, distance]
      }
      const members = sums[at]!
      members.weight += weights[i]!
      for (let d = 0; d < point.length; d++) members.sum[d]! += weights[i]! * point[d]!
      inertia += weights[i]! * least
    }
    if (!(inertia < before)) break
    before = inertia
    centroids = sums.map(({ weight, sum }, c) => (weight ? sum.map((value) => value / weight) : centroids[c]!))
  }
  return { centroids, inertia: before }
}

const squaredDistance = (a: readonly number[], b: readonly number[]): number => {
  let sum = 0
  for (let d = 0; d < a.length; d++) sum += (a[d]! - b[d]!) ** 2
  return sum
}

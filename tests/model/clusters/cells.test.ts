import fc from 'fast-check'
import { kmeans } from 'ml-kmeans'
import { expect, test } from 'vitest'
import { cellsOf } from '../../../src/model/clusters/cells.ts'
import { cluster, inertia } from '../../../src/model/clusters/clusters.ts'
import { createSeededRandom } from '../../../src/model/clusters/random.ts'

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const rows = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 60 })

/** Two columns with tails of power laws, in which a few far rows carry most of the inertia. */
const heavyTailed = (count: number, seed: number): number[][] => {
  const random = createSeededRandom(seed)
  return Array.from({ length: count }, () => [(random() - 0.5) / (1 - random()) ** 0.6, 50 / (1 - random()) ** 1.1])
}

test('cells together weigh what the rows do and have their mean; with enough of them each different row has its own', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 60 }), (x, most) => {
      const { points, weights } = cellsOf(x, most)
      expect(points.length).toBeLessThanOrEqual(most)
      expect(weights.reduce((a, b) => a + b)).toBe(x.length)
      for (const d of [0, 1]) {
        const [all, cells] = [
          x.reduce((sum, row) => sum + row[d]!, 0),
          points.reduce((sum, point, i) => sum + weights[i]! * point[d]!, 0),
        ]
        expect(Math.abs(all - cells)).toBeLessThan(
          1e-9 * (1 + x.length * Math.max(...x.map((row) => Math.abs(row[d]!)))),
        )
      }
    }),
    { seed: 7 },
  )
  expect(
    cellsOf(
      Array.from({ length: 90 }, (_, i) => [i % 3, i % 5]),
      99,
    ).weights,
  ).toEqual(new Float64Array(15).fill(6))
})

test('crowds of many rows become clusters whatever their sizes and however far apart', () => {
  const jitter = createSeededRandom(3)
  const crowd = (count: number, x: number, y: number) =>
    Array.from({ length: count }, () => [x + jitter(), y - jitter()])
  const all = [...crowd(4_000, 0, 0), ...crowd(900, 300, -200), ...crowd(98, -7_000, 40_000), ...crowd(2, 1e6, 1e6)]
  for (const seed of [1, 2, 3])
    expect(cluster(all, { k: 4, seed }).sizes.toSorted((a, b) => b - a)).toEqual([4_000, 900, 98, 2])
})

test('many rows with heavy tails fit as tightly as the best of many starts of ml-kmeans with every row', () => {
  for (const seed of [1, 2, 3]) {
    const x = heavyTailed(2_000, seed)
    for (const k of [2, 3, 4]) {
      const starts = Array.from(
        { length: 15 },
        (_, start) => kmeans(x, k, { seed: start, tolerance: 0, maxIterations: 300 }).centroids,
      )
      const least = Math.min(...starts.map((centroids) => inertia(x, centroids)))
      expect(cluster(x, { k, seed }).inertia / least).toBeLessThan(1 + 1e-6)
    }
  }
})

test('many rows give the same clusters for the same seed to the last bit, and no empty ones where most are alike', () => {
  const x = heavyTailed(3_000, 4)
  expect(cluster(x, { k: 4, seed: 5 })).toEqual(cluster(x, { k: 4, seed: 5 }))
  const alike = [...Array.from({ length: 2_000 }, () => [7, 7]), [7, 8], [1e9, 7]]
  expect(cluster(alike, { k: 4, seed: 1 }).sizes).toEqual([2_000, 1, 1])
})

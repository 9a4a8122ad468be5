import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cluster, inertia, nearest } from '../../../src/model/clusters/clusters.ts'
import { naiveLeastInertia } from '../../support/naive.ts'

const number = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const rows = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 30 })
const line = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 14 })

test('on a line the clusters are the optimum, as by trying every cut', () => {
  fc.assert(
    fc.property(line, fc.integer({ min: 1, max: 4 }), (values, k) => {
      const clustering = cluster(
        values.map((v) => [v]),
        { k, seed: 1 },
      )
      const least = naiveLeastInertia(values, k)
      expect(clustering.inertia).toBeLessThanOrEqual(least + 1e-9 * (1 + Math.max(...values) ** 2))
    }),
    { seed: 7, numRuns: 150 },
  )
})

test('one more centroid never raises inertia', () => {
  fc.assert(
    fc.property(
      rows,
      fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 4 }),
      fc.tuple(number, number),
      (x, c, extra) => {
        expect(inertia(x, [...c, extra])).toBeLessThanOrEqual(inertia(x, c))
      },
    ),
    { seed: 7 },
  )
})

test('every row is with its nearest centroid, sizes count them, no cluster is empty, and inertia is what the centroids give', () => {
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 4 }), (x, k) => {
      const { centroids, sizes, assignments, inertia: least } = cluster(x, { k, seed: 3, restarts: 3 })
      expect(centroids.length).toBeLessThanOrEqual(Math.min(k, new Set(x.map(String)).size))
      expect(sizes.reduce((a, b) => a + b)).toBe(x.length)
      expect(Math.min(...sizes)).toBeGreaterThan(0)
      const scale = 1 + Math.max(...x.flat().map(Math.abs)) ** 2
      expect(Math.abs(least - inertia(x, centroids)) / scale).toBeLessThan(1e-9)
      x.forEach((row, i) => {
        const assigned = centroids[assignments[i]!]!
        const distance = row.reduce((sum, v, d) => sum + (v - assigned[d]!) ** 2, 0)
        expect(distance).toBeLessThanOrEqual(nearest(row, centroids).squaredDistance + 1e-9 * scale)
      })
    }),
    { seed: 7, numRuns: 60 },
  )
})

test('many rows on a line reach the same clusters as few, whatever their order', () => {
  const values = Array.from({ length: 5_000 }, (_, i) => (i % 50 === 0 ? 900 + (i % 7) : i % 13))
  const forth = cluster(
    values.map((v) => [v]),
    { k: 2, seed: 1 },
  )
  const back = cluster(
    values.toReversed().map((v) => [v]),
    { k: 2, seed: 9 },
  )
  expect(forth.sizes).toEqual([4_900, 100])
  expect(back.sizes).toEqual(forth.sizes)
  expect(back.centroids[1]![0]).toBeCloseTo(forth.centroids[1]![0]!, 9)
})

test('duplicates and constants give fewer clusters instead of empty ones', () => {
  expect(cluster([[2], [2], [2]], { k: 4, seed: 1 }).centroids).toEqual([[2]])
  expect(
    cluster(
      [
        [1, 1],
        [1, 1],
        [5, 5],
      ],
      { k: 3, seed: 1 },
    ).sizes,
  ).toEqual([2, 1])
  expect(cluster([[0], [1e-9], [1], ...Array.from({ length: 2_000 }, () => [0])], { k: 3, seed: 1 }).sizes).toEqual([
    2_001, 1, 1,
  ])
})

test('the same seed gives the same clusters to the last bit', () => {
  const x = Array.from({ length: 200 }, (_, i) => [Math.sin(i) * 10, Math.cos(i * 1.7) ** 3 * 100])
  expect(cluster(x, { k: 4, seed: 5 })).toEqual(cluster(x, { k: 4, seed: 5 }))
})

test.for([
  { name: 'no rows', rows: [], k: 2, says: 'no rows to cluster' },
  { name: 'a NaN', rows: [[1], [Number.NaN]], k: 2, says: 'row 1, column 0 is NaN, expected a finite number' },
  { name: 'an infinity', rows: [[1, Infinity]], k: 2, says: 'row 0, column 1 is Infinity' },
  { name: 'rows of unequal length', rows: [[1], [1, 2]], k: 2, says: 'row 1 has 2 numbers, expected 1' },
  { name: 'k of none', rows: [[1]], k: 0, says: 'k is 0, expected a whole number' },
])('refuses $name', ({ rows: x, k, says }) => {
  expect(() => cluster(x, { k, seed: 1 })).toThrow(says)
})

test('nearest refuses a row that has none', () => {
  expect(() => nearest([Number.NaN], [[1]])).toThrow('every number must be finite')
})

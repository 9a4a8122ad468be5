import fc from 'fast-check'
import { kmeans } from 'ml-kmeans'
import { expect, test } from 'vitest'
import { cluster, clusterLine, inertia } from '../../../src/model/clusters/clusters.ts'
import { clustersOnLine, floorsReached, membersOnLine } from '../../../src/model/clusters/line.ts'
import { columnStarts } from '../../../src/model/clusters/starts.ts'
import { surgesOf } from '../past.ts'

const values = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 60 })
const tails = fc
  .record({ seed: fc.nat(), count: fc.integer({ min: 4, max: 2_500 }) })
  .map(({ seed, count }) => surgesOf(count, seed).map((surge) => Math.min(1, surge / 20)))
const ks = fc.constantFrom(1, 2, 3, 4)
const rowsOf = (line: readonly number[]) => line.map((value) => [value])

test('the clusters are those of ml-kmeans from the same start, to the last bit', () => {
  fc.assert(
    fc.property(fc.oneof(values, tails), ks, (line, k) => {
      fc.pre(new Set(line).size >= k)
      const rows = rowsOf(line)
      const [initialization] = columnStarts(rows, k)
      const found = clustersOnLine(Float64Array.from(line), Float64Array.from(line).sort(), k)
      fc.pre(found !== null && initialization?.length === k)
      const { centroids } = kmeans(rows, k, { initialization: initialization!, tolerance: 0, maxIterations: 300 })
      expect(found!.centroids).toEqual(centroids.map(([value]) => value))
      expect(found!.inertia).toBe(inertia(rows, centroids))
    }),
    { seed: 7, numRuns: 120 },
  )
})

const expectSame = (line: readonly number[], k: number) => {
  const { centroids, inertia, restarts } = cluster(rowsOf(line), { k, seed: 1 })
  expect(clusterLine(Float64Array.from(line), Float64Array.from(line).sort(), { k, seed: 1 })).toEqual({
    centroids: centroids.map(([value]) => value!).sort((a, b) => a - b),
    inertia,
    restarts,
  })
}

test('a line and rows of one column give the same clusters', () => {
  fc.assert(fc.property(fc.oneof(values, tails), ks, expectSame), { seed: 7, numRuns: 60 })
})

test('they do for numbers too close to be cut apart', () => {
  expectSame([0, 1e-9, 1, ...Array.from({ length: 2_000 }, () => 0)], 3)
})

test('a value halfway between two centroids belongs to the lower one, and one above all to the last', () => {
  const { sums, sizes, inertia: sum } = membersOnLine([1, 3, 3, 7], Float64Array.of(2, 3, 5, 0, 9))
  expect([...sizes]).toEqual([2, 2, 0, 1])
  expect([...sums]).toEqual([2, 8, 0, 9])
  expect(sum).toBe(1 + 0 + 4 + 1 + 4)
})

test('floors are reached from their own value on', () => {
  expect([0, 1, 1.5, 2, 5, Number.NaN].map((value) => floorsReached([1, 2, 2], value))).toEqual([0, 1, 1, 3, 3, 0])
})

test.for([
  { name: 'no values', line: [], k: 2, says: 'expected numbers' },
  { name: 'a NaN', line: [1, Number.NaN], k: 2, says: 'the values reach from 1 to NaN' },
  { name: 'an infinity', line: [1, Infinity], k: 2, says: 'the values reach from 1 to Infinity' },
  { name: 'k of none', line: [1], k: 0, says: 'k is 0, expected a whole number' },
])('refuses $name', ({ line, k, says }) => {
  const values = Float64Array.from(line)
  expect(() => clusterLine(values, values.toSorted(), { k, seed: 1 })).toThrow(says)
})

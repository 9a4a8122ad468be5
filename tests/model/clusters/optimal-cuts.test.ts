import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EXACT_LIMIT, optimalCuts, weighted } from '../../../src/model/clusters/optimal-cuts.ts'
import { naiveLeastInertia } from '../../support/naive.ts'

const ascending = fc
  .array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1, maxLength: 14 })
  .map((values) => Float64Array.from(values).sort())
const inertiaOf = (run: Float64Array) => {
  const mean = run.reduce((sum, value) => sum + value, 0) / run.length
  return run.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}

test('the runs have the least inertia, as by trying every cut', () => {
  fc.assert(
    fc.property(ascending, fc.integer({ min: 1, max: 4 }), (values, k) => {
      const cuts = optimalCuts(weighted(values), k)
      expect(cuts[0]).toBe(0)
      expect(cuts).toHaveLength(Math.min(k, values.length))
      const inertia = cuts.reduce((sum, from, c) => sum + inertiaOf(values.slice(from, cuts[c + 1])), 0)
      const least = naiveLeastInertia([...values], k)
      expect(inertia).toBeLessThanOrEqual(least + 1e-9 * (1 + Math.max(...values) ** 2))
    }),
    { seed: 7, numRuns: 150 },
  )
})

test('a value of weight 3 counts like three equal values', () => {
  const [values, weights] = [Float64Array.of(0, 1, 4, 5), Float64Array.of(1, 3, 1, 1)]
  expect(optimalCuts({ values, weights }, 2)).toEqual([0, 2])
  expect(optimalCuts(weighted(Float64Array.of(0, 1, 1, 1, 4, 5)), 2)).toEqual([0, 4])
})

test('few values stay as they are; of many, those close together become one', () => {
  const few = Float64Array.from({ length: EXACT_LIMIT }, (_, i) => i)
  expect(weighted(few)).toEqual({ values: few, weights: new Float64Array(EXACT_LIMIT).fill(1) })
  const many = Float64Array.from({ length: 3_000 }, (_, i) => (i < 2_000 ? i / 1e6 : 900 + i / 1e6))
  const { values, weights } = weighted(many)
  expect([...values]).toEqual([0, many[2_000]])
  expect([...weights]).toEqual([2_000, 1_000])
})

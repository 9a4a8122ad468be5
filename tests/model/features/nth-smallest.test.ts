import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nthSmallest } from '../../../src/model/features/nth-smallest.ts'
import { naiveNthSmallest } from '../../support/naive.ts'

const many = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 300 })
const alike = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 300 })

test('the n-th smallest value is the one that sorting puts there, and all values are kept', () => {
  fc.assert(
    fc.property(fc.oneof(many, alike), fc.nat(), (values, at) => {
      const n = at % values.length
      const moved = Float64Array.from(values)
      // Sorting puts −0 before 0, which are equal here.
      expect(nthSmallest(moved, n) + 0).toBe(naiveNthSmallest(values, n) + 0)
      expect(moved.sort()).toEqual(Float64Array.from(values).sort())
    }),
    { seed: 7, numRuns: 300 },
  )
})

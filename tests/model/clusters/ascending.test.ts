import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ascending } from '../../../src/model/clusters/ascending.ts'

const numbers = fc.array(fc.float({ min: 0, noNaN: true }), { maxLength: 500 })

test('the numbers come in the order of a comparing sort, and stay where they were', () => {
  fc.assert(
    fc.property(numbers, (all) => {
      const given = Float32Array.from(all, (value) => Math.abs(value))
      const sorted = ascending(given)
      expect(sorted).toEqual(given.toSorted())
      expect(given).toEqual(Float32Array.from(all, (value) => Math.abs(value)))
    }),
    { seed: 7, numRuns: 300 },
  )
})

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fitChangesCenters } from '../../../src/model/changes/centers.ts'
import { recorded } from '../../support/data.ts'

interface Expected {
  readonly centres: readonly (readonly [number, number])[]
  readonly sizes: readonly number[]
  readonly inertia: number
}

test.for([2, 3, 4])(
  'the old features of a real day reach the global optimum, k = %i (skipped without the files)',
  (k, context) => {
    const lines = readFileSync(recorded('krx/parity-038530-features.csv', context), 'utf8').trim().split('\n').slice(1)
    const rows = lines.map((line) => line.split(',').map(Number) as [number, number])
    const expected = (
      JSON.parse(readFileSync(recorded('krx/parity-038530-expected.json', context), 'utf8')) as Record<string, Expected>
    )[`K${k}`]!
    for (const seed of [1, 2, 3]) {
      const centers = fitChangesCenters(rows, { symbol: '038530', k, seed })
      const clusters = centers.clusters.toSorted((a, b) => a.center.per_volume! - b.center.per_volume!)
      expect(Math.abs(centers.inertia / expected.inertia - 1)).toBeLessThan(1e-9)
      expect(clusters.map((c) => c.size)).toEqual(expected.sizes)
      clusters.forEach((cluster, c) => {
        expect(cluster.center.per_price).toBeCloseTo(expected.centres[c]![0], 5)
        expect(cluster.center.per_volume).toBeCloseTo(expected.centres[c]![1], 4)
      })
    }
  },
)

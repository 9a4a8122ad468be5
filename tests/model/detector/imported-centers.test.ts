import { describe, expect, test } from 'vitest'
import { inertia } from '../../../src/model/clusters/clusters.ts'
import { fitModel } from '../../../src/model/detector/fit.ts'
import { centersAt } from '../../../src/model/detector/market-centers.ts'
import { identifiedCenters, type MarketCenters } from '../../../src/model/detector/model.ts'
import { centersFromSnapshot, fromSnapshot, toSnapshot } from '../../../src/model/detector/snapshot.ts'
import { START } from '../bars.ts'
import { MARKET, pastOf, settingsOf, surgesOf } from '../past.ts'

const SURGES = { 1: [0.1, 1, 3, 6], 15: [0.2, 1.2, 4, 9] }
const imported = (changes: Partial<MarketCenters> = {}): MarketCenters =>
  identifiedCenters({ cutoff: START, importedAt: 7, origin: 'elsewhere', surges: SURGES, ...changes })
const past = pastOf(surgesOf(2_000, 1), surgesOf(2_000, 2))
const settings = settingsOf({ horizons: [1, 15], market: MARKET })

describe('imported centers', () => {
  const centers = imported()
  const model = fitModel(past, { ...settings, centers })

  test('are the clusters of every stock, and its own minutes are counted into them', () => {
    for (const [h, minutes] of ([1, 15] as const).entries()) {
      const { clusters, edges, lent, restarts, ...horizon } = model.horizons[h]!
      expect(clusters.map(({ center }) => center.surge)).toEqual(SURGES[minutes])
      expect(clusters.map(({ abnormal }) => abnormal)).toEqual([false, false, false, true])
      expect(clusters.reduce((sum, { size }) => sum + size, 0)).toBe(2_000)
      expect({ lent, restarts }).toEqual({ lent: 0, restarts: 0 })
      expect(edges.length).toBe(3)
      const capped = past.rows(h).map(({ surge }) => [Math.min(surge, Math.expm1(horizon.widest))])
      expect(horizon.inertia).toBe(
        inertia(
          capped,
          SURGES[minutes].map((surge) => [surge]),
        ),
      )
    }
    expect(model.imported).toEqual({ id: centers.id, origin: 'elsewhere', importedAt: 7 })
  })

  test('change no boundary: the curve and the scales are those of a model of its own', () => {
    const own = fitModel(past, settings)
    expect(model.curve).toEqual(own.curve)
    expect(model.horizons.map(({ scale, widest }) => ({ scale, widest }))).toEqual(
      own.horizons.map(({ scale, widest }) => ({ scale, widest })),
    )
    expect(own.imported).toBeUndefined()
    expect(model.id).not.toBe(own.id)
  })

  test('that lie too far out leave the score of twice a session in the abnormal cluster all the same', () => {
    const far = imported({ surges: { 1: [1, 10, 500, 1_000], 15: [1, 10, 500, 1_000] } })
    for (const { edges, widest } of fitModel(past, { ...settings, centers: far }).horizons) {
      expect(edges.at(-1)).toBe(widest)
      expect(edges.toSorted((a, b) => a - b)).toEqual(edges)
    }
  })

  test('come back from their snapshots to the last bit, and so does the model', () => {
    expect(centersFromSnapshot(toSnapshot(centers))).toEqual(centers)
    expect(fromSnapshot(toSnapshot(model))).toEqual(model)
  })
})

test('of imports and removals the last one before a cutoff counts', () => {
  const [first, second] = [imported({ cutoff: 10 }), imported({ cutoff: 30 })]
  const imports = [second, imported({ cutoff: 20, origin: '', surges: {} }), first]
  expect([9, 10, 19, 20, 29, 30, 99].map((cutoff) => centersAt(imports, cutoff))).toEqual([
    ...[null, first, first, null, null, second, second],
  ])
})

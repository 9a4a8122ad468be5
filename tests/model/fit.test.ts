import { expect, test } from 'vitest'
import { boundary } from '../../src/model/boundary.ts'
import { clusterOf, type FitSettings, fitModel, WIDEST_RATE } from '../../src/model/fit.ts'
import type { HistoryRow, Past } from '../../src/model/history.ts'
import { marketOf } from '../../src/model/markets.ts'
import { PARAMETERS } from '../../src/model/parameters.ts'
import { seededRandom } from '../../src/model/random.ts'
import { createAlertCounts } from '../../src/model/rates.ts'
import { fromSnapshot, poolFromSnapshot, toSnapshot } from '../../src/model/snapshot.ts'
import { START } from './bars.ts'

/** Minutes whose surges have a Pareto tail, as those of real stocks do. */
const rowsOf = (count: number, seed: number, tail = 1): HistoryRow[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, i) => {
    const surge = 0.4 * ((1 - random()) ** (-tail / 2) - 1)
    return { openTime: START + i * 60_000, surge, move: surge * 0.001, multiple: 1 + random() }
  })
}
const pastOf = (rows: readonly HistoryRow[]): Past => {
  const counts = createAlertCounts(PARAMETERS.alertHalfLife)
  for (const { openTime, surge } of rows) counts.add(openTime, Math.log1p(surge))
  const sessions = rows.length / 381
  const alerts = counts.snapshot(sessions)
  return { rows: () => [...rows], alerts: () => alerts, combinedAlerts: alerts, count: rows.length, sessions }
}
const settings = (over: Partial<FitSettings> = {}): FitSettings => ({
  symbol: '038530',
  k: 4,
  seed: 1,
  cutoff: START,
  sessionMinutes: 381,
  horizons: [1, 15],
  market: marketOf('krx').curves,
  parameters: PARAMETERS,
  ...over,
})

test.for([2, 3, 4])(
  'k = %i: clusters are ordered, sizes count the minutes, and the furthest alone is abnormal and holds the widest score',
  (k) => {
    for (let seed = 1; seed <= 30; seed++) {
      const rows = rowsOf(800, seed, seed % 3 === 0 ? 2 : 1)
      for (const { clusters, edges, widest } of fitModel(pastOf(rows), settings({ k })).horizons) {
        const centers = clusters.map((c) => c.center.surge!)
        expect(centers).toEqual(centers.toSorted((a, b) => a - b))
        expect(clusters.reduce((sum, c) => sum + c.size, 0)).toBe(rows.length)
        expect(clusters.map(({ abnormal }) => abnormal)).toEqual(clusters.map((_, c) => c === k - 1))
        expect(clusterOf(edges, widest)).toBe(k - 1)
      }
    }
  },
)

test('the boundary of the liveliest number lies inside the abnormal cluster of the single minute', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const model = fitModel(pastOf(rowsOf(3_000, seed)), settings({ horizons: [1], market: alone }))
    for (const rate of [WIDEST_RATE, 0.6, 0.01])
      expect(clusterOf(model.horizons[0]!.edges, boundary(model, rate))).toBe(model.horizons[0]!.clusters.length - 1)
  }
})
const { curves } = marketOf('krx')
const alone = { ...curves, combined: curves.horizons['1']! }

test('a smaller number never lowers the boundary; none is out of reach', () => {
  const model = fitModel(pastOf(rowsOf(2_000, 3)), settings())
  const boundaries = [8, 2, 0.6, 0.2, 0.01, 0.0001].map((rate) => boundary(model, rate))
  expect(boundaries).toEqual(boundaries.toSorted((a, b) => a - b))
  expect(boundary(model, 0)).toBe(Infinity)
})

test('an old event takes no cluster for itself', () => {
  const rows = rowsOf(2_000, 5)
  const event = rows.map((row, i) => (i > 900 && i < 906 ? { ...row, surge: 50_000 } : row))
  const [plain, after] = [rows, event].map((each) => fitModel(pastOf(each), settings()).horizons[0]!)
  expect(after!.edges.at(-1)! - plain!.edges.at(-1)!).toBeLessThan(0.3)
  expect(after!.clusters.at(-1)!.size).toBeGreaterThan(5)
})

test('a quiet history knows what is far out from its market', () => {
  const rows = rowsOf(2_000, 6).map((row) => ({ ...row, surge: Math.min(row.surge, 0.5) }))
  const { clusters, lent } = fitModel(pastOf(rows), settings()).horizons[0]!
  expect(lent).toBeGreaterThan(0)
  expect(clusters.at(-1)).toMatchObject({ size: 0, abnormal: true })
})

test('a livelier past has a higher boundary', () => {
  const [calm, lively] = [0.6, 1.4].map((tail) => boundary(fitModel(pastOf(rowsOf(4_000, 7, tail)), settings()), 0.6))
  expect(lively!).toBeGreaterThan(calm!)
})

test('minutes without any move make one ordinary cluster and the lent one', () => {
  const rows = rowsOf(500, 8).map((row) => ({ ...row, surge: 0 }))
  const { clusters } = fitModel(pastOf(rows), settings()).horizons[0]!
  expect(clusters.map(({ size, abnormal }) => [size, abnormal])).toEqual([
    [500, false],
    [0, true],
  ])
})

test('the same history gives the same model to the last bit, and a snapshot brings it back', () => {
  const past = pastOf(rowsOf(1_500, 9))
  const model = fitModel(past, settings())
  expect(fitModel(past, settings())).toEqual(model)
  expect(fromSnapshot(toSnapshot(model))).toEqual(model)
})

test('a snapshot of an older version is set aside; one that is broken, foreign or of a later version says to train again', () => {
  const text = toSnapshot(fitModel(pastOf(rowsOf(800, 10)), settings()))
  expect(fromSnapshot('{"version":1,"id":"x","anchor":315}')).toBeNull()
  expect(poolFromSnapshot('{"version":1,"id":"x","anchor":315}')).toBeNull()
  expect(() => fromSnapshot('{')).toThrow('model snapshot is not JSON: train the model again')
  expect(() => fromSnapshot('{"version":3}')).toThrow('model snapshot has version 3, expected 2: train the model again')
  expect(() => fromSnapshot(text.replace('"seed":1', '"seed":2'))).toThrow('does not match its content')
  expect(() => fromSnapshot(text.replace('"k":4', '"k":"four"'))).toThrow(/broken at k: .*; train the model again/)
})

test('without a minute there is nothing to fit', () => {
  expect(() => fitModel(pastOf([]), settings())).toThrow(RangeError)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundary } from '../../src/model/budget.ts'
import { clusterOf, type FitSettings, fitModel } from '../../src/model/fit.ts'
import type { HistoryRow } from '../../src/model/history.ts'
import { seededRandom } from '../../src/model/random.ts'
import { fromSnapshot, toSnapshot } from '../../src/model/snapshot.ts'
import { START } from './bars.ts'

/** Minutes whose surges have a Pareto tail, as those of real stocks do. */
const rowsOf = (count: number, seed: number, tail = 1): HistoryRow[] => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, (_, i) => {
    const price = 0.5 * (1 - random()) ** (-tail / 2)
    const volume = 0.8 * (1 - random()) ** (-tail / 4)
    return { openTime: START + i * 60_000, price, volume, surge: price * volume ** 1.5 }
  })
}
const settingsOf = (rows: readonly HistoryRow[], settings: Partial<FitSettings> = {}): FitSettings => ({
  symbol: '038530',
  market: 'krx',
  k: 4,
  seed: 1,
  cutoff: START,
  span: rows.length,
  sessionMinutes: 381,
  peaks: rows
    .map((r) => Math.log1p(r.surge))
    .toSorted((a, b) => b - a)
    .slice(0, 200),
  pool: null,
  ...settings,
})

test.for([2, 3, 4])('k = %i: clusters are ordered, sizes count the minutes, and the last is always abnormal', (k) => {
  for (let seed = 1; seed <= 30; seed++) {
    const rows = rowsOf(800, seed, seed % 3 === 0 ? 2 : 1)
    const model = fitModel(rows, settingsOf(rows, { k }))
    const centers = model.clusters.map((c) => c.center.surge!)
    expect(centers).toEqual(centers.toSorted((a, b) => a - b))
    expect(model.clusters.reduce((sum, c) => sum + c.size, 0)).toBe(rows.length)
    expect(model.clusters.at(-1)!.abnormal).toBe(true)
    expect(model.clusters[0]!.abnormal).toBe(false)
    for (const c of model.clusters) expect(c.abnormal).toBe(c.center.surge! >= model.abnormalFrom)
  }
})

test('a history of nothing but stillness still has an abnormal cluster, and puts a surge into it', () => {
  const rows = rowsOf(500, 1).map((row) => ({ ...row, price: 0, surge: 0 }))
  const model = fitModel(rows, settingsOf(rows, { peaks: [] }))
  expect(model.clusters).toHaveLength(2)
  expect(model.clusters[clusterOf(model.clusters, 5_000)]!.abnormal).toBe(true)
  expect(model.noisePerSession).toBe(0)
})

test('leaving out or repeating minutes hardly moves what is abnormal', () => {
  const rows = rowsOf(1_500, 5)
  const limit = (sample: readonly HistoryRow[]) => {
    const model = fitModel(sample, settingsOf(sample, { peaks: settingsOf(rows).peaks }))
    let surge = 1
    while (!model.clusters[clusterOf(model.clusters, surge)]!.abnormal) surge *= 1.01
    return surge
  }
  const whole = limit(rows)
  const random = seededRandom(9)
  for (let b = 0; b < 50; b++) {
    const ratio = limit(rows.map(() => rows[Math.floor(random() * rows.length)]!)) / whole
    expect(ratio).toBeGreaterThan(0.6)
    expect(ratio).toBeLessThan(1.7)
  }
})

test('a restored model is the model, to the last bit', () => {
  const rows = rowsOf(300, 2)
  const model = fitModel(rows, settingsOf(rows))
  expect(fromSnapshot(toSnapshot(model))).toEqual(model)
  expect(toSnapshot(fromSnapshot(toSnapshot(model)))).toBe(toSnapshot(model))
  expect(fitModel(rows, settingsOf(rows)).id).toBe(model.id)
  expect(fitModel(rows, settingsOf(rows, { seed: 2 })).id).not.toBe(model.id)
})

test.for([
  { name: 'what is no JSON', text: '{"version":', says: 'is not JSON: train the model again' },
  { name: 'another version', text: '{"version":7}', says: 'has version 7, expected 1: train the model again' },
  { name: 'no object at all', text: 'null', says: 'has version undefined, expected 1' },
  { name: 'a model without its centers', text: '{"version":1,"id":"x"}', says: 'is broken at symbol' },
])('a snapshot refuses $name', ({ text, says }) => {
  expect(() => fromSnapshot(text)).toThrow(says)
})

test('a snapshot that was changed by hand is refused', () => {
  const rows = rowsOf(300, 2)
  const text = toSnapshot(fitModel(rows, settingsOf(rows))).replace('"anchors":10', '"anchors":11')
  expect(() => fromSnapshot(text)).toThrow('does not match its content')
})

test('a bigger budget never asks for a higher score', () => {
  const rows = rowsOf(2_000, 3)
  const model = fitModel(rows, settingsOf(rows, { span: 381 * 40 }))
  const budget = fc.double({ min: 0.01, max: 200, noNaN: true })
  fc.assert(
    fc.property(budget, budget, (a, b) => {
      expect(boundary(model, Math.max(a, b))).toBeLessThanOrEqual(boundary(model, Math.min(a, b)) + 1e-12)
    }),
    { seed: 7 },
  )
  expect(boundary(model, 0)).toBe(Infinity)
})

test('the boundary lets through as many of its own episodes as the budget allows', () => {
  const rows = rowsOf(3_000, 4)
  const model = fitModel(rows, settingsOf(rows, { span: 381 * 50 }))
  for (const perWeek of [1, 3, 7, 12]) {
    const through = model.peaks.filter((peak) => peak >= boundary(model, perWeek)).length
    expect(Math.abs(through - perWeek * 10)).toBeLessThanOrEqual(1)
  }
})

test('no minutes, no model', () => {
  expect(() => fitModel([], settingsOf([]))).toThrow('no minutes to fit a model to')
})

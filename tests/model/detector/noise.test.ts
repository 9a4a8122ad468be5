import { describe, expect, test } from 'vitest'
import { createSeededRandom } from '../../../src/model/clusters/random.ts'
import type { HistoryRow } from '../../../src/model/detector/history.ts'
import { noisePerSession } from '../../../src/model/detector/noise.ts'

const settings = { sessionMinutes: 380, seed: 1, moveAlone: 1 }
const rowOf = (i: number, price: number, multiple: number): HistoryRow => ({
  openTime: i * 60_000,
  surge: price * (1 + Math.log1p(multiple)),
  move: price / 1_000,
  multiple,
})

describe('the noise of a session without events', () => {
  const still = Array.from({ length: 400 }, (_, i) => rowOf(i, 0, 1))

  test('is none if nothing is abnormal, and every minute if all are', () => {
    expect(noisePerSession(still, { ...settings, flags: () => false })).toBe(0)
    expect(noisePerSession(still, { ...settings, flags: () => true })).toBe(380)
  })

  test('keeps a move as it was if volume is the same in every minute', () => {
    const rows = Array.from({ length: 400 }, (_, i) => rowOf(i, i % 4, 2))
    const seen = new Set<number>()
    noisePerSession(rows, { ...settings, flags: (surge) => seen.add(Math.round(surge * 1e6) / 1e6) === null })
    const surges = new Set(rows.map(({ surge }) => Math.round(surge * 1e6) / 1e6))
    expect(seen.isSubsetOf(surges)).toBe(true)
  })

  test('leaves little of surges of price and volume that only come together', () => {
    const random = createSeededRandom(2)
    const rows = Array.from({ length: 4_000 }, (_, i) => (random() < 0.01 ? rowOf(i, 10, 50) : rowOf(i, 0.5, 0.5)))
    const flags = (surge: number) => surge > 40
    const before = (rows.filter(({ surge }) => flags(surge)).length / rows.length) * 380
    expect(before).toBeGreaterThan(2)
    expect(noisePerSession(rows, { ...settings, flags })).toBeLessThan(before / 4)
  })

  test('is the same for the same seed', () => {
    const rows = Array.from({ length: 1_000 }, (_, i) => rowOf(i, i % 13, i % 7))
    const noise = (seed: number) => noisePerSession(rows, { ...settings, seed, flags: (surge) => surge > 20 })
    expect(noise(3)).toBe(noise(3))
  })
})

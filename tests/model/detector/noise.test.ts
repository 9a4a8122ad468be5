import { describe, expect, test } from 'vitest'
import { createSeededRandom } from '../../../src/model/clusters/random.ts'
import { noisePerSession } from '../../../src/model/detector/noise.ts'

const settings = { sessionMinutes: 380, seed: 1, moveAlone: 1 }
/** A minute of this price and volume, in usual ones. */
const minuteOf = (price: number, multiple: number) => ({ surge: price * (1 + Math.log1p(multiple)), multiple })
const columnsOf = (minutes: readonly { readonly surge: number; readonly multiple: number }[]) => ({
  surges: Float32Array.from(minutes, ({ surge }) => surge),
  multiples: Float32Array.from(minutes, ({ multiple }) => multiple),
})

describe('the noise of a session without events', () => {
  const still = columnsOf(Array.from({ length: 400 }, () => minuteOf(0, 1)))

  test('is none if nothing is abnormal, and every minute if all are', () => {
    expect(noisePerSession(still, { ...settings, flags: () => false })).toBe(0)
    expect(noisePerSession(still, { ...settings, flags: () => true })).toBe(380)
  })

  test('keeps a move as it was if volume is the same in every minute', () => {
    const columns = columnsOf(Array.from({ length: 400 }, (_, i) => minuteOf(i % 4, 2)))
    const seen = new Set<number>()
    noisePerSession(columns, { ...settings, flags: (surge) => seen.add(Math.round(surge * 1e6) / 1e6) === null })
    const surges = new Set(Array.from(columns.surges, (surge) => Math.round(surge * 1e6) / 1e6))
    expect(seen.isSubsetOf(surges)).toBe(true)
  })

  test('leaves little of surges of price and volume that only come together', () => {
    const random = createSeededRandom(2)
    const minutes = Array.from({ length: 4_000 }, () => (random() < 0.01 ? minuteOf(10, 50) : minuteOf(0.5, 0.5)))
    const flags = (surge: number) => surge > 40
    const before = (minutes.filter(({ surge }) => flags(surge)).length / minutes.length) * 380
    expect(before).toBeGreaterThan(2)
    expect(noisePerSession(columnsOf(minutes), { ...settings, flags })).toBeLessThan(before / 4)
  })

  test('is the same for the same seed', () => {
    const columns = columnsOf(Array.from({ length: 1_000 }, (_, i) => minuteOf(i % 13, i % 7)))
    const noise = (seed: number) => noisePerSession(columns, { ...settings, seed, flags: (surge) => surge > 20 })
    expect(noise(3)).toBe(noise(3))
  })
})

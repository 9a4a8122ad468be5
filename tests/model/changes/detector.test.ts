import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitChangesDetector, LEAST_CHANGE_ROWS } from '../../../src/model/changes/detector.ts'
import type { ChangeRow } from '../../../src/model/changes/rows.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'

const CUTOFF = Date.parse('2026-11-16T09:00+09:00')
const settings = { symbol: '038530', k: 2, seed: 1, cutoff: CUTOFF }

/**
 * Ordinary minutes before the cutoff, with a few that followed a thin one.
 *
 * @param odd - of each of these few, its minutes before the cutoff and its change of volume
 */
const past = (odd: readonly (readonly [number, number])[] = [], count = 1_500): ChangeRow[] => {
  const rows = Array.from({ length: count }, (_, i): ChangeRow => {
    const before = count - i
    return { openTime: CUTOFF - before * MINUTE, row: [(i % 5) - 2, ((i * 37) % 300) - 99] }
  })
  for (const [before, volume] of odd) rows[count - before] = { openTime: CUTOFF - before * MINUTE, row: [1, volume] }
  return rows
}
const FAR = [
  [1_200, 1_900_000],
  [700, 2_100_000],
  [300, 2_000_000],
] as const
const minute = (volume: number, price = 0): ChangeRow => ({ openTime: CUTOFF + 5 * MINUTE, row: [price, volume] })

describe('the old system’s rule', () => {
  test('says nothing until two sessions of minutes are known', () => {
    expect(fitChangesDetector(past([], LEAST_CHANGE_ROWS - 1), settings)).toBeNull()
    expect(fitChangesDetector(past([], LEAST_CHANGE_ROWS), settings)).not.toBeNull()
  })

  test('a minute nearest to the smallest cluster’s center is abnormal, any other is not', () => {
    const detector = fitChangesDetector(past(FAR), settings)
    expect(detector?.centers.clusters.map(({ size, abnormal }) => [size, abnormal])).toEqual([
      [1_497, false],
      [3, true],
    ])
    expect(detector?.judge(minute(1_500_000))).toMatchObject({
      abnormal: true,
      cluster: 1,
      features: { per_price: 0, per_volume: 1_500_000 },
    })
    expect(detector?.judge(minute(900_000))).toMatchObject({ abnormal: false, cluster: 0 })
  })

  test('rank 1 is the largest change of all minutes so far, itself included, whatever its cluster', () => {
    const detector = fitChangesDetector(past(FAR), settings)
    expect(detector?.judge(minute(3_000_000)).severity).toEqual({ rank: 1, of: 1_501 })
    expect(detector?.judge(minute(2_050_000)).severity).toEqual({ rank: 3, of: 1_502 })
    expect(detector?.judge(minute(0)).severity.rank).toBeGreaterThan(1_000)
  })

  test('the budget is reached by as many of its own episodes as it allows; a budget of none by nothing', () => {
    const detector = fitChangesDetector(past(FAR), settings)
    // 1,500 minutes before nine in the morning lie on two days of the Korean calendar.
    const boundary = detector?.boundary(1) ?? 0
    expect(FAR.filter(([, volume]) => Math.log1p(Math.hypot(1, volume)) >= boundary).length).toBe(2)
    expect(detector?.boundary(0)).toBe(Number.POSITIVE_INFINITY)
  })

  test('neighbouring minutes are one alert of the budget', () => {
    const neighbours = [[1_205, 1_800_000], [1_195, 1_850_000], ...FAR] as const
    const boundary = fitChangesDetector(past(neighbours), settings)?.boundary(3 / 2) ?? 0
    expect(neighbours.filter(([, volume]) => Math.log1p(Math.hypot(1, volume)) >= boundary)).toEqual(neighbours)
  })

  test('a bigger budget never asks for a higher score', () => {
    const detector = fitChangesDetector(past(FAR), settings)
    const boundaries = [20, 2, 1, 2 / 3, 1 / 3, 0.1, 0].map((rate) => detector?.boundary(rate))
    expect(boundaries).toEqual(boundaries.toSorted((a, b) => Number(a) - Number(b)))
  })

  test('the same minutes give the same centers, judgements and name', () => {
    const [one, other] = [fitChangesDetector(past(FAR), settings), fitChangesDetector(past(FAR), settings)]
    expect(one?.judge(minute(1_500_000))).toEqual(other?.judge(minute(1_500_000)))
    expect(fitChangesDetector(past(FAR), { ...settings, cutoff: CUTOFF + MINUTE })?.judge(minute(1)).modelId).not.toBe(
      one?.judge(minute(1)).modelId,
    )
  })

  test('what comes later changes no judgement before it', () => {
    const changes = fc.array(fc.tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -100, max: 3_000_000 })), {
      minLength: 2,
      maxLength: 20,
    })
    fc.assert(
      fc.property(changes, (rows) => {
        const judge = (count: number) => {
          const detector = fitChangesDetector(past(FAR), settings)
          return rows.slice(0, count).map(([price, volume]) => detector?.judge(minute(volume, price)))
        }
        expect(judge(rows.length).slice(0, -1)).toEqual(judge(rows.length - 1))
      }),
      { numRuns: 10 },
    )
  })

  test('a number that is none is refused', () => {
    const detector = fitChangesDetector(past(FAR), settings)
    expect(() => detector?.judge(minute(Number.NaN))).toThrow(RangeError)
  })
})

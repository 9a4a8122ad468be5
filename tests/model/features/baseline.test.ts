import { describe, expect, test } from 'vitest'
import { createBaseline } from '../../../src/model/features/baseline.ts'

const settings = { baselineMinutes: 100, leastUsual: 0.05, leastTraded: 3 }
const MARKET_MOVE = 0.002
/** A baseline measured at `end`, after one minute of this volume and move at each index. */
const measuredAfter = (indices: readonly number[], end: number, volume: (index: number) => number, move = 0.01) => {
  const baseline = createBaseline(settings, MARKET_MOVE)
  for (const index of indices) {
    baseline.measure(index)
    baseline.add(volume(index), 50, move)
  }
  baseline.measure(end)
  return baseline
}
const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)

describe('the baseline', () => {
  test('is not known before enough minutes have traded', () => {
    expect(measuredAfter([0, 1], 2, () => 10)).toMatchObject({ have: 2, traded: 2, known: false, usualTurnover: 0 })
    expect(measuredAfter([0, 1, 2], 3, () => 10)).toMatchObject({ have: 3, traded: 3, known: true })
  })

  test('is not known while nothing has volume', () => {
    expect(measuredAfter([0, 1, 2], 3, () => 0)).toMatchObject({ traded: 3, known: false })
  })

  test('counts a minute without a trade as one without volume', () => {
    const baseline = measuredAfter([0, 1, 2], 6, () => 10)
    expect([baseline.minutes, baseline.meanVolume, baseline.usualVolume]).toEqual([6, 5, 5])
    expect(baseline.usualTurnover).toBeCloseTo(5 * 50, 12)
  })

  test('leaves a minute without a trade out of the volatility', () => {
    expect(measuredAfter([0, 1, 2], 60, () => 10).sigma).toBeCloseTo(0.01, 12)
  })

  test('has a tenth of the market’s move while no price has moved', () => {
    expect(measuredAfter([0, 1, 2], 3, () => 10, 0).sigma).toBeCloseTo(MARKET_MOVE / 10, 12)
    expect(measuredAfter([], 0, () => 10).sigma).toBeCloseTo(MARKET_MOVE / 10, 12)
  })

  test('forgets minutes that lie further back than its length', () => {
    const baseline = measuredAfter(from(0, 150), 150, (index) => (index < 50 ? 1_000 : 10))
    expect([baseline.have, baseline.minutes, baseline.traded, baseline.meanVolume]).toEqual([150, 100, 100, 10])
  })

  test('takes the last hour’s volume if that is less, but no less than a part of the whole', () => {
    const quiet = measuredAfter(from(0, 100), 100, (index) => (index < 40 ? 100 : 20))
    expect(quiet.meanVolume).toBeCloseTo(52, 12)
    expect(quiet.usualVolume).toBeCloseTo(20, 12)
    expect(quiet.usualTurnover).toBeCloseTo(20 * 50, 9)
    const silent = measuredAfter(from(0, 40), 100, () => 100)
    expect(silent.usualVolume).toBeCloseTo(0.05 * 40, 12)
    const busy = measuredAfter(from(0, 100), 100, (index) => (index < 40 ? 20 : 100))
    expect(busy.usualVolume).toBe(busy.meanVolume)
  })

  test('starts anew when it is cleared', () => {
    const baseline = measuredAfter([0, 1, 2], 3, () => 10)
    baseline.clear()
    baseline.measure(3)
    expect(baseline).toMatchObject({ have: 0, minutes: 0, traded: 0, known: false, meanVolume: 0 })
  })
})

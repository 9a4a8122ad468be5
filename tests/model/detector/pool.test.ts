import { describe, expect, test } from 'vitest'
import { fitPool } from '../../../src/model/detector/pool.ts'
import { rateAt, scoreAt } from '../../../src/model/detector/rates.ts'
import { START } from '../bars.ts'
import { MARKET, pastOf, surgesOf } from '../past.ts'

const HORIZONS = [1, 15]
const lively = Array.from({ length: 12 }, (_, n) => pastOf(surgesOf(1_143, n, 1.6), surgesOf(1_143, 100 + n, 1.6)))

describe('the pool of a market', () => {
  test('is what ships while nothing is watched', () => {
    const { curves, sessions } = fitPool([], HORIZONS, MARKET, START)
    expect(sessions).toBe(0)
    curves.combined.forEach((score, i) => {
      expect(Math.abs(score - MARKET.combined[i]!)).toBeLessThan(0.05)
    })
    expect(Object.keys(curves.horizons)).toEqual(['1', '15'])
  })

  test('counts the sessions of every stock', () => {
    expect(fitPool(lively, HORIZONS, MARKET, START).sessions).toBeCloseTo(
      lively.reduce((sum, past) => sum + past.sessions, 0),
      9,
    )
  })

  test('asks for more where its stocks are livelier, over each horizon and together', () => {
    const { curves } = fitPool(lively, HORIZONS, MARKET, START)
    const pairs = [
      [curves.combined, MARKET.combined],
      [curves.horizons['1']!, MARKET.horizons['1']!],
      [curves.horizons['15']!, MARKET.horizons['15']!],
    ] as const
    for (const [pooled, shipped] of pairs) expect(scoreAt(pooled, 0.6)).toBeGreaterThan(scoreAt(shipped, 0.6) + 0.05)
  })

  test('weighs what ships like two hundred stock-sessions', () => {
    const { curves, sessions } = fitPool(lively, HORIZONS, MARKET, START)
    const score = 3
    const watched = lively.reduce((sum, past) => sum + past.alerts(0).counts[score / 0.25 - 1]!, 0)
    const expected = (watched + 200 * rateAt(MARKET.horizons['1']!, score)) / (sessions + 200)
    expect(rateAt(curves.horizons['1']!, score) / expected).toBeCloseTo(1, 1)
  })

  test('is the same for the same stocks', () => {
    expect(fitPool(lively, HORIZONS, MARKET, START)).toEqual(fitPool(lively, HORIZONS, MARKET, START))
    expect(fitPool(lively, HORIZONS, MARKET, START + 1).id).not.toBe(fitPool(lively, HORIZONS, MARKET, START).id)
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addedCounts,
  type CountedAlerts,
  createAlertCounts,
  drawnCurve,
  rateAt,
  scoreAt,
} from '../../../src/model/detector/rates.ts'
import { RATES, type RateCurve } from '../../../src/model/features/market.ts'
import { marketOf } from '../../../src/model/features/markets.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { naiveAlertsFrom } from '../../support/naive.ts'

const MARKET = marketOf('krx').curves.combined
const LEVELS = Array.from({ length: 32 }, (_, level) => 0.25 * (level + 1))
/** Counts of so many sessions, with `times` the alerts of a curve. */
const countedAs = (curve: RateCurve, sessions: number, times = 1): CountedAlerts => ({
  sessions,
  counts: LEVELS.map((score) => times * sessions * rateAt(curve, score)),
})
const curves = fc
  .tuple(
    fc.double({ min: 0.01, max: 3, noNaN: true }),
    fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 13, maxLength: 13 }),
  )
  .map(([first, steps]) => RATES.map((_, i) => steps.slice(0, i).reduce((sum, step) => sum + step, first)))
const rates = fc.double({ min: 0.001, max: 30, noNaN: true })

describe('alerts are counted', () => {
  const minutes = fc
    .array(
      fc.record({ gap: fc.constantFrom(1, 2, 5, 9, 10, 11, 400), score: fc.double({ min: 0, max: 9, noNaN: true }) }),
      {
        maxLength: 60,
      },
    )
    .map((steps) => {
      let openTime = 0
      return steps.map(({ gap, score }) => {
        openTime += gap * MINUTE
        return { openTime, score }
      })
    })

  test('at each boundary as if it were the only one', () => {
    fc.assert(
      fc.property(minutes, (all) => {
        const counts = createAlertCounts(20)
        for (const { openTime, score } of all) counts.add(openTime, score)
        expect(counts.snapshot(3)).toEqual({ sessions: 3, counts: naiveAlertsFrom(all, LEVELS) })
      }),
      { seed: 7 },
    )
  })

  test('half as much after as many sessions as their half-life', () => {
    const counts = createAlertCounts(3)
    counts.add(0, 1)
    for (let session = 0; session < 3; session++) counts.turn()
    expect(counts.snapshot(1).counts[3]).toBeCloseTo(0.5, 12)
  })

  test('once where one goes on past the end of a session', () => {
    const counts = createAlertCounts(1)
    counts.add(0, 1)
    counts.turn()
    counts.add(5 * MINUTE, 1)
    expect(counts.snapshot(1).counts[0]).toBe(0.5)
  })

  test('of several stocks by adding up sessions and alerts', () => {
    const [one, other] = [countedAs(MARKET, 3), countedAs(MARKET, 5)]
    const both = addedCounts([one, other])
    expect(both.sessions).toBe(8)
    expect(both.counts).toEqual(one.counts.map((count, level) => count + other.counts[level]!))
  })

  test('of no stock as none', () => {
    expect(addedCounts([])).toEqual({ sessions: 0, counts: LEVELS.map(() => 0) })
  })
})

describe('a curve', () => {
  test('is passed through at each rate that it is known at', () => {
    RATES.forEach((rate, i) => {
      expect(scoreAt(MARKET, rate)).toBeCloseTo(MARKET[i]!, 12)
      expect(rateAt(MARKET, MARKET[i]!)).toBeCloseTo(rate, 12)
    })
  })

  test('gives back the rate whose score it gave, also beyond its ends', () => {
    fc.assert(
      fc.property(curves, rates, (curve, rate) => {
        const score = scoreAt(curve, rate)
        fc.pre(score > 0)
        expect(rateAt(curve, score) / rate).toBeCloseTo(1, 6)
      }),
      { seed: 7 },
    )
  })

  test('asks for no lower score when fewer alerts are wanted, and for an infinite one when none are', () => {
    fc.assert(
      fc.property(curves, rates, rates, (curve, a, b) => {
        expect(scoreAt(curve, Math.min(a, b))).toBeGreaterThanOrEqual(scoreAt(curve, Math.max(a, b)))
      }),
      { seed: 7 },
    )
    expect(scoreAt(MARKET, 0)).toBe(Infinity)
  })

  test('that is flat at an end goes on from there as it came, never to infinity', () => {
    const flat = MARKET.map((score, i) => (i === MARKET.length - 1 ? MARKET.at(-2)! : score))
    const [there, beyond] = [flat.at(-1)!, flat.at(-1)! + 0.5].map((score) => rateAt(flat, score))
    expect(beyond!).toBeGreaterThan(0)
    expect(beyond!).toBeLessThan(there!)
  })

  test('never asks for a score below 0', () => {
    expect(scoreAt(MARKET, 1e9)).toBe(0)
  })
})

describe('the curve of a stock', () => {
  test('without sessions is its market’s', () => {
    drawnCurve({ sessions: 0, counts: LEVELS.map(() => 0) }, MARKET, 200).forEach((score, i) => {
      expect(Math.abs(score - MARKET[i]!)).toBeLessThan(0.05)
    })
  })

  test('whose alerts come as often as its market’s is its market’s', () => {
    drawnCurve(countedAs(MARKET, 300), MARKET, 200).forEach((score, i) => {
      expect(Math.abs(score - MARKET[i]!)).toBeLessThan(0.05)
    })
  })

  test('lies between its market’s and its own', () => {
    const sessions = fc.double({ min: 1, max: 2_000, noNaN: true })
    fc.assert(
      fc.property(sessions, fc.double({ min: 0.1, max: 10, noNaN: true }), (n, times) => {
        const drawn = drawnCurve(countedAs(MARKET, n, times), MARKET, 200)
        for (const rate of [2, 0.6, 0.2]) {
          const factor = rateAt(drawn, scoreAt(MARKET, rate)) / rate
          expect(factor).toBeGreaterThan(Math.min(1, times) * 0.9)
          expect(factor).toBeLessThan(Math.max(1, times) * 1.1)
        }
      }),
      { seed: 7 },
    )
  })

  test('is half its own, as rates, when it has been watched for as many sessions as its market weighs', () => {
    const drawn = drawnCurve(countedAs(MARKET, 200, 3), MARKET, 200)
    expect(rateAt(drawn, scoreAt(MARKET, 0.6)) / 0.6).toBeCloseTo((1 + 3) / 2, 1)
  })

  test('falls with every quiet session', () => {
    const quiet = [0, 50, 500].map((sessions) => scoreAt(drawnCurve(countedAs(MARKET, sessions, 0), MARKET, 200), 0.6))
    expect(quiet).toEqual(quiet.toSorted((a, b) => b - a))
    expect(quiet[0]! - quiet[2]!).toBeGreaterThan(0.3)
  })
})

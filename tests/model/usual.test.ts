import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/model/bar.ts'
import { createGaps } from '../../src/model/gaps.ts'
import { RATES } from '../../src/model/market.ts'
import { marketOf } from '../../src/model/markets.ts'
import { createProfile } from '../../src/model/profile.ts'
import { addedCounts, createAlertCounts, drawnCurve, rateAt, scoreAt } from '../../src/model/rates.ts'
import { scaled, scalesOf, unscaled } from '../../src/model/scale.ts'
import { createRecentBars } from '../../src/model/stretch.ts'
import { createTick } from '../../src/model/tick.ts'
import { naiveAlerts } from '../support/naive.ts'

const { profile, curves } = marketOf('krx')
const SHORT = curves.horizons['1']!

describe('the tick', () => {
  test('is the third smallest step, so that a trade or two on half ticks is no smaller one', () => {
    const tick = createTick()
    for (const price of [5_005, 5_010, 5_020, 5_005]) tick.learn(5_000, price)
    expect(tick.size).toBe(10)
    tick.learn(5_000, 5_002.5)
    tick.learn(5_000, 5_002.5)
    expect(tick.size).toBe(5)
    tick.learn(5_000, 5_002.5)
    expect(tick.size).toBe(2.5)
  })

  test('holds until another session knows its own, and the smaller of the two counts', () => {
    const tick = createTick()
    for (let i = 0; i < 3; i++) tick.learn(100, 105)
    tick.turn()
    expect(tick.size).toBe(5)
    for (let i = 0; i < 3; i++) tick.learn(100, 110)
    expect(tick.size).toBe(5)
    tick.turn()
    expect(tick.size).toBe(10)
    tick.clear()
    expect(tick.size).toBe(0)
  })
})

test('gaps are the market’s until the stock’s own are known', () => {
  const gaps = createGaps(0.02, 5)
  expect(gaps.usual).toBeCloseTo(0.02, 12)
  for (let i = 0; i < 500; i++) gaps.add(i % 2 ? 0.05 : -0.05)
  expect(gaps.usual).toBeCloseTo(0.05, 2)
})

describe('the profile', () => {
  test('is the market’s at first, and its mean over slots is theirs', () => {
    const own = createProfile(profile, 380, 40)
    expect(own.factor(0)).toBe(profile.multiples[0])
    expect(own.factor(380)).toBe(profile.closing)
    expect(own.mean(0, 2)).toBeCloseTo((own.factor(0) + own.factor(1) + own.factor(2)) / 3, 12)
  })

  test('is drawn towards finished sessions, and knows those of another length', () => {
    const own = createProfile(profile, 380, 1)
    own.add(0, 100)
    expect(own.factor(0)).toBe(profile.multiples[0])
    own.turn(320)
    expect(own.factor(0)).toBeCloseTo((profile.multiples[0]! + 100) / 2, 12)
    expect(own.factor(320)).toBeLessThan(profile.closing)
  })

  test('of a market that never closes is flat for ever', () => {
    const own = createProfile(marketOf('24h').profile, 1440, 1)
    own.add(7, 50)
    own.turn(1440)
    expect([own.factor(7), own.mean(0, 1439), own.sessions]).toEqual([1, 1, 0])
  })
})

test('a stretch begins at the last close at least so many minutes back, however thin the stock', () => {
  const recent = createRecentBars(15)
  expect(recent.before(0, 15)).toEqual({ reference: 0, volume: 0, turnover: 0 })
  for (const [index, close] of [
    [0, 100],
    [7, 110],
    [9, 120],
  ] as const)
    recent.add(index, close, 10)
  expect({ ...recent.before(20, 15) }).toEqual({ reference: 100, volume: 20, turnover: 2_300 })
  expect(recent.before(20, 11).reference).toBe(120)
  expect(recent.before(14, 15).reference).toBe(0)
  recent.clear()
  expect(recent.before(20, 1).reference).toBe(0)
})

describe('how often a boundary would alarm', () => {
  const minutes = fc
    .array(fc.record({ gap: fc.integer({ min: 1, max: 25 }), score: fc.double({ min: 0, max: 9, noNaN: true }) }), { maxLength: 60 })
    .map((steps) => {
      let openTime = 0
      return steps.map(({ gap, score }) => {
        openTime += gap * MINUTE
        return { openTime, score }
      })
    })

  test('counts are those of each boundary by itself', () => {
    fc.assert(
      fc.property(minutes, (all) => {
        const counts = createAlertCounts(20)
        for (const { openTime, score } of all) counts.add(openTime, score)
        counts.snapshot(1).counts.forEach((count, level) => {
          expect(count).toBe(naiveAlerts(all, 0.25 * (level + 1)))
        })
      }),
      { seed: 7 },
    )
  })

  test('an alert counts half after its half-life', () => {
    const counts = createAlertCounts(2)
    counts.add(0, 1)
    counts.turn()
    counts.turn()
    expect(counts.snapshot(1).counts[0]).toBeCloseTo(0.5, 12)
  })

  test('rate and score are inverse on a curve, and beyond its ends', () => {
    for (const rate of [20, 8, 2, 0.6, 0.01, 0.001]) expect(rateAt(SHORT, scoreAt(SHORT, rate))).toBeCloseTo(rate, 6)
    expect(scoreAt(SHORT, 0)).toBe(Infinity)
  })

  test('a stock without a past has its market’s curve, one with a lively past a higher one', () => {
    const none = { sessions: 0, counts: Array.from({ length: 32 }, () => 0) }
    drawnCurve(none, SHORT, 100).forEach((score, i) => {
      expect(score).toBeCloseTo(SHORT[i]!, 1)
    })
    const lively = { sessions: 100, counts: Array.from({ length: 32 }, (_, level) => 300 * rateAt(SHORT, 0.25 * (level + 1))) }
    const drawn = drawnCurve(lively, SHORT, 100)
    expect(rateAt(drawn, SHORT[5]!)).toBeCloseTo(2 * RATES[5]!, 1)
    expect(addedCounts([lively, lively]).sessions).toBe(200)
  })
})

describe('scales', () => {
  const [one, slow] = scalesOf([1, 15], curves, 0.5)

  test('leave the shortest horizon as it is', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 12, noNaN: true }), (score) => scaled(one!, score) === score))
  })

  test('never turn an order, keep 0, and can be undone', () => {
    const score = fc.double({ min: 0, max: 12, noNaN: true })
    fc.assert(
      fc.property(score, score, (a, b) => {
        expect(scaled(slow!, Math.min(a, b))).toBeLessThanOrEqual(scaled(slow!, Math.max(a, b)))
        expect(unscaled(slow!, scaled(slow!, a))).toBeCloseTo(a, 6)
      }),
      { seed: 7 },
    )
    expect(scaled(slow!, 0)).toBe(0)
  })

  test('put a stretch beside the minute that is half as frequent an alert', () => {
    for (const rate of [2.8, 0.56, 0.067])
      expect(rateAt(SHORT, scaled(slow!, scoreAt(curves.horizons['15']!, rate * 0.5)))).toBeCloseTo(rate, 2)
  })
})

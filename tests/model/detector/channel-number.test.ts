import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  allowedRate,
  expectedPerDay,
  FEWEST_ALERTS,
  LEVELS,
  MOST_ALERTS,
  mostPerDay,
  steeringFactor,
} from '../../../src/model/detector/channel-number.ts'

const numbers = fc.double({ min: FEWEST_ALERTS, max: MOST_ALERTS, noNaN: true })
const stocks = fc.integer({ min: 1, max: 400 })

describe('a channel’s number', () => {
  test.for([
    { name: 'a channel of one stock', alertsPerDay: 6, stocks: 1, expected: 0.6 },
    { name: 'five stocks, quiet', alertsPerDay: 2, stocks: 5, expected: 1 },
    { name: 'many stocks, normal', alertsPerDay: 6, stocks: 118, expected: 6 },
    { name: 'twelve stocks, lively', alertsPerDay: 20, stocks: 12, expected: 20 },
    { name: 'a number between two levels, like the nearer one', alertsPerDay: 12, stocks: 5, expected: 3 },
    { name: 'a number half-way between two levels, like the quieter one', alertsPerDay: 13, stocks: 5, expected: 3 },
    { name: 'no stock', alertsPerDay: 6, stocks: 0, expected: 0 },
  ])('of $name brings $expected a day', ({ alertsPerDay, stocks: watched, expected }) => {
    expect(expectedPerDay(alertsPerDay, watched)).toBeCloseTo(expected, 12)
  })

  test('is never expected to bring more than it says', () => {
    fc.assert(
      fc.property(numbers, stocks, (n, watched) => expectedPerDay(n, watched) <= n),
      { seed: 7 },
    )
  })

  test('bears three times as many on one market day', () => {
    expect(Object.values(LEVELS).map(({ alertsPerDay }) => mostPerDay(alertsPerDay))).toEqual([6, 18, 60])
  })
})

describe('what is worth a ping', () => {
  const now = { alertsPerDay: 6, stocks: 12, factor: 1, today: 0 }

  test('is the channel’s expected number, shared by its stocks, until that is reached', () => {
    expect([0, 1, 5].map((today) => allowedRate({ ...now, today }))).toEqual([0.5, 0.5, 0.5])
  })

  test('becomes rarer with each alert past the number, and nothing at three times as many', () => {
    const rates = Array.from({ length: 14 }, (_, i) => allowedRate({ ...now, today: 5 + i }))
    for (let i = 1; i < rates.length; i++) expect(rates[i]!).toBeLessThanOrEqual(rates[i - 1]!)
    expect(rates.at(-2)!).toBeGreaterThan(0)
    expect(rates.at(-1)).toBe(0)
  })

  test('is nothing in a channel without stocks', () => {
    expect(allowedRate({ ...now, stocks: 0 })).toBe(0)
  })

  test('is something at the start of a day, whatever the number', () => {
    fc.assert(
      fc.property(
        numbers,
        stocks,
        (alertsPerDay, watched) => allowedRate({ ...now, alertsPerDay, stocks: watched }) > 0,
      ),
      { seed: 7, examples: [[FEWEST_ALERTS, 1]] },
    )
  })
})

describe('the rate is steered', () => {
  test('by nothing before the first day, and by nothing while what comes is what was expected', () => {
    expect(steeringFactor([])).toBe(1)
    expect(steeringFactor(Array.from({ length: 9 }, () => ({ expected: 6, decided: 6 })))).toBe(1)
  })

  test('down after a day with too many, up after one with too few', () => {
    expect(steeringFactor([{ expected: 6, decided: 12 }])).toBeLessThan(1)
    expect(steeringFactor([{ expected: 6, decided: 2 }])).toBeGreaterThan(1)
  })

  test('less by one day of a channel with few alerts', () => {
    expect(steeringFactor([{ expected: 0.6, decided: 1.2 }])).toBeGreaterThan(
      steeringFactor([{ expected: 20, decided: 40 }]),
    )
  })

  test('to no less than a tenth and no more than twice, however wrong the past was', () => {
    const days = fc.array(
      fc.record({ expected: fc.double({ min: 0, max: 200, noNaN: true }), decided: fc.nat({ max: 600 }) }),
    )
    fc.assert(
      fc.property(days, (past) => {
        const factor = steeringFactor(past)
        expect(factor).toBeGreaterThanOrEqual(0.1)
        expect(factor).toBeLessThanOrEqual(2)
      }),
      { seed: 7 },
    )
  })
})

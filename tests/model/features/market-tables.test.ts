import { describe, expect, test } from 'vitest'
import { scalesOf } from '../../../src/model/detector/scale.ts'
import { HORIZONS } from '../../../src/model/features/features.ts'
import { RATES } from '../../../src/model/features/market.ts'
import { MARKET_TABLES } from '../../../src/model/features/market-tables.ts'

const ascends = (values: readonly number[]) => values.every((value, i) => i === 0 || value >= values[i - 1]!)

describe.for(Object.entries(MARKET_TABLES))(
  'the table that ships for %s',
  ([, { curves, profile, usualMove, usualGap }]) => {
    const all = [...Object.values(curves.horizons), curves.combined]

    test('knows every horizon, with a score for each rate', () => {
      expect(Object.keys(curves.horizons).toSorted()).toEqual(HORIZONS.map(String).toSorted())
      expect(all.map((curve) => curve.length)).toEqual(all.map(() => RATES.length))
    })

    test('asks for a higher score where fewer alerts are wanted, to its last one', () => {
      for (const curve of all) expect(ascends(curve)).toBe(true)
      for (const curve of all) expect(curve.at(-1)!).toBeGreaterThan(curve.at(-2)!)
    })

    test('scales each horizon by knots that ascend', () => {
      for (const { from, to } of scalesOf(HORIZONS, curves, 0.5)) {
        expect(ascends(from)).toBe(true)
        expect(ascends(to)).toBe(true)
      }
    })

    test('holds at most fifty quantiles, and one profile whose steps begin at the open', () => {
      expect(all.flat().length).toBeLessThanOrEqual(50)
      expect(profile.starts[0]).toBe(0)
      expect(profile.multiples.length).toBe(profile.starts.length)
      expect(profile.starts.every((start, i) => i === 0 || start > profile.starts[i - 1]!)).toBe(true)
    })

    test('expects something of every minute', () => {
      expect(Math.min(...profile.multiples, profile.closing)).toBeGreaterThan(0)
      expect(usualMove).toBeGreaterThan(0)
      expect(usualGap).toBeGreaterThanOrEqual(0)
    })
  },
)

test('the volume of a KRX day adds up to about its mean minutes', () => {
  const { starts, multiples, closing } = MARKET_TABLES.krx.profile
  const total = multiples.reduce((sum, multiple, i) => sum + multiple * ((starts[i + 1] ?? 380) - starts[i]!), closing)
  expect(total / 381).toBeCloseTo(1, 1)
})

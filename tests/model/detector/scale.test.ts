import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rateAt, scoreAt } from '../../../src/model/detector/rates.ts'
import { oddest, scaled, scalesOf, unscaled } from '../../../src/model/detector/scale.ts'
import { marketOf } from '../../../src/model/features/markets.ts'

const score = fc.double({ min: 0, max: 12, noNaN: true })

describe.for(['krx', '24h'] as const)('on the scale of one minute, in the market %s', (name) => {
  const { curves } = marketOf(name)
  const [one, slow] = scalesOf([1, 15], curves, 0.5)

  test('a minute’s score is what it was, to the last bit', () => {
    fc.assert(
      fc.property(score, (s) => scaled(one!, s) === s && unscaled(one!, s) === s),
      { seed: 7 },
    )
  })

  test('what is further out by itself is never less far out', () => {
    fc.assert(
      fc.property(score, score, (a, b) => scaled(slow!, Math.min(a, b)) <= scaled(slow!, Math.max(a, b)) + 1e-12),
      { seed: 7 },
    )
  })

  test('nothing stays nothing', () => {
    expect([scaled(one!, 0), scaled(slow!, 0), unscaled(slow!, 0)]).toEqual([0, 0, 0])
  })

  test('the way back leads to the same oddness', () => {
    fc.assert(
      fc.property(score, (s) => {
        expect(scaled(slow!, unscaled(slow!, s))).toBeCloseTo(s, 6)
      }),
      { seed: 7 },
    )
  })

  test('a stretch is as odd as the minute that makes twice as many alerts', () => {
    for (const rate of [2.8, 0.56, 0.2]) {
      const beside = scaled(slow!, scoreAt(curves.horizons['15']!, rate / 2))
      expect(rateAt(curves.horizons['1']!, beside) / rate).toBeCloseTo(1, 6)
    }
  })

  test('the odder horizon is the one whose score is higher on that scale; of equal ones the shorter', () => {
    const scales = [one!, slow!]
    fc.assert(
      fc.property(score, score, (a, b) => {
        const onScale = [a, scaled(slow!, b)]
        expect(oddest(scales, [a, b])).toEqual({ horizon: onScale[1]! > a ? 1 : 0, score: Math.max(...onScale) })
      }),
      { seed: 7 },
    )
    expect(oddest(scales, [0, 0])).toEqual({ horizon: 0, score: 0 })
  })

  test('a stretch alone is the shortest, and so its own scale', () => {
    const [alone] = scalesOf([15], curves, 0.5)
    expect(scaled(alone!, 3.21)).toBe(3.21)
  })
})

import { describe, expect, test } from 'vitest'
import { createGaps } from '../../../src/model/features/gaps.ts'

describe('the usual overnight gap', () => {
  test('is the market’s before the first', () => {
    expect(createGaps(0.02, 5).usual).toBeCloseTo(0.02, 15)
  })

  test('lies half-way between the squares of both once as many sessions are known as the market weighs', () => {
    const gaps = createGaps(0.02, 5)
    for (let session = 0; session < 5; session++) gaps.add(0.04)
    expect(gaps.usual).toBeCloseTo(Math.sqrt((0.02 ** 2 + 0.04 ** 2) / 2), 15)
  })

  test('is the stock’s own root mean square in the end, falls like rises', () => {
    const gaps = createGaps(0.02, 5)
    for (let session = 0; session < 5_000; session++) gaps.add(session % 2 ? 0.05 : -0.05)
    expect(gaps.usual).toBeCloseTo(0.05, 4)
  })

  test('shrinks in a stock that never gaps', () => {
    const gaps = createGaps(0.02, 5)
    gaps.add(0)
    expect(gaps.usual).toBeLessThan(0.02)
  })
})

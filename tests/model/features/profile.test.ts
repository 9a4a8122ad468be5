import { describe, expect, test } from 'vitest'
import type { MarketProfile } from '../../../src/model/features/market.ts'
import { createProfile } from '../../../src/model/features/profile.ts'

/** The first two minutes, the next eight, the rest, and the closing auction. */
const MARKET: MarketProfile = { starts: [0, 2, 10], multiples: [9, 3, 0.5], closing: 8 }
const FLAT: MarketProfile = { starts: [0], multiples: [1], closing: 1 }
const factors = (profile: { factor(slot: number): number }, slots: readonly number[]) =>
  slots.map((slot) => profile.factor(slot))

describe('volume by time of day', () => {
  test('is the market’s at first: each step from its start on, and the closing auction after the last minute', () => {
    expect(factors(createProfile(MARKET, 30, 4), [0, 1, 2, 9, 10, 29, 30])).toEqual([9, 9, 3, 3, 0.5, 0.5, 8])
  })

  test('over some minutes is the mean of theirs', () => {
    const profile = createProfile(MARKET, 30, 4)
    expect(profile.mean(0, 3)).toBeCloseTo((9 + 9 + 3 + 3) / 4, 12)
    expect(profile.mean(29, 30)).toBeCloseTo((0.5 + 8) / 2, 12)
    expect(profile.mean(5, 5)).toBe(3)
  })

  test('does not change within a session', () => {
    const profile = createProfile(MARKET, 30, 4)
    profile.add(0, 500)
    expect([profile.factor(0), profile.sessions]).toEqual([9, 0])
  })

  test('is drawn towards the stock’s own by each finished session; a minute without a trade counts as none', () => {
    const profile = createProfile(MARKET, 30, 4)
    profile.add(0, 15)
    profile.add(1, 23)
    profile.add(30, 48)
    profile.turn(30)
    expect(factors(profile, [0, 1, 5, 20, 30])).toEqual([
      (19 + 4 * 9) / 5,
      (19 + 4 * 9) / 5,
      (4 * 3) / 5,
      (4 * 0.5) / 5,
      (48 + 4 * 8) / 5,
    ])
    expect(profile.sessions).toBe(1)
  })

  test('is the stock’s own after many sessions', () => {
    const profile = createProfile(MARKET, 30, 4)
    for (let session = 0; session < 400; session++) {
      for (let slot = 0; slot <= 30; slot++) profile.add(slot, slot === 12 ? 21 : 1)
      profile.turn(30)
    }
    expect(profile.factor(0)).toBeCloseTo(1, 0)
    expect(profile.factor(12)).toBeCloseTo(2, 1)
  })

  test('finds the closing auction at the end of a session of any length', () => {
    const profile = createProfile(MARKET, 30, 4)
    profile.turn(12)
    expect(factors(profile, [9, 11])).toEqual([(4 * 3) / 5, (4 * 0.5) / 5])
    expect(profile.factor(12)).toBe((4 * 8) / 5)
    profile.turn(90)
    expect(profile.factor(12)).toBe(profile.factor(89))
    expect(profile.factor(90)).toBeGreaterThan(profile.factor(89))
  })

  test('keeps what it expects at times that a short session did not have', () => {
    const profile = createProfile(MARKET, 5, 4)
    profile.turn(30)
    expect(profile.factor(20)).toBeCloseTo(0.5, 15)
  })

  test('never changes in a market that never closes', () => {
    const profile = createProfile(FLAT, 1_440, 4)
    profile.add(7, 50)
    profile.turn(1_440)
    expect([profile.factor(7), profile.mean(0, 1_439), profile.sessions]).toEqual([1, 1, 0])
  })
})

import { expect, test } from 'vitest'
import { MINUTE } from '../../src/model/bar.ts'
import { boundary } from '../../src/model/budget.ts'
import type { Model } from '../../src/model/model.ts'
import { recentOf } from '../../src/model/recent.ts'

const WEEK = 7 * 24 * 60 * MINUTE
const CUTOFF = 100 * WEEK
const row = (before: number, score: number) => ({ openTime: CUTOFF - before, surge: Math.expm1(score), price: 1, volume: 1 })

test('neighbouring minutes are one recent episode, told by its most severe minute; older ones do not count', () => {
  const rows = [row(3 * WEEK, 9), row(WEEK, 5), row(WEEK - 5 * MINUTE, 6), row(WEEK - 12 * MINUTE, 4), row(60 * MINUTE, 3)]
  const { weeks, peaks } = recentOf(rows, CUTOFF)
  expect(weeks).toBe(2)
  expect(peaks.map((peak) => Number(peak.toFixed(9)))).toEqual([6, 3])
})

test('minutes that reach back less than two weeks say how far they do', () => {
  expect(recentOf([row(WEEK / 2, 1)], CUTOFF).weeks).toBeCloseTo(0.5, 9)
})

test('a stock that has become livelier than its past must go further to be worth a ping; a quiet one must not', () => {
  const past = { peaks: [5, 4, 3, 2, 1, 1, 1, 1, 1, 1], sessions: 50, sessionsPerWeek: 5, anchor: 300 } as unknown as Model
  const quiet = { ...past, recent: { weeks: 2, peaks: [1, 1] } } as Model
  const lively = { ...past, recent: { weeks: 2, peaks: [6, 5.5, 5, 4.5, 4, 4, 4, 4] } } as Model
  expect(boundary(lively, 1)).toBeGreaterThan(boundary(quiet, 1) + 3)
  expect(boundary(lively, 1)).toBeLessThan(6)
  expect(boundary(lively, 100)).toBe(boundary(quiet, 100))
})

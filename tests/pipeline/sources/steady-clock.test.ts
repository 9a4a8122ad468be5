import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { createSteadyClock } from '../../../src/pipeline/sources/steady-clock.ts'

const OPEN = Date.parse('2026-11-17T09:00+09:00')

test('the market’s clock stops while the machine’s goes back a little, and follows one that was minutes ahead', () => {
  let wall = OPEN + 10 * MINUTE
  const now = createSteadyClock(() => wall)
  const reads = (clock: number) => {
    wall = clock
    return now() - OPEN
  }
  expect(reads(OPEN + 10 * MINUTE)).toBe(10 * MINUTE)
  expect(reads(OPEN + 5 * MINUTE)).toBe(10 * MINUTE)
  expect(reads(OPEN + 9 * MINUTE)).toBe(10 * MINUTE)
  expect(reads(OPEN + 11 * MINUTE)).toBe(11 * MINUTE)
  expect(reads(OPEN + 9 * 60 * MINUTE)).toBe(9 * 60 * MINUTE)
  expect(reads(OPEN + 12 * MINUTE)).toBe(12 * MINUTE)
  expect(reads(OPEN + 13 * MINUTE)).toBe(13 * MINUTE)
})

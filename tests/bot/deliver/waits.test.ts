import { expect, test } from 'vitest'
import { createWaits } from '../../../src/bot/deliver/waits.ts'

test('waits double up to the longest, end by themselves and with good news', () => {
  let now = 0
  const waits = createWaits(() => now)
  const lengthOfNext = () => {
    waits.setback('c', 1_000, 5_000)
    const start = now
    while (waits.waiting('c')) now += 500
    return now - start
  }
  expect([lengthOfNext(), lengthOfNext(), lengthOfNext(), lengthOfNext(), lengthOfNext()]).toEqual([
    1_000, 2_000, 4_000, 5_000, 5_000,
  ])
  waits.setback('c', 1_000, 5_000)
  waits.clear('c')
  expect(waits.waiting('c')).toBe(false)
  expect(lengthOfNext()).toBe(1_000)
})

test('a graver setback starts at its own first wait', () => {
  let now = 0
  const waits = createWaits(() => now)
  waits.setback('c', 1_000, 5_000)
  waits.setback('c', 60_000, 3_600_000)
  now = 59_999
  expect(waits.waiting('c')).toBe(true)
  expect(waits.waiting('other')).toBe(false)
})

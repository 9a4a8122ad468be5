import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWindow } from '../../../src/model/features/window.ts'
import { naiveWindowSum } from '../../support/naive.ts'

const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 1e9 })), {
  minLength: 1,
  maxLength: 200,
})

test('the window sums what a plain filter sums, across gaps longer than itself', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 2, max: 25 }), (moves, minutes) => {
      const window = createWindow(minutes, 2)
      const entries: { index: number; value: number }[] = []
      let index = 1_000
      for (const [gap, value] of moves) {
        index += gap
        window.advance(index)
        expect(window.sum(0)).toBe(naiveWindowSum(entries, index, minutes))
        expect(window.sum(1)).toBe(2 * window.sum(0))
        expect(window.count).toBe(entries.filter((entry) => entry.index >= index - minutes).length)
        window.set(index, Float64Array.of(value, 2 * value))
        entries.push({ index, value })
      }
    }),
    { seed: 7 },
  )
})

test('sums of fractions are the same to the last bit however long the way was', () => {
  const minutes = 100
  const long = createWindow(minutes, 1)
  const short = createWindow(minutes, 1)
  for (let i = 5_000; i < 9_000; i++) {
    const entry = Float64Array.of(Math.sin(i) * 1e-8 + (i % 97 === 0 ? 1e12 : 0))
    long.advance(i)
    long.set(i, entry)
    if (i >= 8_800) {
      short.advance(i)
      short.set(i, entry)
    }
  }
  long.advance(9_000)
  short.advance(9_000)
  expect(long.sum(0)).toBe(short.sum(0))
})

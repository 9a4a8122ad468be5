import { expect, test } from 'vitest'
import { createRecentUsual } from '../../../src/pipeline/bars/recent-usual.ts'

const usual = (n: number) => ({ volume: n, move: n / 1_000 })

test('minutes are remembered with what was usual, also that nothing was', () => {
  const recent = createRecentUsual(5)
  recent.add(10, null)
  recent.add(11, usual(3))
  expect(recent.since(5)).toEqual(
    new Map([
      [10, null],
      [11, usual(3)],
    ]),
  )
  expect(recent.since(11)).toEqual(new Map([[11, usual(3)]]))
  expect(recent.since(4)).toBeNull()
})

test('the newest 512 minutes are remembered, and that older ones are not is said', () => {
  const recent = createRecentUsual(0)
  for (let time = 0; time < 2_000; time++) recent.add(time, usual(time))
  const [oldest] = recent.since(1_488)!
  expect(oldest).toEqual([1_488, usual(1_488)])
  expect(recent.since(1_488)).toHaveProperty('size', 512)
  expect(recent.since(1_487)).toBeNull()
})

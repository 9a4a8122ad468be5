import { expect, test } from 'vitest'
import { createProgressLine, createTimeLeft } from '../../../src/bot/interaction/progress.ts'
import { silent } from '../stubs.ts'

test('shows the first, then nothing until the last is shown and its time has passed', async () => {
  let now = 0
  const shown: string[] = []
  const gates: (() => void)[] = []
  const show = (text: string) => {
    shown.push(text)
    return new Promise<void>((resolve) => gates.push(resolve))
  }
  const line = createProgressLine({ show, everyMs: 1_500, now: () => now, log: silent })
  line.report('1')
  now = 2_000
  line.report('2') // the first edit is still under way
  gates[0]?.()
  await line.idle()
  line.report('3')
  expect(shown).toEqual(['1', '3'])
  gates[1]?.()
  await line.idle()
  now = 3_499
  line.report('4')
  now = 3_500
  line.report('5')
  expect(shown).toEqual(['1', '3', '5'])
})

test('a line that cannot be shown stops nothing', async () => {
  const line = createProgressLine({
    show: () => Promise.reject(new Error('gone')),
    everyMs: 0,
    now: () => 0,
    log: silent,
  })
  line.report('1')
  await expect(line.idle()).resolves.toBeUndefined()
})

test('the time that is left is estimated by what this run has done, not by what an earlier one had', () => {
  const left = createTimeLeft()
  expect(left({ done: 80, total: 100, seconds: 0.1 })).toBeNull()
  expect(left({ done: 85, total: 100, seconds: 10 })).toBe(30)
  expect(left({ done: 90, total: 100, seconds: 20 })).toBe(20)
  expect(left({ done: 100, total: 100, seconds: 40 })).toBe(0)
  expect(left({ done: 0, total: 1, seconds: 41 })).toBeNull()
})

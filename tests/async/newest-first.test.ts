import { expect, test } from 'vitest'
import { createNewestFirst } from '../../src/async/newest-first.ts'

test('work runs alone, in the order newest first of what waits', async () => {
  const inTurn = createNewestFirst()
  const done: number[] = []
  let running = 0
  const work = (n: number) => async () => {
    expect(++running).toBe(1)
    await new Promise(setImmediate)
    done.push(n)
    running--
    return n
  }
  const asked = [0, 1, 2, 3].map((n) => inTurn(work(n)))
  await asked[0]
  asked.push(inTurn(work(4)))
  expect(await Promise.all(asked)).toEqual([0, 1, 2, 3, 4])
  expect(done).toEqual([0, 3, 4, 2, 1])
})

test('work that fails lets the next go on', async () => {
  const inTurn = createNewestFirst()
  const failed = inTurn(() => Promise.reject(new Error('no')))
  const next = inTurn(async () => 7)
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe(7)
  expect(await inTurn(async () => 8)).toBe(8)
})

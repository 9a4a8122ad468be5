import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { inOwnProcess } from '../../bench/own-process.ts'

const calls = new URL('calls.ts', import.meta.url)

test('a function in its own process answers with what it returns', async () => {
  expect(await inOwnProcess(calls, 'add', [2, 3])).toBe(5)
})

test('one that fails says why', async () => {
  await expect(inOwnProcess(calls, 'fail', ['no such market'])).rejects.toThrow('no such market')
})

test('one that hangs is ended after its limit, together with what it has started', async () => {
  const { started } = await inOwnProcess<{ started: number }>(calls, 'start', [], { leads: true })
  await expect(inOwnProcess(calls, 'hang', [], { limitMs: 50, leads: true })).rejects.toThrow('not done after')
  await expect.poll(() => isAlive(started)).toBe(false)
})

/** A process that ended and that nobody has waited for is a zombie (Z): it is not alive. */
const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

import { expect, test } from 'vitest'
import { createCoalesced } from '../../src/async/coalesced.ts'

/** Work of which each run ends when the test says so. */
const setUp = () => {
  const runs: PromiseWithResolvers<void>[] = []
  let running = 0
  const call = createCoalesced(async () => {
    expect(++running).toBe(1)
    const run = Promise.withResolvers<void>()
    runs.push(run)
    await run.promise.finally(() => running--)
  })
  return { runs, call }
}
const turn = () => new Promise(setImmediate)

test('a call while nothing runs begins a run at once, and resolves with it', async () => {
  const { runs, call } = setUp()
  for (let nth = 0; nth < 3; nth++) {
    const done = call()
    expect(runs).toHaveLength(nth + 1)
    runs[nth]?.resolve()
    await done
  }
})

test('calls during a run are answered together by one more, which begins after it', async () => {
  const { runs, call } = setUp()
  const first = call()
  const later = [call(), call(), call()]
  await turn()
  expect(runs).toHaveLength(1)
  runs[0]?.resolve()
  await first
  await turn()
  expect(runs).toHaveLength(2)
  runs[1]?.resolve()
  await Promise.all(later)
  expect(runs).toHaveLength(2)
})

test('a call during the further run asks for one more again', async () => {
  const { runs, call } = setUp()
  const all = [call(), call()]
  runs[0]?.resolve()
  await all[0]
  await turn()
  const last = call()
  await turn()
  expect(runs).toHaveLength(2)
  runs[1]?.resolve()
  await all[1]
  await turn()
  runs[2]?.resolve()
  await last
  expect(runs).toHaveLength(3)
})

test('a run that fails rejects its own calls alone, and the next one runs', async () => {
  const { runs, call } = setUp()
  const [first, next] = [call(), call()]
  runs[0]?.reject(new Error('the first'))
  await expect(first).rejects.toThrow('the first')
  await turn()
  runs[1]?.reject(new Error('the second'))
  await expect(next).rejects.toThrow('the second')
  const last = call()
  runs[2]?.resolve()
  await last
})

import { expect, test } from 'vitest'
import { createGroup } from '../../src/async/group.ts'
import { RetryableError } from '../../src/errors.ts'

/** Runs groups of numbers; `fails` decides which groups are refused. */
const setUp = (fails: (items: readonly number[]) => Error | null = () => null) => {
  const groups: number[][] = []
  let running = 0
  const add = createGroup<number>(async (items) => {
    expect(++running).toBe(1)
    groups.push([...items])
    await new Promise(setImmediate)
    running--
    const error = fails(items)
    if (error) throw error
  })
  return { groups, add }
}

test('items of one turn form a group, those that come meanwhile the next', async () => {
  const { groups, add } = setUp()
  const first = [1, 2, 3].map(add)
  await new Promise(setImmediate)
  const second = [4, 5].map(add)
  await Promise.all([...first, ...second])
  await add(6)
  expect(groups).toEqual([[1, 2, 3], [4, 5], [6]])
})

test('one bad item fails alone', async () => {
  const { groups, add } = setUp((items) => (items.includes(2) ? new TypeError('two') : null))
  const results = await Promise.allSettled([1, 2, 3].map(add))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(groups).toEqual([[1, 2, 3], [1], [2], [3]])
})

test('what time mends is not tried one by one', async () => {
  const { groups, add } = setUp(() => new RetryableError('the server is away'))
  const results = await Promise.allSettled([1, 2, 3].map(add))
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(groups).toEqual([[1, 2, 3]])
})

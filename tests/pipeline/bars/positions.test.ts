import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPositions } from '../../../src/pipeline/bars/positions.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import { silent } from '../store/engines.ts'
import { bar, minutes } from '../store/records.ts'

let store: Store
beforeEach(async () => {
  store = await openStore('sqlite::memory:', { log: silent })
  await store.bars.save('venue', 'A', [bar('venue', 'A', 0), bar('venue', 'A', 1)], minutes(0, 2))
})
afterEach(() => store.close())

test('a doubted position stays where no other process has changed bars', async () => {
  const positions = createPositions(store, 'venue')
  const before = await positions.of('A')
  positions.doubt('A')
  expect(await positions.of('A')).toBe(before)
})

test.for([
  ['corrected', [bar('venue', 'A', 1, { volume: 77 })], minutes(1, 2), 2],
  ['added after the newest', [bar('venue', 'A', 2)], minutes(2, 3), 3],
  ['added before the oldest', [bar('venue', 'A', -1)], minutes(-1, 0), 3],
] as const)('a doubted position sees a bar that another process has %s', async ([, bars, covered, count]) => {
  const positions = createPositions(store, 'venue')
  const before = await positions.of('A')
  await store.bars.save('venue', 'A', bars, covered)
  expect(await positions.of('A')).toBe(before)
  positions.doubt('A')
  const tail = await store.bars.last('venue', 'A', 10, Number.MAX_SAFE_INTEGER)
  expect(tail).toHaveLength(count)
  expect(await positions.of('A')).toMatchObject({ coverage: await store.bars.coverage('venue', 'A'), tail })
})

import { describe, expect, test } from 'vitest'
import { fitModel } from '../../../src/model/detector/fit.ts'
import { fitPool } from '../../../src/model/detector/pool.ts'
import { fromSnapshot, poolFromSnapshot, toSnapshot } from '../../../src/model/detector/snapshot.ts'
import { START } from '../bars.ts'
import { MARKET, pastOf, settingsOf, surgesOf } from '../past.ts'

const past = pastOf(surgesOf(800, 1), surgesOf(800, 2))
const model = fitModel(past, settingsOf({ horizons: [1, 15], market: MARKET }))
const pool = fitPool([past], [1, 15], MARKET, START)

describe.for([
  { name: 'model', content: model, read: fromSnapshot, broken: 'curve' },
  { name: 'pool', content: pool, read: poolFromSnapshot, broken: 'curves' },
] as const)('a $name', ({ content, read, broken }) => {
  const text = toSnapshot(content)

  test('that is read back is the same, to the last bit', () => {
    expect(read(text)).toEqual(content)
    expect(toSnapshot(read(text)!)).toBe(text)
  })

  test('of the older version is none, whatever else it holds', () => {
    expect(read('{"version":1}')).toBeNull()
    expect(read('{"version":1,"id":"x","symbol":"038530","anchor":315,"clusters":[]}')).toBeNull()
  })

  test.for([
    { name: 'nothing', text: '', says: 'model snapshot is not JSON: train the model again' },
    { name: 'half of it', text: text.slice(0, 200), says: 'model snapshot is not JSON: train the model again' },
    {
      name: 'a later version',
      text: '{"version":3}',
      says: 'model snapshot has version 3, expected 2: train the model again',
    },
    {
      name: 'a version that is text',
      text: '{"version":"2"}',
      says: 'model snapshot has version "2", expected 2: train the model again',
    },
    {
      name: 'no object',
      text: 'null',
      says: 'model snapshot has version undefined, expected 2: train the model again',
    },
    { name: 'a list', text: '[]', says: 'model snapshot has version undefined, expected 2: train the model again' },
    {
      name: 'only its version',
      text: '{"version":2}',
      says: /^model snapshot is broken at id: [^\n]+; train the model again$/,
    },
    {
      name: 'a field more',
      text: JSON.stringify({ ...content, anchor: 315 }),
      says: /^model snapshot is broken at : [^\n]+; train the model again$/,
    },
    {
      name: 'something else in a field',
      text: JSON.stringify({ ...content, [broken]: null }),
      says: new RegExp(`^model snapshot is broken at ${broken}: [^\n]+; train the model again$`),
    },
    {
      name: 'another cutoff',
      text: JSON.stringify({ ...content, cutoff: START + 60_000 }),
      says: 'does not match its content: train the model again',
    },
  ])('stored as $name is refused in one sentence', ({ text: stored, says }) => {
    expect(() => read(stored)).toThrow(says)
    expect(() => read(stored)).toThrow(SyntaxError)
  })
})

test('a model is no pool, and a pool no model', () => {
  expect(() => poolFromSnapshot(toSnapshot(model))).toThrow('model snapshot is broken at')
  expect(() => fromSnapshot(toSnapshot(pool))).toThrow('model snapshot is broken at')
})

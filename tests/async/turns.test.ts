import { expect, test } from 'vitest'
import { createTurns } from '../../src/async/turns.ts'

/** Callers that note their beginning and, some promises later, their end; and turns of the event loop beside them. */
const noted = async (ms: number, callers: number): Promise<string[]> => {
  const turn = createTurns(ms)
  const notes: string[] = []
  const all = Array.from({ length: callers }, async (_, i) => {
    await turn()
    notes.push(`begin ${i}`)
    for (let n = 0; n < 20; n++) await Promise.resolve()
    notes.push(`end ${i}`)
  })
  let running = true
  const loop = () => {
    notes.push('loop')
    if (running) setImmediate(loop)
  }
  setImmediate(loop)
  await Promise.all(all)
  running = false
  return notes
}

test('a caller goes on when the one before has done what it can', async () => {
  const notes = await noted(Infinity, 3)
  const work = ['begin 0', 'end 0', 'begin 1', 'end 1', 'begin 2', 'end 2']
  expect(notes.filter((note) => note !== 'loop')).toEqual(work)
  expect(notes.join()).toContain(work.join())
})

test('the event loop comes first once the time is up', async () => {
  const notes = await noted(0, 3)
  for (const caller of [1, 2])
    expect(notes.slice(notes.indexOf(`end ${caller - 1}`), notes.indexOf(`begin ${caller}`))).toContain('loop')
})

test('a caller that waits for the event loop holds up nobody, and may come again', async () => {
  const turn = createTurns(Infinity)
  const notes: string[] = []
  const slow = (async () => {
    await turn()
    await new Promise(setImmediate)
    notes.push('slow')
    await turn()
    notes.push('slow again')
  })()
  const quick = turn().then(() => notes.push('quick'))
  await Promise.all([slow, quick])
  expect(notes).toEqual(['quick', 'slow', 'slow again'])
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRecentBars } from '../../../src/model/features/recent-bars.ts'

const NONE = { reference: 0, volume: 0, turnover: 0 }
const recentOf = (bars: readonly (readonly [index: number, close: number, volume: number])[], minutes = 15) => {
  const recent = createRecentBars(minutes)
  for (const [index, close, volume] of bars) recent.add(index, close, volume)
  return recent
}

describe('a stretch', () => {
  test('of a stock without a bar is empty', () => {
    expect(recentOf([]).before(0, 15)).toEqual(NONE)
  })

  test('of one minute starts from the last close, however long ago', () => {
    expect(recentOf([[3, 100, 10]]).before(40, 1)).toEqual({ ...NONE, reference: 100 })
  })

  test('starts from the last close at least so many minutes back, and adds up what was traded since', () => {
    const recent = recentOf([
      [0, 100, 10],
      [5, 105, 11],
      [6, 110, 12],
      [19, 120, 13],
    ])
    expect(recent.before(20, 15)).toEqual({ reference: 105, volume: 12 + 13, turnover: 110 * 12 + 120 * 13 })
  })

  test('of a thin stock starts further back than its minutes', () => {
    expect(
      recentOf([
        [0, 100, 10],
        [90, 110, 5],
      ]).before(100, 15),
    ).toEqual({ reference: 100, volume: 5, turnover: 550 })
  })

  test('that reaches back before the first bar has no reference, and what was traded since', () => {
    expect(recentOf([[7, 100, 10]]).before(10, 15)).toEqual({ reference: 0, volume: 10, turnover: 1_000 })
  })

  test('knows nothing from before a clearance', () => {
    const recent = recentOf([
      [0, 100, 10],
      [1, 101, 10],
    ])
    recent.clear()
    expect(recent.before(2, 1)).toEqual(NONE)
    recent.add(2, 102, 7)
    expect(recent.before(9, 15)).toEqual({ reference: 0, volume: 7, turnover: 714 })
  })

  test('is that of a plain search of all bars, for any length up to the longest', () => {
    const steps = fc.array(fc.record({ gap: fc.integer({ min: 1, max: 9 }), volume: fc.nat({ max: 50 }) }), {
      minLength: 1,
      maxLength: 80,
    })
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 30 }), (all, length) => {
        const recent = createRecentBars(30)
        const seen: { index: number; close: number; volume: number }[] = []
        let index = 0
        for (const { gap, volume } of all) {
          index += gap
          const inside = seen.filter((bar) => bar.index > index - length)
          expect(recent.before(index, length)).toEqual({
            reference: seen.findLast((bar) => bar.index <= index - length)?.close ?? 0,
            volume: inside.reduce((sum, bar) => sum + bar.volume, 0),
            turnover: inside.reduce((sum, bar) => sum + bar.volume * bar.close, 0),
          })
          const close = 100 + (index % 17)
          recent.add(index, close, volume)
          seen.push({ index, close, volume })
        }
      }),
      { seed: 7 },
    )
  })
})

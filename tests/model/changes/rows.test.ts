import { expect, test } from 'vitest'
import { changeRows } from '../../../src/model/changes/rows.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { bar, START } from '../bars.ts'

test('the old rows: percent from bar to bar, with the time of the later one, none after a minute without volume', () => {
  const bars = [
    bar(START, { close: 100, volume: 200 }),
    bar(START + MINUTE, { close: 103, volume: 0 }),
    bar(START + 2 * MINUTE, { close: 103, volume: 50 }),
    bar(START + 4 * MINUTE, { close: 51.5, volume: 75 }),
  ]
  expect(changeRows(bars)).toEqual([
    { openTime: START + MINUTE, row: [expect.closeTo(3, 9), -100] },
    { openTime: START + 4 * MINUTE, row: [-50, 50] },
  ])
})

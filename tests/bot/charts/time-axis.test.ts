import fc from 'fast-check'
import { expect, test } from 'vitest'
import { timeAxis } from '../../../src/bot/charts/time-axis.ts'
import { timeLabels } from '../../../src/bot/charts/time-labels.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { MONDAY_OPEN } from '../../support/bars.ts'

const KST = 540
const at = (clock: string, day = 0) => {
  const [hours = 0, minutes = 0] = clock.split(':').map(Number)
  return MONDAY_OPEN + ((hours - 9) * 60 + minutes) * MINUTE + day * 1440 * MINUTE
}
const every = (from: string, to: string, day = 0) => {
  const times: number[] = []
  for (let time = at(from, day); time < at(to, day); time += MINUTE) times.push(time)
  return times
}

test('a minute without a trade keeps its place', () => {
  const axis = timeAxis([at('10:00'), at('10:01'), at('10:04')], KST)
  expect(axis.slots.map(({ minutes }) => minutes)).toEqual([1, 1, 1, 1, 1])
  expect(axis.slotOf(at('10:04'))).toBe(4)
  expect(axis.slotOf(at('10:02'))).toBe(2)
})

test('a night takes three columns, whatever its length', () => {
  const axis = timeAxis([at('15:18'), at('15:19'), at('09:00', 1), at('09:01', 1)], KST)
  expect(axis.slots.map(({ minutes }) => minutes)).toEqual([1, 1, 0, 0, 0, 1, 1])
  expect(axis.slotOf(at('09:00', 1))).toBe(5)
})

test('the closing auction is a break, the silent minutes before it are not', () => {
  const axis = timeAxis([at('15:16'), at('15:30')], KST)
  expect(axis.slots.map(({ minutes }) => minutes)).toEqual([1, 1, 1, 1, 0, 0, 0, 1])
})

test('a market that trades through 15:20 has no closing auction', () => {
  const axis = timeAxis([at('15:16'), at('15:24'), at('15:30')], KST)
  expect(axis.slots.map(({ minutes }) => minutes)).toEqual(Array.from({ length: 15 }, () => 1))
})

test('a whole session becomes three-minute candles on the market’s clock', () => {
  const axis = timeAxis([...every('09:00', '15:20'), at('15:30')], KST)
  expect(axis.stepMinutes).toBe(3)
  expect(axis.slotOf(at('09:05'))).toBe(1)
  expect(axis.slots.at(-1)).toEqual({ start: at('15:30'), minutes: 1 })
})

test('ninety minutes stay single minutes', () => {
  expect(timeAxis(every('09:30', '11:00'), KST).stepMinutes).toBe(1)
})

test('labels are round times, with the date where it changes', () => {
  const axis = timeAxis([...every('14:40', '15:20'), at('15:30'), ...every('09:00', '10:00', 1)], KST)
  const labels = timeLabels(axis, KST, 8, () => 'date')
  const shown = labels.flatMap((label, slot) => (label === '' ? [] : [[label, axis.slots[slot]!.start]]))
  expect(shown).toContainEqual([['09:00', 'date'], at('09:00', 1)])
  expect(shown).toContainEqual(['09:30', at('09:30', 1)])
  expect(shown[0]).toEqual([['14:45', 'date'], at('14:45')])
})

test('every bar has a column, columns are in time order, labels keep their distance', () => {
  const gaps = fc.array(
    fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 5, max: 5_000 })),
    {
      maxLength: 420,
    },
  )
  fc.assert(
    fc.property(gaps, fc.constantFrom(0, 540, -300, 330), (steps, offset) => {
      let time = MONDAY_OPEN
      const times = steps.map((step) => (time += step * MINUTE))
      const axis = timeAxis(times, offset)
      const slots = times.map((time) => axis.slotOf(time))
      expect(slots.every((slot, i) => slot >= 0 && slot >= (slots[i - 1] ?? 0))).toBe(true)
      for (const [i, slot] of slots.entries()) {
        const { start } = axis.slots[slot]!
        expect(times[i]! >= start && times[i]! < start + axis.stepMinutes * MINUTE).toBe(true)
      }
      const labelled = timeLabels(axis, offset, 8, () => 'd').flatMap((label, i) => (label === '' ? [] : [i]))
      expect(labelled.length).toBeGreaterThan(times.length === 0 ? -1 : 0)
      expect(labelled.every((slot, i) => i === 0 || slot - labelled[i - 1]! >= axis.slots.length / 8)).toBe(true)
    }),
    { seed: 7, numRuns: 150 },
  )
})

import { MINUTE } from '../../model/time/bar.ts'
import type { Slot, TimeAxis } from './time-axis.ts'

/** The text below a column: empty, a time, or a time with its date in a second line. */
export type TickLabel = string | string[]

const INTERVALS = [5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 7200, 14400, 43200] as const
const DAY_MINUTES = 1440

/**
 * One label a column, most of them empty. New dates come first, then the first column after a break, then round times
 * as far as there is room.
 *
 * @param most - number of labels that fit beside each other
 */
export const timeLabels = (
  axis: TimeAxis,
  utcOffsetMinutes: number,
  most: number,
  dateOf: (time: number) => string,
): TickLabel[] => {
  const { slots, stepMinutes } = axis
  const local = (slot: Slot) => slot.start / MINUTE + utcOffsetMinutes
  const day = (slot: Slot) => Math.floor(local(slot) / DAY_MINUTES)
  const spacing = Math.ceil(slots.length / most)
  const interval =
    INTERVALS.find((minutes) => minutes >= stepMinutes && minutes / stepMinutes >= spacing) ?? DAY_MINUTES * 30

  const trading = (index: number) => (slots[index]?.minutes ?? 0) > 0
  const indexes = slots.keys().filter(trading).toArray()
  const newDays = indexes.filter((index, i) => i > 0 && day(slots[index]!) !== day(slots[indexes[i - 1]!]!))
  const firsts = indexes.filter((index) => index > 0 && !trading(index - 1))
  const round = indexes.filter((index) => local(slots[index]!) % interval === 0)

  const chosen: number[] = []
  for (const index of [...newDays, ...firsts, ...round]) {
    if (chosen.every((other) => Math.abs(other - index) >= spacing)) chosen.push(index)
  }
  if (chosen.length === 0) chosen.push(...indexes.slice(0, 1))
  chosen.sort((a, b) => a - b)

  const labels: TickLabel[] = slots.map(() => '')
  const days = new Set(indexes.map((index) => day(slots[index]!)))
  let shown: number | null = days.size === 1 ? [...days][0]! : null
  for (const index of chosen) {
    const slot = slots[index]!
    const time = clock(local(slot))
    const date = dateOf(slot.start)
    if (stepMinutes >= DAY_MINUTES || (interval >= DAY_MINUTES && time === '00:00')) labels[index] = date
    else labels[index] = day(slot) === shown ? time : [time, date]
    shown = day(slot)
  }
  return labels
}

const clock = (localMinute: number): string => new Date(localMinute * MINUTE).toISOString().slice(11, 16)

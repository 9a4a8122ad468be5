import { type Bar, MINUTE } from '../../../model/time/bar.ts'
import type { Interval } from '../../../model/time/interval.ts'

/** The clock jumps over a silence that is longer than this. */
const LONGEST_SILENCE = 30 * MINUTE

/** The intervals in which at least one of the symbols trades, oldest first. */
export const tradingTimes = (barsBySymbol: Iterable<readonly Bar[]>): Interval[] => {
  const minutes = new Set<number>()
  for (const bars of barsBySymbol) for (const bar of bars) minutes.add(bar.openTime)
  const intervals: { from: number; to: number }[] = []
  for (const minute of Float64Array.from(minutes).sort()) {
    const last = intervals.at(-1)
    if (last !== undefined && minute - last.to <= LONGEST_SILENCE) last.to = minute + MINUTE
    else intervals.push({ from: minute, to: minute + MINUTE })
  }
  return intervals
}

/**
 * A clock that runs through the intervals, one after the other, and stops at the end of the last.
 *
 * @param running - real milliseconds since the start, never fewer than before
 * @param speed - market milliseconds in a real one; with `Infinity` the clock is at the end at once
 * @param startAt - the market time at which the clock begins, or null for the start of the first interval
 */
export const createReplayClock = (
  intervals: readonly Interval[],
  running: () => number,
  speed: number,
  startAt: number | null,
): (() => number) => {
  const last = intervals.at(-1)
  if (last === undefined) throw new RangeError('there are no trading times, expected at least one')
  /** Market milliseconds replayed before each interval. */
  const before: number[] = []
  let total = 0
  for (const { from, to } of intervals) {
    before.push(total)
    total += to - from
  }
  const begun =
    startAt === null
      ? 0
      : intervals.reduce((sum, { from, to }) => sum + Math.min(Math.max(0, startAt - from), to - from), 0)
  let at = 0
  return () => {
    const elapsed = running()
    const replayed = speed === Infinity ? total : begun + elapsed * speed
    if (replayed >= total) return last.to
    while (at + 1 < intervals.length && before[at + 1]! <= replayed) at++
    return Math.floor(intervals[at]!.from + replayed - before[at]!)
  }
}

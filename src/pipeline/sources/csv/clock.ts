import { type Bar, MINUTE } from '../../../model/time/bar.ts'
import type { Interval } from '../../../model/time/interval.ts'

/** A silence longer than this is jumped over. */
const LONGEST_SILENCE = 30 * MINUTE

/** The stretches of time in which any of the symbols trades, oldest first. */
export const stretchesOf = (barsBySymbol: Iterable<readonly Bar[]>): Interval[] => {
  const minutes = new Set<number>()
  for (const bars of barsBySymbol) for (const bar of bars) minutes.add(bar.openTime)
  const stretches: { from: number; to: number }[] = []
  for (const minute of Float64Array.from(minutes).sort()) {
    const last = stretches.at(-1)
    if (last !== undefined && minute - last.to <= LONGEST_SILENCE) last.to = minute + MINUTE
    else stretches.push({ from: minute, to: minute + MINUTE })
  }
  return stretches
}

/**
 * A clock that runs through the stretches, one after the other, and stands still at the end of the last.
 *
 * @param running - real milliseconds since the start, never fewer than before
 * @param speed - market milliseconds in a real one; `Infinity` is at the end at once
 * @param startAt - where to begin, or null for the beginning
 */
export const createReplayClock = (
  stretches: readonly Interval[],
  running: () => number,
  speed: number,
  startAt: number | null,
): (() => number) => {
  const last = stretches.at(-1)
  if (last === undefined) throw new RangeError('there are no stretches, expected at least one')
  /** Market time replayed before each stretch. */
  const before: number[] = []
  let total = 0
  for (const { from, to } of stretches) {
    before.push(total)
    total += to - from
  }
  const begun =
    startAt === null
      ? 0
      : stretches.reduce((sum, { from, to }) => sum + Math.min(Math.max(0, startAt - from), to - from), 0)
  let at = 0
  return () => {
    const elapsed = running()
    const replayed = speed === Infinity ? total : begun + elapsed * speed
    if (replayed >= total) return last.to
    while (at + 1 < stretches.length && before[at + 1]! <= replayed) at++
    return Math.floor(stretches[at]!.from + replayed - before[at]!)
  }
}

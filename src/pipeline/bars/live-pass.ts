import { RetryableError } from '../../errors.ts'
import type { JudgedMinutes } from '../episodes/decider.ts'
import type { BarSource } from '../sources/source.ts'
import { nextInterval } from './collect.ts'
import type { Detection } from './detection.ts'
import { fetchInterval } from './intake.ts'
import { newOrChanged, type Position, type Positions, reaches } from './positions.ts'
import type { Rereads } from './rereads.ts'

interface Dependencies {
  readonly source: BarSource
  readonly rereads: Rereads
  readonly positions: Positions
  readonly detection: Pick<Detection, 'judge' | 'commit' | 'forget'>
}

/** Judged minutes that could not be stored yet, and the position before them. */
interface Unstored {
  readonly minutes: JudgedMinutes
  readonly position: Position
}

/**
 * The pass of an ordinary minute: a symbol's new bars are fetched, judged, and then stored together with what they
 * make, in one transaction with all symbols that are judged meanwhile. It reads nothing from the store.
 *
 * @returns end of the symbol's coverage afterwards (the end of time if nothing can have closed); null if the minute is
 * not an ordinary one, because a stored bar was corrected or the state in memory does not follow the store
 */
export const createLivePass = ({ source, rereads, positions, detection }: Dependencies) => {
  const unstored = new Map<string, Unstored>()

  const store = async ({ minutes, position }: Unstored): Promise<void> => {
    const { symbol, until, fresh } = minutes
    try {
      await detection.commit(minutes)
    } catch (error) {
      // Time mends the store: the minutes are stored with the next pass, before any others.
      if (error instanceof RetryableError) unstored.set(symbol, { minutes, position })
      else {
        unstored.delete(symbol)
        detection.forget(symbol)
        positions.forget(symbol)
      }
      throw error
    }
    unstored.delete(symbol)
    positions.advance(symbol, position, fresh?.bars ?? [], until)
  }

  return async (symbol: string, signal: AbortSignal): Promise<number | null> => {
    const owed = unstored.get(symbol)
    if (owed) await store(owed)
    const position = await positions.of(symbol)
    if (position === null) return null
    const { coverage, tail } = position
    const newest = (before: number) => tail.findLast(({ openTime }) => openTime < before)?.openTime ?? null
    const interval = await nextInterval({ source, rereads }, symbol, coverage, newest)
    if (interval === null) return Number.POSITIVE_INFINITY
    if (!reaches(position, interval.from)) return null
    const { bars, covered } = await fetchInterval({ source, rereads }, symbol, interval, signal)
    const fresh = newOrChanged(position, bars)
    const isOrdinary = covered.from === interval.from && (fresh[0]?.openTime ?? coverage.to) >= coverage.to
    if (!isOrdinary) return null
    const until = Math.max(coverage.to, covered.to)
    const minutes = await detection.judge(symbol, coverage, { bars: fresh, covered: { from: coverage.to, to: until } })
    if (minutes === null) return null
    await store({ minutes, position })
    return until
  }
}

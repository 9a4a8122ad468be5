import { MINUTE } from '../time/bar.ts'

/**
 * A minute that is judged longer than this after it closed is marked late. Ordinary slowness stays below: 98 stocks
 * take under two minutes at one a second, and fifty take three on the old interface at one in 3.6 s.
 */
const LATE_AFTER = 3 * MINUTE
/** A minute that closed longer ago than this is stored without a ping. */
const STALE_AFTER = 10 * MINUTE

/**
 * The time since a minute closed, in ms of our clock.
 *
 * @param speed - market time per our time: 1, or more in a compressed replay
 */
export const ageOf = (openTime: number, marketNow: number, speed = 1): number =>
  (marketNow - (openTime + MINUTE)) / speed

export const isLate = (ageMs: number): boolean => ageMs > LATE_AFTER

/** True if the minute is too old to ping anybody: it is neither decided on nor delivered any more. */
export const isStale = (ageMs: number): boolean => ageMs > STALE_AFTER

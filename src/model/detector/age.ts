import { MINUTE } from '../time/bar.ts'

/**
 * A minute that is judged longer than this after it closed is marked late. Ordinary slowness stays below: a stock a second takes 98 stocks under two
 * minutes, and a collector on the old interface, with one in 3.6 s, fifty of them three.
 */
const LATE_AFTER = 3 * MINUTE
/** One that closed longer ago than this goes to history without a ping. */
const STALE_AFTER = 10 * MINUTE

/** How long ago a minute closed, in ms of our clock: a market that runs faster is behind by as much less. */
export const ageOf = (openTime: number, marketNow: number, speed = 1): number =>
  (marketNow - (openTime + MINUTE)) / speed

export const isLate = (ageMs: number): boolean => ageMs > LATE_AFTER

/** Too old to ping anybody: neither decided on nor delivered any more. */
export const isStale = (ageMs: number): boolean => ageMs > STALE_AFTER

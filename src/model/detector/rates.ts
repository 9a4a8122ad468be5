import { RATES, type RateCurve } from '../features/market.ts'
import type { Stateful } from '../features/state-tape.ts'
import { EPISODE_GAP } from './episode.ts'

/** Alerts are counted at multiples of this score. */
const STEP = 0.25
const LEVELS = 32

/**
 * Counts the alerts that each boundary would have raised. A minute within ten minutes of the last one above a boundary
 * belongs to the same alert.
 */
export interface AlertCounts extends Stateful {
  /** Adds a minute; minutes come in time order. */
  add(openTime: number, score: number): void
  /** Begins another session: earlier alerts count for less. */
  turn(): void
  /** The alerts at each level, with the sessions that they were counted over. */
  snapshot(sessions: number): CountedAlerts
}

/** Alerts by boundary: `counts[i]` reached a score of 0.25 × (i + 1). */
export interface CountedAlerts {
  readonly sessions: number
  readonly counts: readonly number[]
}

/**
 * Counts before the first minute.
 *
 * @param halfLife - sessions after which an alert counts half
 */
export const createAlertCounts = (halfLife: number): AlertCounts => {
  const fade = 0.5 ** (1 / halfLife)
  const counts = new Float64Array(LEVELS)
  const last = new Float64Array(LEVELS).fill(-Infinity)
  return {
    add(openTime, score) {
      const reached = Math.min(LEVELS, Math.floor(score / STEP))
      for (let level = 0; level < reached; level++) {
        if (openTime - last[level]! > EPISODE_GAP) counts[level]!++
        last[level] = openTime
      }
    },
    turn() {
      for (let level = 0; level < LEVELS; level++) counts[level]! *= fade
    },
    snapshot(sessions) {
      // A lower boundary can join neighbouring alerts into one; it still counts as many as a higher one at least.
      const all = Array.from(counts)
      for (let level = LEVELS - 2; level >= 0; level--) all[level] = Math.max(all[level]!, all[level + 1]!)
      return { sessions, counts: all }
    },
    carry(tape) {
      tape.column(counts)
      tape.column(last)
    },
  }
}

/** Counts of several stocks as one. */
export const addedCounts = (all: readonly CountedAlerts[]): CountedAlerts => ({
  sessions: all.reduce((sum, { sessions }) => sum + sessions, 0),
  counts: Array.from({ length: LEVELS }, (_, level) => all.reduce((sum, { counts }) => sum + counts[level]!, 0)),
})

/**
 * The curve of a stock (or of some stocks) drawn towards its market's: alerts are added up as if the market had been
 * watched for `weight` sessions more, so the market weighs less the longer the stock's history is.
 */
export const drawnCurve = ({ sessions, counts }: CountedAlerts, market: RateCurve, weight: number): RateCurve => {
  const scores = Array.from({ length: LEVELS }, (_, level) => STEP * (level + 1))
  const logs = scores.map((score, level) =>
    Math.log((counts[level]! + weight * rateAt(market, score)) / (sessions + weight)),
  )
  return RATES.map((rate) => interpolated(logs, scores, Math.log(rate)))
}

/** Alerts a stock and session of a boundary at this score; beyond the curve's ends its last slope goes on. */
export const rateAt = (curve: RateCurve, score: number): number => Math.exp(interpolated(curve, LOG_RATES, score))

/** The boundary that raises so many alerts a stock and session; infinite for no alerts. */
export const scoreAt = (curve: RateCurve, rate: number): number =>
  rate > 0 ? Math.max(0, interpolated(LOG_RATES, curve, Math.log(rate))) : Infinity

const LOG_RATES = RATES.map(Math.log)

/**
 * The piecewise linear function through (x, y); x ascends or descends. It skips a flat piece at an end, where the slope
 * would be infinite.
 */
const interpolated = (x: readonly number[], y: readonly number[], at: number): number => {
  const rising = x.at(-1)! > x[0]!
  let right = 1
  while (right < x.length - 1 && (rising ? x[right]! < at : x[right]! > at)) right++
  let left = right - 1
  while (left > 0 && x[left] === x[right]) left--
  const width = x[right]! - x[left]!
  return width === 0 ? y[right]! : y[left]! + ((y[right]! - y[left]!) * (at - x[left]!)) / width
}

import type { Reading } from '../features/features.ts'
import type { Stateful } from '../features/state-tape.ts'
import { MINUTE } from '../time/bar.ts'
import { type AlertCounts, type CountedAlerts, createAlertCounts } from './rates.ts'

/** Models are fitted to so many of the newest minutes at most: about ten sessions. */
export const ROWS = 4096

/** One measured minute of one horizon. */
export interface HistoryRow {
  readonly openTime: number
  readonly surge: number
  /** Log return of the stretch. */
  readonly move: number
  /** Volume of the stretch as a multiple of its usual volume. */
  readonly multiple: number
}

/** The same of many minutes, a column each. */
export interface HistoryColumns {
  readonly surges: Float32Array
  readonly moves: Float32Array
  readonly multiples: Float32Array
}

/** The measured minutes of one symbol that a model is fitted to. */
export interface Past {
  /** The newest minutes of one horizon (by its place), oldest first, 4,096 at most. */
  rows(horizon: number): HistoryRow[]
  /** The same minutes without their times. */
  columns(horizon: number): HistoryColumns
  /** Alerts that each boundary would have raised, of one horizon in its own unit. */
  alerts(horizon: number): CountedAlerts
  /** The same of all horizons together, on the scale of one minute. */
  readonly combinedAlerts: CountedAlerts
  /** Minutes added ever. */
  readonly count: number
  /** Sessions that they span, the running one in part; finished sessions count for less and less. */
  readonly sessions: number
}

/** A past that grows. */
export interface History extends Past, Stateful {
  /**
   * Adds a minute; minutes come in time order.
   *
   * @param scores - one a horizon, in its own unit
   * @param combined - the score of the odder horizon on the scale of one minute
   */
  add(openTime: number, reading: Reading, scores: Float64Array, combined: number): void
  /** Begins another session, of so many minutes, with the bar of this index. */
  turn(index: number, sessionMinutes: number): void
}

/**
 * A history without a minute. It holds features in single precision; the oldest rows give way to the newest.
 *
 * @param horizons - the number of horizons
 * @param halfLife - sessions after which an alert counts half
 */
export const createHistory = (horizons: number, halfLife: number): History => {
  const width = 3 * horizons
  let capacity = 512
  /** Starts of minutes, in minutes since 1970. */
  let times = new Uint32Array(capacity)
  let values = new Float32Array(capacity * width)
  let count = 0
  /** Finished sessions, faded. */
  let sessions = 0
  /** Index of the running session's first bar. */
  let began = 0
  let newest = 0
  let sessionMinutes = 1
  const fade = 0.5 ** (1 / halfLife)
  const horizonCounts: AlertCounts[] = Array.from({ length: horizons }, () => createAlertCounts(halfLife))
  const combinedCounts = createAlertCounts(halfLife)
  /** Makes room for so many rows, {@link ROWS} at most: the capacity doubles as often as it must. */
  const makeRoom = (rows: number) => {
    if (rows <= capacity || capacity === ROWS) return
    while (capacity < Math.min(rows, ROWS)) capacity *= 2
    const [oldTimes, oldValues] = [times, values]
    times = new Uint32Array(capacity)
    values = new Float32Array(capacity * width)
    times.set(oldTimes)
    values.set(oldValues)
  }
  const spanned = () => sessions + (count === 0 ? 0 : (newest - began + 1) / sessionMinutes)

  return {
    add(openTime, { index, horizons: readings }, scores, combined) {
      if (count === 0) began = index
      makeRoom(count + 1)
      const at = count % capacity
      times[at] = openTime / MINUTE
      for (let h = 0; h < horizons; h++) {
        const { surge, move, volume, usualVolume } = readings[h]!
        const place = at * width + 3 * h
        values[place] = surge
        values[place + 1] = move
        values[place + 2] = volume / usualVolume
        horizonCounts[h]!.add(openTime, scores[h]!)
      }
      combinedCounts.add(openTime, combined)
      newest = index
      count++
    },
    turn(index, minutes) {
      if (count > 0) {
        sessions = fade * (sessions + (index - began) / sessionMinutes)
        for (const counts of [...horizonCounts, combinedCounts]) counts.turn()
      }
      began = newest = index
      sessionMinutes = minutes
    },
    rows(horizon) {
      const length = Math.min(count, capacity)
      const start = count > capacity ? count % capacity : 0
      return Array.from({ length }, (_, i) => {
        const at = (start + i) % capacity
        const place = at * width + 3 * horizon
        const [surge, move, multiple] = [values[place]!, values[place + 1]!, values[place + 2]!]
        return { openTime: times[at]! * MINUTE, surge, move, multiple }
      })
    },
    columns(horizon) {
      const length = Math.min(count, capacity)
      const start = count > capacity ? count % capacity : 0
      const surges = new Float32Array(length)
      const moves = new Float32Array(length)
      const multiples = new Float32Array(length)
      for (let i = 0; i < length; i++) {
        const place = ((start + i) % capacity) * width + 3 * horizon
        surges[i] = values[place]!
        moves[i] = values[place + 1]!
        multiples[i] = values[place + 2]!
      }
      return { surges, moves, multiples }
    },
    alerts: (horizon) => horizonCounts[horizon]!.snapshot(spanned()),
    get combinedAlerts() {
      return combinedCounts.snapshot(spanned())
    },
    get count() {
      return count
    },
    get sessions() {
      return spanned()
    },
    carry(tape) {
      count = tape.number(count)
      sessions = tape.number(sessions)
      began = tape.number(began)
      newest = tape.number(newest)
      sessionMinutes = tape.number(sessionMinutes)
      for (const counts of [...horizonCounts, combinedCounts]) counts.carry(tape)
      makeRoom(count)
      const rows = Math.min(count, capacity)
      tape.column(times.subarray(0, rows))
      tape.column(values.subarray(0, rows * width))
    },
  }
}

import type { Parameters } from './parameters.ts'
import type { Stateful, StateTape } from './state-tape.ts'
import { createWindow } from './window.ts'

/** The usual numbers of a minute of one stock, by its last trading minutes. One object is reused for every minute. */
export interface Baseline extends Stateful {
  /** Measures the minutes before this index; the fields below hold the result. Indices never go back. */
  measure(index: number): void
  /**
   * Adds the minute at the index that was measured last.
   *
   * @param volume - as a multiple of its time of day, see {@link Profile.factor}
   * @param move - its log return
   */
  add(volume: number, close: number, move: number): void
  /** Forgets every minute, because the scale of prices has changed. */
  clear(): void
  /** Trading minutes since the first one, or since the first after `clear`. */
  readonly have: number
  /** Trading minutes that the baseline spans: `have`, up to its full length. */
  readonly minutes: number
  /** Minutes of these that traded. */
  readonly traded: number
  /** False while too few minutes traded to measure anything against them. */
  readonly known: boolean
  /** Mean volume of a minute over the whole baseline. */
  readonly meanVolume: number
  /** Usual volume of a minute: the mean, or the last hour's mean if that is less, but not below a part of the mean. */
  readonly usualVolume: number
  /** Usual turnover of a minute, in proportion to the usual volume; 0 while not known. */
  readonly usualTurnover: number
  /** Root mean square of the traded minutes' log returns. */
  readonly sigma: number
}

/** Trading minutes of the last hour. */
const HOUR = 60
/** A stock whose price has never moved is taken to move by this part of its market's usual move. */
const STILL = 0.1
/** Columns of the baseline: volume over its time of day, turnover likewise, squared return. */
const VOLUME = 0
const TURNOVER = 1
const SQUARE = 2

/**
 * A baseline without a minute. A minute that does not trade counts as one without volume, and takes no part in the
 * volatility √(Σr² / n).
 *
 * @param marketMove - the market's usual one-minute move, as a log return
 */
export const createBaseline = (
  { baselineMinutes, leastUsual, leastTraded }: Pick<Parameters, 'baselineMinutes' | 'leastUsual' | 'leastTraded'>,
  marketMove: number,
): Baseline => {
  const window = createWindow(baselineMinutes, 3)
  const hour = createWindow(HOUR, 1)
  const entry = new Float64Array(3)
  const leastSigma = STILL * marketMove
  let isEmpty = true
  let first = 0
  let at = 0
  const baseline = {
    have: 0,
    minutes: 0,
    traded: 0,
    known: false,
    meanVolume: 0,
    usualVolume: 0,
    usualTurnover: 0,
    sigma: 0,
    measure(index: number) {
      if (isEmpty) {
        isEmpty = false
        first = index
      }
      at = index
      window.advance(index)
      hour.advance(index)
      const have = index - first
      const minutes = Math.min(baselineMinutes, have)
      const traded = window.count
      const mean = minutes > 0 ? window.sum(VOLUME) / minutes : 0
      const lately = minutes > 0 ? hour.sum(0) / Math.min(HOUR, minutes) : 0
      const usual = Math.min(mean, Math.max(lately, leastUsual * mean))
      const known = traded >= leastTraded && usual > 0
      baseline.have = have
      baseline.minutes = minutes
      baseline.traded = traded
      baseline.known = known
      baseline.meanVolume = mean
      baseline.usualVolume = usual
      baseline.usualTurnover = known ? (window.sum(TURNOVER) / minutes) * (usual / mean) : 0
      baseline.sigma = Math.max(leastSigma, traded > 0 ? Math.sqrt(window.sum(SQUARE) / traded) : 0)
    },
    add(volume: number, close: number, move: number) {
      entry[VOLUME] = volume
      entry[TURNOVER] = volume * close
      entry[SQUARE] = move * move
      window.set(at, entry)
      hour.set(at, entry)
    },
    clear() {
      window.clear()
      hour.clear()
      isEmpty = true
    },
    /** Carries the minutes alone: the numbers measured from them are measured anew with the next minute. */
    carry(tape: StateTape) {
      window.carry(tape)
      hour.carry(tape)
      isEmpty = tape.number(isEmpty ? 1 : 0) === 1
      first = tape.number(first)
    },
  }
  return baseline
}

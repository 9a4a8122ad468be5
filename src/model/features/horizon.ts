import type { Ohlcv } from '../time/bar.ts'
import type { Stretch } from './recent-bars.ts'

/**
 * A bar measured over one horizon. Moves are log returns, volumes are in shares (or coins), turnover is in the
 * exchange's currency.
 */
export interface HorizonReading {
  /** Length of the stretch that ends with this bar. */
  readonly minutes: number
  /**
   * The price that the move is measured from: the last close at least so many minutes back in the same session, else
   * the session's open. If the overnight gap is odder than the move, it is the close before the session.
   */
  reference: number
  /** True if the overnight gap is odder than the move, so that the fields describe the gap. */
  gap: boolean
  direction: 'up' | 'down'
  /** ln(high / reference) or ln(low / reference), whichever is further out. */
  move: number
  /** Usual move of such a stretch: root mean square, √minutes of one minute's. */
  usualMove: number
  volume: number
  usualVolume: number
  turnover: number
  usualTurnover: number
  /** One tick at the reference, as a log return. */
  tick: number
  /**
   * The move that counts as 1 beyond a tick: √minutes usual moves, a quarter of the way from the market's to the
   * stock's own, as logarithms.
   */
  unit: number
  /** The move less a tick, in units; 0 within a tick. */
  price: number
  /**
   * The feature that is clustered: price × (1 + ln(1 + volume / usual)). It is far out only if price is, and all the
   * more if volume is too. It has no unit.
   * After J. Kamps, B. Kleinberg, "To the moon: defining and detecting cryptocurrency pump-and-dumps", Crime Science 7
   * (2018) 18, who ask for both surges at once by two thresholds.
   */
  surge: number
}

/** A reading before the first bar. */
export const emptyHorizon = (minutes: number): HorizonReading => ({
  minutes,
  reference: 0,
  gap: false,
  direction: 'up',
  move: 0,
  usualMove: 0,
  volume: 0,
  usualVolume: 0,
  turnover: 0,
  usualTurnover: 0,
  tick: 0,
  unit: 0,
  price: 0,
  surge: 0,
})

/** The usual numbers of one minute of a stock. */
export interface UsualMinute {
  readonly usualVolume: number
  readonly usualTurnover: number
  /** Root mean square one-minute log return. */
  readonly sigma: number
}

/**
 * Measures the move over one horizon against what is usual for it; the surge is left as it is.
 *
 * @param into - receives the result
 * @param before - the stretch without the bar
 * @param open - the session's open
 * @param expected - the stretch's usual volume, in usual minutes
 * @param unit - the move of one minute that counts as 1, as a log return
 * @param tick - in the price's unit
 */
export const measureMove = (
  into: HorizonReading,
  bar: Ohlcv,
  before: Stretch,
  open: number,
  expected: number,
  usual: UsualMinute,
  unit: number,
  tick: number,
): void => {
  const { high, low, close, volume } = bar
  into.reference = before.reference || open
  into.gap = false
  into.volume = before.volume + volume
  into.turnover = before.turnover + volume * close
  into.usualVolume = usual.usualVolume * expected
  into.usualTurnover = usual.usualTurnover * expected
  const root = Math.sqrt(into.minutes)
  into.usualMove = usual.sigma * root
  const up = Math.log(high / into.reference)
  const down = Math.log(low / into.reference)
  into.direction = up >= -down ? 'up' : 'down'
  into.move = into.direction === 'up' ? up : down
  into.unit = unit * root
  into.tick = tick / into.reference
  into.price = Math.max(0, Math.abs(into.move) - into.tick) / into.unit
}

/**
 * Puts the overnight gap in place of the measured move if the gap is odder.
 *
 * @param gap - as a log return
 * @param lastClose - the close before the session
 * @param usualGap - the stock's own root mean square gap, as a log return
 * @param unit - the gap that counts as 1, as a log return
 * @param tick - in the price's unit
 */
export const measureGap = (
  into: HorizonReading,
  gap: number,
  lastClose: number,
  usualGap: number,
  unit: number,
  tick: number,
): void => {
  const price = Math.max(0, Math.abs(gap) - tick / lastClose) / unit
  if (price <= into.price) return
  into.tick = tick / lastClose
  into.unit = unit
  into.price = price
  into.gap = true
  into.reference = lastClose
  into.move = gap
  into.direction = gap > 0 ? 'up' : 'down'
  into.usualMove = usualGap
}

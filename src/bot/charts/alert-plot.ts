import { MINUTE } from '../../model/time/bar.ts'
import type { Usual } from '../../pipeline/views/views.ts'
import { currencyOf } from '../render/stock.ts'
import type { BarsView } from './bars-summary.ts'
import { type Candle, columns } from './candles.ts'
import { niceTicks } from './nice-ticks.ts'
import { type Slot, timeAxis } from './time-axis.ts'

/**
 * Room above the candles for a note and a mark, room below them, and the distance of a mark, as shares of the price
 * range.
 */
const HEADROOM = 0.17
const FOOTROOM = 0.05
export const MARK_DISTANCE = 0.045
/**
 * Most that the usual band may widen the price axis, as a share of the candles' range. After a surge the band is much
 * wider than the candles.
 */
const BAND_ROOM = 0.3

/** Everything that the picture of bars plots, one entry a column where it is an array. */
export type Plot = ReturnType<typeof plotOf>

export const plotOf = (view: BarsView) => {
  const { stock, span } = view
  const offset = stock.utcOffsetMinutes
  const axis = timeAxis(
    span.bars.map((bar) => bar.openTime),
    offset,
  )
  const { candles, usual } = columns(span, axis)
  const peak = view.minute === undefined ? -1 : axis.slotOf(view.minute.judged.openTime)
  const minutes = [...(view.unusual?.map(({ judged }) => judged.openTime) ?? view.marks ?? [])]
  if (view.minute !== undefined) minutes.push(view.minute.judged.openTime)
  const times = new Map(minutes.toSorted((a, b) => b - a).flatMap((time) => entry(axis.slotOf(time), time)))
  if (view.minute !== undefined && peak >= 0) times.set(peak, view.minute.judged.openTime)
  const marked = (slot: number) => times.has(slot)
  const subject = view.minute?.judged
  /** The whole stretch of a slow move is shaded. It ends at the minute that the alert is about. */
  const isOfStretch = ({ start, minutes: length }: Slot) =>
    subject !== undefined &&
    peak >= 0 &&
    length > 0 &&
    start <= subject.openTime &&
    start + length * MINUTE > subject.openTime - (subject.horizon - 1) * MINUTE
  /** If the picture is about one minute, only that one stands out, and the others of its episode get a small mark. */
  const standsOut = (slot: number) => (peak >= 0 ? slot === peak : times.has(slot))

  const traded = candles.filter((candle) => candle !== null)
  const price = priceScale(traded, usual)
  const mostVolume = Math.max(
    1e-12,
    ...traded.map((candle) => candle.volume),
    ...usual.map((u) => Math.min(u?.volume ?? 0, 1e300)),
  )
  const whole = currencyOf(stock) === 'won'
  const priceTicks = niceTicks(price.min, price.max, 7, whole ? 1 : 0)
  const volumeTicks = niceTicks(0, mostVolume * 1.25, 4)
  const clip = (value: number) => Math.min(Math.max(value, price.min - price.range), price.max + price.range)

  const direction = candles.map((candle) => (candle === null ? 'flat' : directionOf(candle)))
  return {
    axis,
    candles,
    usual,
    direction,
    traded,
    price,
    priceTicks,
    volumeTicks,
    /** Times of the marked columns. */
    times,
    /** Column of the minute that the picture is about, or -1. */
    peak,
    marked,
    standsOut,
    isOfStretch,
    /** A price within reach of the panel, so that the usual band does not leave the canvas. */
    clip,
  }
}

const entry = (slot: number, time: number): [number, number][] => (slot < 0 ? [] : [[slot, time]])

const directionOf = ({ open, close }: Candle) => (close > open ? 'up' : close < open ? 'down' : 'flat')

/** Bounds of the price panel, with room for note and marks, and the range of the candles themselves. */
const priceScale = (candles: readonly Candle[], usual: readonly (Usual | null)[]) => {
  if (candles.length === 0) return { min: 0, max: 1, range: 1 }
  const low = Math.min(...candles.map((candle) => candle.low))
  const high = Math.max(...candles.map((candle) => candle.high))
  const range = Math.max(high - low, high * 0.002)
  const bandLow = Math.min(low, ...usual.map((one) => one?.low ?? low))
  const bandHigh = Math.max(high, ...usual.map((one) => one?.high ?? high))
  const min = Math.max(bandLow, low - range * BAND_ROOM) - range * FOOTROOM
  const max = Math.max(Math.min(bandHigh, high + range * BAND_ROOM), high + range * MARK_DISTANCE) + range * HEADROOM
  return { min, max, range: max - min }
}

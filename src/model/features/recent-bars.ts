import type { Stateful } from './state-tape.ts'

/**
 * Sums over a stretch of minutes, and the price it starts from. One object is reused; copy what outlives the next call.
 */
export interface Stretch {
  /** The last close at least so many minutes back, or 0 if there is none in reach. */
  reference: number
  volume: number
  turnover: number
}

/** The newest bars of a stock, as many as its longest stretch can hold. */
export interface RecentBars extends Stateful {
  /** Bars come in order; indices count trading minutes. */
  add(index: number, close: number, volume: number): void
  /** Forgets every bar, because another session or another scale of prices begins. */
  clear(): void
  /** The stretch of `minutes` that ends with index `at`, the bar at `at` itself not included. */
  before(at: number, minutes: number): Stretch
}

/** @param minutes - length of the longest stretch */
export const createRecentBars = (minutes: number): RecentBars => {
  let places = 2
  while (places < minutes + 1) places *= 2
  const mask = places - 1
  const indices = new Float64Array(places)
  const closes = new Float64Array(places)
  const volumes = new Float64Array(places)
  let count = 0
  const stretch: Stretch = { reference: 0, volume: 0, turnover: 0 }
  return {
    add(index, close, volume) {
      const at = count & mask
      indices[at] = index
      closes[at] = close
      volumes[at] = volume
      count++
    },
    clear() {
      count = 0
    },
    before(at, length) {
      stretch.reference = stretch.volume = stretch.turnover = 0
      for (let back = 1; back <= Math.min(count, length); back++) {
        const place = (count - back) & mask
        if (at - indices[place]! >= length) {
          stretch.reference = closes[place]!
          break
        }
        stretch.volume += volumes[place]!
        stretch.turnover += volumes[place]! * closes[place]!
      }
      return stretch
    },
    carry(tape) {
      count = tape.number(count)
      for (const column of [indices, closes, volumes]) tape.column(column)
    },
  }
}

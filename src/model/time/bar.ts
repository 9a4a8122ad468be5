/** A minute, in milliseconds. A minute is named by its start. */
export const MINUTE = 60_000
/** 24 hours, in milliseconds. */
export const DAY = 24 * 60 * MINUTE

/** Start of the minute that holds the instant. If the instant is now, every minute before the result has closed. */
export const minuteOf = (time: number): number => Math.floor(time / MINUTE) * MINUTE

/**
 * One closed minute of one symbol. Times are epoch milliseconds, UTC; prices in the exchange's currency; volume in
 * shares (or coins).
 */
export interface Bar {
  /**
   * The series the bar belongs to: the source, and its market if the source has several. A model never mixes series.
   */
  readonly series: string
  readonly symbol: string
  /** Start of the minute. Orders data. */
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
  /** Our clock when the bar arrived. Measures lag; takes no part in any judgement. */
  readonly receivedAt: number
}

/** The six numbers that make a bar. */
export type Ohlcv = Pick<Bar, 'openTime' | 'open' | 'high' | 'low' | 'close' | 'volume'>

/** A broken invariant. */
export interface BarProblem {
  readonly field: keyof Ohlcv
  readonly expected: string
  readonly came: number
}

/**
 * The first invariant that a bar breaks, or null: a whole minute; finite prices above 0; low ≤ open, close ≤ high;
 * finite volume ≥ 0. The calendar decides if the minute lies inside a session.
 */
export const barProblem = (bar: Ohlcv): BarProblem | null => {
  const { openTime, open, high, low, close, volume } = bar
  if (!Number.isSafeInteger(openTime) || openTime % MINUTE !== 0)
    return { field: 'openTime', expected: 'the start of a minute', came: openTime }
  if (!(open > 0 && open < Infinity)) return { field: 'open', expected: 'a price above 0', came: open }
  if (!(high > 0 && high < Infinity)) return { field: 'high', expected: 'a price above 0', came: high }
  if (!(low > 0 && low < Infinity)) return { field: 'low', expected: 'a price above 0', came: low }
  if (!(close > 0 && close < Infinity)) return { field: 'close', expected: 'a price above 0', came: close }
  if (high < Math.max(open, close, low)) return { field: 'high', expected: 'not below open, low or close', came: high }
  if (low > Math.min(open, close)) return { field: 'low', expected: 'not above open or close', came: low }
  if (!(volume >= 0 && volume < Infinity))
    return { field: 'volume', expected: 'a number of shares, 0 or more', came: volume }
  return null
}

import { type Bar, DAY } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { BarStore } from '../store/contract.ts'

/** Days read at once, so that years of a stock are never in memory. */
const DAYS_PER_PIECE = 30

/** The stored bars of a symbol in an interval, oldest first, some at a time. */
export async function* storedBars(
  bars: BarStore,
  series: string,
  symbol: string,
  { from, to }: Interval,
): AsyncGenerator<readonly Bar[]> {
  const [coverage, oldest] = [await bars.coverage(series, symbol), await bars.oldest(series, symbol)]
  if (coverage === null || oldest === null) return
  const end = Math.min(to, coverage.to)
  for (let start = Math.max(from, oldest); start < end; start += DAYS_PER_PIECE * DAY) {
    const piece = await bars.range(series, symbol, { from: start, to: Math.min(start + DAYS_PER_PIECE * DAY, end) })
    if (piece.length > 0) yield piece
  }
}

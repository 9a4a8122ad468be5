import type { Bar } from '../../model/time/bar.ts'
import type { Span, Usual } from '../../pipeline/views/views.ts'
import type { TimeAxis } from './time-axis.ts'

/** Prices and volume of one column. */
export type Candle = Pick<Bar, 'open' | 'high' | 'low' | 'close' | 'volume'>

export interface Columns {
  /** Null for a column without a trade. */
  readonly candles: readonly (Candle | null)[]
  /** The usual values of the whole column; null in a break and while the stock was still being learned. */
  readonly usual: readonly (Usual | null)[]
}

/** Sums up bars into the columns of their time axis. */
export const columns = (span: Span, axis: TimeAxis): Columns => {
  const candles = axis.slots.map((): Candle | null => null)
  const usualOf = axis.slots.map((): Usual[] => [])
  for (const [i, bar] of span.bars.entries()) {
    const slot = axis.slotOf(bar.openTime)
    candles[slot] = grown(candles[slot] ?? null, bar)
    const usual = span.usual[i]
    if (usual) usualOf[slot]?.push(usual)
  }
  const usual = axis.slots.map((slot, i) => ofColumn(usualOf[i]!, slot.minutes))
  // A minute without a trade has the same previous close as the next bar, so the same values are usual for both.
  for (let i = axis.slots.length - 2; i >= 0; i--) {
    const next = usual[i + 1]
    if (axis.slots[i]!.minutes > 0 && candles[i] === null && next) usual[i] = next
  }
  return { candles, usual }
}

const grown = (candle: Candle | null, { open, high, low, close, volume }: Bar): Candle =>
  candle === null
    ? { open, high, low, close, volume }
    : {
        open: candle.open,
        high: Math.max(candle.high, high),
        low: Math.min(candle.low, low),
        close,
        volume: candle.volume + volume,
      }

/** Over n minutes volume adds up and, as in a random walk, the usual move grows by √n around where the column began. */
const ofColumn = (minutes: readonly Usual[], count: number): Usual | null => {
  const first = minutes[0]
  if (first === undefined) return null
  if (count <= 1) return first
  const volume = (minutes.reduce((sum, minute) => sum + minute.volume, 0) / minutes.length) * count
  const middle = Math.sqrt(first.low * first.high)
  const move = Math.sqrt(first.high / first.low) ** Math.sqrt(count)
  return { volume, low: middle / move, high: middle * move }
}

import { createMeasurer } from '../../model/detector/measurements.ts'
import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import { type Calendar, isSessionMinute } from '../../model/time/session.ts'
import type { Columns, Row } from './parquet-file.ts'

/** The columns of bars: those of a CSV file of bars. */
export const BAR_COLUMNS = {
  symbol: 'text',
  time: 'time',
  open: 'number',
  high: 'number',
  low: 'number',
  close: 'number',
  volume: 'number',
} as const satisfies Columns<string>

/** The columns of measurements; `docs/spark.md` says what each is. */
export const MEASUREMENT_COLUMNS = {
  symbol: 'text',
  time: 'time',
  horizon: 'whole',
  surge: 'number',
  move: 'number',
  multiple: 'number',
  furthest: 'number',
} as const satisfies Columns<string>

type Bars = AsyncIterable<readonly Bar[]>

export async function* barRows(pieces: Bars): AsyncGenerator<Row<keyof typeof BAR_COLUMNS>[]> {
  for await (const bars of pieces)
    yield bars.map(({ symbol, openTime, open, high, low, close, volume }) => ({
      symbol,
      time: openTime,
      open,
      high,
      low,
      close,
      volume,
    }))
}

/** Settings of measuring. */
export interface Measuring {
  readonly calendar: Calendar
  /** Minutes outside are measured, because later ones are compared with them, and left out. */
  readonly wanted: Interval
  /** By minutes of the stretch: the surge beyond which minutes count as no further out when centers are fitted. */
  readonly furthest: Readonly<Record<string, number>>
  /** Receives the number of bars outside the market's hours, which are not measured. */
  readonly onOutside: (bars: number) => void
}

/**
 * The measurements of one symbol: a row a minute and horizon, of all minutes that models learn from.
 *
 * @param pieces - all bars of the symbol from its oldest on
 */
export async function* measurementRows(
  pieces: Bars,
  { calendar, wanted, furthest, onOutside }: Measuring,
): AsyncGenerator<Row<keyof typeof MEASUREMENT_COLUMNS>[]> {
  const measure = createMeasurer(calendar)
  for await (const bars of pieces) {
    const inside = bars.filter(({ openTime }) => isSessionMinute(calendar, openTime))
    if (inside.length < bars.length) onOutside(bars.length - inside.length)
    yield inside.flatMap((bar) => {
      const reading = measure(bar)
      const { symbol, openTime } = bar
      if (reading === null || openTime < wanted.from || openTime >= wanted.to) return []
      return reading.horizons.map(({ minutes, surge, move, volume, usualVolume }) => ({
        symbol,
        time: openTime,
        horizon: minutes,
        surge,
        move,
        multiple: volume / usualVolume,
        furthest: furthest[String(minutes)]!,
      }))
    })
  }
}

import type { Ohlcv } from '../time/bar.ts'

/** Column names of the old system's features, in order. */
export const CHANGE_FEATURES = ['per_price', 'per_volume'] as const

/** One row of the old system's features. */
export interface ChangeRow {
  readonly openTime: number
  /** [per_price, per_volume], percent. */
  readonly row: readonly [number, number]
}

/**
 * The old system's rows: percent change of close and of volume from the bar before. A row has the time of the minute in
 * which the change happened; the old system gave it that of the minute before. A change from a volume of 0 has no
 * percentage and is left out.
 */
export const changeRows = (bars: readonly Pick<Ohlcv, 'openTime' | 'close' | 'volume'>[]): ChangeRow[] =>
  bars.flatMap((bar, i) => {
    const before = bars[i - 1]
    if (!before || before.volume === 0) return []
    return [
      { openTime: bar.openTime, row: [(bar.close / before.close - 1) * 100, (bar.volume / before.volume - 1) * 100] },
    ]
  })

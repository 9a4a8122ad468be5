import type { Config } from '../config.ts'
import { SetupError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Interval } from '../model/time/interval.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { withConfiguredSource } from './configured-source.ts'
import { seriesOf } from './series.ts'
import { counted } from './terminal.ts'

/** The bars that are to be exported. */
export interface Selection {
  readonly series: string
  readonly symbols: readonly string[]
  readonly interval: Interval
  /** Names the bars in a sentence, as in `of 038530 (csv)`. */
  readonly name: string
}

/** One symbol, or all of a series: the named one, or that of the source that is configured. */
export const selected = async (
  symbol: string | null,
  { interval, venue }: { readonly interval: Interval; readonly venue: string | undefined },
  parts: { readonly config: Config; readonly store: Store; readonly log: Log },
): Promise<Selection> => {
  if (symbol !== null) {
    const series = await seriesOf(parts.store, symbol, venue)
    return { series, symbols: [symbol], interval, name: `of ${symbol} (${series})` }
  }
  const series = venue ?? (await withConfiguredSource(parts, (source) => source.series))
  const symbols = await parts.store.bars.symbols(series)
  if (symbols.length === 0)
    throw new SetupError(
      `no bars of the series ${series} in ${parts.store.description}: import a file, run backfill, or name another series with --venue`,
    )
  return { series, symbols, interval, name: `of ${counted(symbols.length, 'stock')} (${series})` }
}

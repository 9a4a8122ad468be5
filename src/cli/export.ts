import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Bar } from '../model/time/bar.ts'
import { krxSymbol } from '../model/time/symbol.ts'
import { isProblem, timeCell } from '../pipeline/bars-file/cells.ts'
import { barsCsv, writeBarsCsv } from '../pipeline/bars-file/write.ts'
import { openStore } from '../pipeline/store/index.ts'
import { seriesOf, symbolOf } from './series.ts'
import { counted, type Terminal, UsageError } from './terminal.ts'

interface Options {
  readonly symbol: string
  readonly from?: string
  readonly to?: string
  readonly venue?: string
  readonly out?: string
}

const KST_MINUTES = 540

const timeOf = (text: string | undefined, name: string, fallback: number): number => {
  if (text === undefined) return fallback
  const time = timeCell(text, name)
  if (isProblem(time)) throw new UsageError(`${name}: expected ${time.expected}, came ${time.came}`)
  return time
}

/** The stored bars of one symbol as CSV, oldest first. */
export const exportBars = async (options: Options, config: Config, log: Log, terminal: Terminal): Promise<void> => {
  const symbol = symbolOf(options.symbol)
  const interval = { from: timeOf(options.from, '--from', 0), to: timeOf(options.to, '--to', Number.MAX_SAFE_INTEGER) }
  if (interval.from >= interval.to)
    throw new UsageError('--from and --to: expected --from to be the earlier of the two')
  const store = await openStore(config.DATABASE_URL, { log })
  try {
    const series = await seriesOf(store, symbol, options.venue)
    const bars: Bar[] = await store.bars.range(series, symbol, interval)
    if (bars.length === 0) terminal.problem(`no bars of ${symbol} (${series}) in that time`)
    const offset = krxSymbol(symbol) === symbol ? KST_MINUTES : 0
    if (options.out === undefined) for await (const piece of barsCsv(bars, offset)) terminal.line(piece.trimEnd())
    else {
      await writeBarsCsv(options.out, bars, offset)
      terminal.problem(`${counted(bars.length, 'bar')} of ${symbol} (${series}) written to ${options.out}`)
    }
  } finally {
    await store.close()
  }
}

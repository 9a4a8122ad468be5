import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Bar } from '../model/time/bar.ts'
import { krxSymbol } from '../model/time/symbol.ts'
import { isProblem, timeCell } from '../pipeline/bars-file/cells.ts'
import { barsCsv, writeBarsCsv } from '../pipeline/bars-file/write.ts'
import { storedBars } from '../pipeline/columns/stored-bars.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { openStore } from '../pipeline/store/index.ts'
import type { Hours } from './bars-file.ts'
import { type Selection, selected } from './selection.ts'
import { symbolOf } from './series.ts'
import { counted, type Terminal, UsageError } from './terminal.ts'

interface Options {
  readonly symbol?: string
  readonly from?: string
  readonly to?: string
  readonly venue?: string
  readonly out?: string
  readonly format: 'csv' | 'parquet'
  /** The measurements of the bars instead of the bars. */
  readonly measurements?: boolean
  readonly hours: Hours
}

const KST_MINUTES = 540

const timeOf = (text: string | undefined, name: string, fallback: number): number => {
  if (text === undefined) return fallback
  const time = timeCell(text, name)
  if (isProblem(time)) throw new UsageError(`${name}: expected ${time.expected}, came ${time.came}`)
  return time
}

/** Writes stored bars, or their measurements, symbol by symbol, oldest first. */
export const exportBars = async (options: Options, config: Config, log: Log, terminal: Terminal): Promise<void> => {
  const { format, measurements, out } = options
  if (measurements && format === 'csv') throw new UsageError('--measurements goes with --format parquet')
  if (format === 'parquet' && out === undefined) throw new UsageError('--format parquet needs --out FILE')
  const interval = { from: timeOf(options.from, '--from', 0), to: timeOf(options.to, '--to', Number.MAX_SAFE_INTEGER) }
  if (interval.from >= interval.to)
    throw new UsageError('--from and --to: expected --from to be the earlier of the two')
  const symbol = options.symbol === undefined ? null : symbolOf(options.symbol)
  const store = await openStore(config.DATABASE_URL, { log })
  try {
    const selection = await selected(symbol, { interval, venue: options.venue }, { config, store, log })
    if (format === 'csv') return await exportCsv(selection, out, store, terminal)
    const { exportParquet } = await import('./export-parquet.ts')
    await exportParquet(
      { selection, out: out!, measurements: measurements ?? false, hours: options.hours },
      { config, store },
      terminal,
    )
  } finally {
    await store.close()
  }
}

const exportCsv = async (
  { series, symbols, interval, name }: Selection,
  out: string | undefined,
  store: Store,
  terminal: Terminal,
): Promise<void> => {
  let written = 0
  const all = async function* (): AsyncGenerator<Bar> {
    for (const symbol of symbols)
      for await (const piece of storedBars(store.bars, series, symbol, interval)) {
        written += piece.length
        yield* piece
      }
  }
  const offset = symbols.every((symbol) => krxSymbol(symbol) === symbol) ? KST_MINUTES : 0
  if (out === undefined) for await (const piece of barsCsv(all(), offset)) terminal.line(piece.trimEnd())
  else await writeBarsCsv(out, all(), offset)
  if (written === 0) terminal.problem(`no bars ${name} in that time`)
  if (out !== undefined) terminal.problem(`${counted(written, 'bar')} ${name} written to ${out}`)
}

import type { Config } from '../config.ts'
import { marketWidest } from '../model/detector/fit.ts'
import { HORIZONS } from '../model/features/features.ts'
import { marketOf } from '../model/features/markets.ts'
import { PARAMETERS } from '../model/features/parameters.ts'
import { storedPools } from '../pipeline/bars/market-pool.ts'
import { writeParquet } from '../pipeline/columns/parquet-file.ts'
import { storedBars } from '../pipeline/columns/stored-bars.ts'
import {
  BAR_COLUMNS,
  barRows,
  MEASUREMENT_COLUMNS,
  type Measuring,
  measurementRows,
} from '../pipeline/columns/tables.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { type Hours, hoursCalendar } from './bars-file.ts'
import type { Selection } from './selection.ts'
import { counted, type Terminal } from './terminal.ts'

interface Request {
  readonly selection: Selection
  readonly out: string
  readonly measurements: boolean
  readonly hours: Hours
}

/** Writes bars or measurements as columns, in one file; Ctrl-C leaves none. */
export const exportParquet = async (
  { selection, out, measurements, hours }: Request,
  { config, store }: { readonly config: Config; readonly store: Store },
  terminal: Terminal,
): Promise<void> => {
  const stop = new AbortController()
  // npm passes on a Ctrl-C that the terminal has sent already, so the second one is the same.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  const { series, symbols, interval, name } = selection

  /** The rows of all symbols, with a line of progress for each. */
  const each = async function* <Piece extends readonly unknown[]>(rowsOf: (symbol: string) => AsyncIterable<Piece>) {
    let rows = 0
    for (const [at, symbol] of symbols.entries()) {
      terminal.progress(`${symbol}: stock ${at + 1} of ${symbols.length}, ${counted(rows, 'row')}`)
      for await (const piece of rowsOf(symbol)) {
        stop.signal.throwIfAborted()
        rows += piece.length
        yield piece
        await new Promise(setImmediate)
      }
    }
    stop.signal.throwIfAborted()
  }

  try {
    const written = measurements
      ? await writeMeasurements()
      : await writeParquet(
          out,
          BAR_COLUMNS,
          each((symbol) => barRows(storedBars(store.bars, series, symbol, interval))),
        )
    terminal.progress(null)
    const thing = measurements ? 'measurement' : 'bar'
    if (written === 0) terminal.problem(`no ${thing}s ${name} in that time`)
    terminal.problem(`${counted(written, thing)} ${name} written to ${out}`)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    terminal.progress(null)
    terminal.problem(`stopped; ${out} was not written`)
    terminal.failed()
  }

  async function writeMeasurements(): Promise<number> {
    let outside = 0
    const measuring: Measuring = {
      calendar: await hoursCalendar(hours, () => config),
      wanted: interval,
      furthest: await furthestSurges(store, series, hours),
      onOutside: (bars) => {
        outside += bars
      },
    }
    const written = await writeParquet(
      out,
      MEASUREMENT_COLUMNS,
      each((symbol) => measurementRows(storedBars(store.bars, series, symbol, { ...interval, from: 0 }), measuring)),
    )
    if (outside > 0) terminal.problem(`${counted(outside, 'bar')} outside the hours of ${hours} left out (--hours)`)
    return written
  }
}

/** By minutes of the stretch: the surge that the market's newest curves reach twice a session. */
const furthestSurges = async (store: Store, series: string, hours: Hours): Promise<Record<string, number>> => {
  const [pool] = await storedPools(store.models, series, 1)
  const curves = (pool ?? marketOf(hours)).curves
  return Object.fromEntries(
    HORIZONS.map((minutes, h) => [String(minutes), Math.expm1(marketWidest(curves, HORIZONS, h, PARAMETERS))]),
  )
}

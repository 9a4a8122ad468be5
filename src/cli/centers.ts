import { withPatience } from '../async/time-limits.ts'
import type { Config } from '../config.ts'
import { SetupError } from '../errors.ts'
import type { Log } from '../log.ts'
import { fitChangesCenters, fitChangesCentersOfBars } from '../model/changes/centers.ts'
import { type Centers, fitCenters } from '../model/detector/centers.ts'
import type { Bar } from '../model/time/bar.ts'
import type { Calendar } from '../model/time/session.ts'
import { trainingRows } from '../pipeline/sources/bridge/trainingset.ts'
import { openStore } from '../pipeline/store/index.ts'
import { type Hours, hoursCalendar, readBars } from './bars-file.ts'
import { followTable } from './follow.ts'
import { seriesOf, symbolOf } from './series.ts'
import { counted, type Terminal, UsageError } from './terminal.ts'

interface Options {
  readonly bars?: string
  readonly table?: string
  readonly symbol?: string
  readonly venue?: string
  readonly k: number
  /** If absent: the model's features, or, with the old table, the only ones it has. */
  readonly features?: 'seed' | 'model'
  readonly hours: Hours
  readonly seed: number
  readonly json?: boolean
  /** Goes on judging the old table's new rows. */
  readonly follow?: boolean
}

const PATIENCE_MS = 60_000

/** Fits and prints the centers of one stock's minutes: from a file, from the old table, or from the stored bars. */
export const centers = async (
  options: Options,
  config: () => Config,
  log: () => Log,
  terminal: Terminal,
): Promise<void> => {
  if (options.bars !== undefined && options.table !== undefined) throw new UsageError('--bars and --table: choose one')
  if (options.follow && options.table === undefined)
    throw new UsageError('--follow goes with --table: the bot itself follows stocks by /watch')
  const table = options.table === undefined ? null : await tableRows(options.table, options, config(), terminal)
  const found =
    table === null
      ? await fitted(options, config, log, terminal)
      : fitChangesCenters(table.rows, { symbol: table.symbol, k: options.k, seed: options.seed })
  tell(found, options.json ?? false, terminal)
  if (!options.follow || table === null) return
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  await followTable(found, table.until, { ...table, json: options.json ?? false }, terminal, stop.signal)
}

const tell = (found: Centers, json: boolean, terminal: Terminal): void => {
  if (json) {
    terminal.json(found)
    return
  }
  terminal.line(
    `${found.symbol}: ${counted(found.rows, 'minute')} in ${counted(found.clusters.length, 'cluster')} (${found.features} features, inertia ${found.inertia.toPrecision(8)}, ${counted(found.restarts, 'start')}, seed ${found.seed})`,
  )
  for (const [index, { size, abnormal, center }] of found.clusters.entries()) {
    const place = Object.entries(center).map(([name, value]) => `${name} ${Number(value.toPrecision(6))}`)
    terminal.line(
      `  ${index + 1}  ${String(size).padStart(7)} minutes  ${abnormal ? 'abnormal' : 'ordinary'}  ${place.join('  ')}`,
    )
  }
}

interface OldTable {
  readonly url: string
  readonly setting: string
  readonly table: string
  readonly symbol: string
  readonly rows: readonly (readonly [number, number])[]
  /** The newest minute of the table's rows that is not in the future. */
  readonly until: number
}

const tableRows = async (
  table: string,
  { symbol: text, features }: Options,
  config: Config,
  terminal: Terminal,
): Promise<OldTable> => {
  if (features === 'model')
    throw new UsageError('--table: the old table holds the old features only; leave --features model out')
  const wanted = text === undefined ? null : symbolOf(text)
  const setting = config.BRIDGE_URL === undefined ? 'DATABASE_URL' : 'BRIDGE_URL'
  const url = config.BRIDGE_URL ?? config.DATABASE_URL
  const read = (signal: AbortSignal) => trainingRows({ url, table, code: wanted, setting }, signal)
  const { rows, dropped } = await withPatience(PATIENCE_MS, table, read)
  if (dropped > 0) terminal.problem(`${table}: ${counted(dropped, 'row')} could not be read and left out`)
  if (rows.length === 0) throw new SetupError(`${table}: no row${wanted === null ? '' : ` of ${wanted}`} could be read`)
  const now = Date.now()
  const symbols = new Set(rows.map((row) => row.symbol))
  if (symbols.size > 1) throw new UsageError(`${table} holds ${symbols.size} stocks: choose one with --symbol`)
  return {
    url,
    setting,
    table,
    symbol: wanted ?? [...symbols][0] ?? table,
    rows: rows.map(({ perPrice, perVolume }) => [perPrice, perVolume] as const),
    until: rows.reduce(
      (newest, { filedTime }) => (filedTime === null || filedTime > now ? newest : Math.max(newest, filedTime)),
      0,
    ),
  }
}

const fitted = async (options: Options, config: () => Config, log: () => Log, terminal: Terminal): Promise<Centers> => {
  const { k, seed, hours, features = 'model' } = options
  const wanted = options.symbol === undefined ? null : symbolOf(options.symbol)
  const calendar = await hoursCalendar(hours, config)
  const { symbol, bars: all } =
    options.bars === undefined
      ? await storedBars(wanted, options, config, log)
      : await fileBars(options.bars, wanted, calendar, terminal)
  const bars = all.filter((bar) => calendar.sessionAt(bar.openTime) !== null)
  if (bars.length < all.length)
    terminal.problem(
      `${counted(all.length - bars.length, 'bar')} of ${symbol} outside the hours of ${hours} left out (--hours)`,
    )
  try {
    return features === 'seed'
      ? fitChangesCentersOfBars(bars, { symbol, k, seed })
      : fitCenters(bars, { symbol, k, seed, calendar })
  } catch (error) {
    if (error instanceof RangeError) throw new SetupError(error.message, { cause: error })
    throw error
  }
}

interface Found {
  readonly symbol: string
  readonly bars: readonly Bar[]
}

const fileBars = async (
  path: string,
  wanted: string | null,
  calendar: Calendar,
  terminal: Terminal,
): Promise<Found> => {
  const file = await readBars(path, wanted ?? undefined, calendar, terminal)
  if (wanted === null && file.bars.size > 1)
    throw new UsageError(`${path} holds ${file.bars.size} symbols: choose one with --symbol`)
  const symbol = wanted ?? [...file.bars.keys()][0] ?? ''
  const bars = file.bars.get(symbol)
  if (bars === undefined) throw new SetupError(`${path} has no bars of ${symbol}`)
  return { symbol, bars }
}

const storedBars = async (
  symbol: string | null,
  { venue }: Options,
  config: () => Config,
  log: () => Log,
): Promise<Found> => {
  if (symbol === null) throw new UsageError('centers needs one of --bars FILE, --table TABLE or --symbol S')
  const store = await openStore(config().DATABASE_URL, { log: log() })
  try {
    const series = await seriesOf(store, symbol, venue)
    return { symbol, bars: await store.bars.range(series, symbol, { from: 0, to: Number.MAX_SAFE_INTEGER }) }
  } finally {
    await store.close()
  }
}

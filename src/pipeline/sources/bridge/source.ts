import { SetupError, UnknownSymbolError } from '../../../errors.ts'
import type { Log } from '../../../log.ts'
import { MINUTE, minuteOf, type Ohlcv } from '../../../model/time/bar.ts'
import type { Interval } from '../../../model/time/interval.ts'
import type { Calendar } from '../../../model/time/session.ts'
import type { BarSource } from '../source.ts'
import { createSteadyClock } from '../steady-clock.ts'
import { validBars } from '../valid-bars.ts'
import { createBridgeDatabase, quotedTable, type Row } from './database.ts'
import { freshness } from './freshness.ts'
import { hasIndexOn, indexAdvice, type Layout, readLayout, requireColumns } from './layout.ts'
import { namedListing, readNames } from './names.ts'
import { type Moments, momentsLike, numeric, spellings, storedSymbol } from './values.ts'

/** The other collector's database, its tables, and the market that its minutes belong to. */
export interface BridgeOptions {
  /** `mysql://user:password@host:port/database` of the MariaDB that the other collector fills. */
  readonly url: string
  /** The table of bars or changes; `minutewatch_bars` when absent. */
  readonly table?: string
  /** The table of names; `minutewatch_names` when absent. It need not exist. */
  readonly namesTable?: string
  /** The setting that gave the address; sentences name it. */
  readonly setting?: string
  readonly calendar: Calendar
  /** Wall clock, epoch ms. */
  readonly now: () => number
  readonly log: Log
}

/** The tables that are read unless others are named. */
export const TABLE = 'minutewatch_bars'
export const NAMES_TABLE = 'minutewatch_names'
/** Every ten seconds, because the other collector writes when it likes. */
export const BRIDGE_SCHEDULE = '5-59/10 * * * * *'
const KEY = ['symbol', 'time']
const COLUMNS = ['symbol', 'time', 'open', 'high', 'low', 'close', 'volume']

/**
 * Reads bars that another collector writes into MariaDB: one row a minute, key (symbol, time). It reads by that key
 * only the interval that it is asked for. Rows that come late, twice or corrected are seen because the last ten minutes
 * are read again.
 */
export const createBridgeSource = ({ calendar, now: wall, log, ...options }: BridgeOptions): BarSource => {
  const table = options.table ?? TABLE
  const namesTable = options.namesTable ?? NAMES_TABLE
  const series = table === TABLE ? 'bridge' : `bridge:${table}`
  const quoted = quotedTable(table)
  const database = createBridgeDatabase(options.url, options.setting)
  const now = createSteadyClock(wall, log)
  const known = new Set<string>()
  let layout: Layout | null = null
  let moments: Moments | null = null

  const inspect = async (signal: AbortSignal): Promise<Layout> => {
    if (layout) return layout
    layout = requireColumns(database, table, await readLayout(database, table, signal), COLUMNS)
    if (!hasIndexOn(layout, KEY))
      log.warn(
        { table, advice: keyAdvice(layout) },
        'bridge table has no key on (symbol, time): every read scans it all',
      )
    return layout
  }
  const keyAdvice = (layout: Layout): string => indexAdvice(table, layout, { symbol: 12, time: 19 })

  /**
   * The newest minute that has begun; a row of the future is a mistake. The query finds each symbol's newest by the
   * key.
   */
  const newest = async (signal: AbortSignal): Promise<number | null> => {
    const time = await momentsOf(signal)
    if (!time) return null
    const sql = `SELECT MAX(time) AS time FROM ${quoted} WHERE time <= ? GROUP BY symbol`
    const rows = await database.read(table, sql, [time.toKey(minuteOf(now()))], signal)
    return rows.reduce((latest: number | null, row) => Math.max(latest ?? 0, time.toTime(row.time) ?? 0) || null, null)
  }

  /** The form of the column `time`; null while the table is empty. */
  const momentsOf = async (signal: AbortSignal): Promise<Moments | null> => {
    const kind = (await inspect(signal)).columns.get('time')
    if (moments) return moments
    const [row] = await database.read(table, `SELECT time FROM ${quoted} LIMIT 1`, [], signal)
    if (!row) return null
    moments = momentsLike(row.time, kind)
    if (!moments)
      throw new SetupError(
        `${database.setting}: column time of ${table} holds “${row.time}”, ` +
          'expected DATETIME or YYYYMMDDHHmmss in Korean time, or epoch milliseconds',
      )
    return moments
  }

  const has = async (symbol: string, signal: AbortSignal): Promise<boolean> => {
    const codes = spellings(symbol, (await inspect(signal)).columns.get('symbol'))
    if (known.has(symbol) || codes.length === 0) return known.has(symbol)
    const sql = `SELECT 1 FROM ${quoted} WHERE symbol IN (${marks(codes)}) LIMIT 1`
    const [row] = await database.read(table, sql, codes, signal)
    if (row) known.add(symbol)
    return row !== undefined
  }

  const readRows = async (symbol: string, { from, to }: Interval, signal: AbortSignal): Promise<Ohlcv[]> => {
    const time = await momentsOf(signal)
    const codes = spellings(symbol, layout?.columns.get('symbol'))
    if (!time || codes.length === 0 || from >= to) return []
    // Keys have no fractions: the interval is widened to whole minutes, and `validBars` cuts it again.
    const where = `symbol IN (${marks(codes)}) AND time >= ? AND time < ?`
    const sql = `SELECT ${COLUMNS.join(', ')} FROM ${quoted} WHERE ${where} ORDER BY time`
    const rows = await database.read(
      table,
      sql,
      [...codes, time.toKey(minuteOf(from)), time.toKey(minuteOf(to + MINUTE - 1))],
      signal,
    )
    // If a minute is stored under two spellings of the code, the plain one counts: it comes last.
    const [other, plain] = [rows.filter((row) => row.symbol !== symbol), rows.filter((row) => row.symbol === symbol)]
    return [...other, ...plain].map((row) => toRow(row, time))
  }

  const names = (signal: AbortSignal) => readNames(database, namesTable, signal)

  return {
    name: 'bridge',
    kind: 'bars',
    series,
    provenance: { kind: 'real' },
    calendar,
    capacity: 500,
    collectAt: BRIDGE_SCHEDULE,
    sessionsPerFetch: 20,
    historySessions: 60,
    rereadMinutes: 10,
    historyGrows: true,
    tellsClosedDays: false,
    now,
    async listings(signal) {
      await inspect(signal)
      const rows = await database.read(table, `SELECT DISTINCT symbol FROM ${quoted}`, [], signal)
      const symbols = new Set(rows.map((row) => storedSymbol(row.symbol)).filter((symbol) => symbol !== null))
      for (const symbol of symbols) known.add(symbol)
      const named = await names(signal)
      return [...symbols].sort().map((symbol) => namedListing(symbol, named))
    },
    async lookup(symbol, signal) {
      return (await has(symbol, signal)) ? namedListing(symbol, await names(signal)) : null
    },
    async fetchBars(symbol, interval, signal) {
      const rows = await readRows(symbol, { from: interval.from, to: Math.min(interval.to, now()) }, signal)
      if (rows.length === 0 && !(await has(symbol, signal))) throw new UnknownSymbolError(symbol)
      return validBars(rows, { series, symbol, interval, now: now(), receivedAt: wall(), calendar, log })
    },
    async check(signal) {
      const layout = await inspect(signal)
      const findings = [freshness(table, await newest(signal), { now: now(), calendar })]
      const message = `${table} has no key on (symbol, time), so every read scans it all: ${keyAdvice(layout)}`
      return hasIndexOn(layout, KEY) ? findings : [...findings, { ok: false, message }]
    },
    async open(signal) {
      await inspect(signal)
    },
    close: () => database.close(),
  }
}

/** Drops the sign that old Kiwoom programs give a price (above or below the previous close). */
const toRow = (row: Row, time: Moments): Ohlcv => ({
  openTime: time.toTime(row.time) ?? Number.NaN,
  open: Math.abs(numeric(row.open)),
  high: Math.abs(numeric(row.high)),
  low: Math.abs(numeric(row.low)),
  close: Math.abs(numeric(row.close)),
  volume: numeric(row.volume),
})

const marks = (values: readonly unknown[]) => values.map(() => '?').join(', ')

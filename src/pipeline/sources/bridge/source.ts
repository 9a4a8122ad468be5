import { SetupError, UnknownSymbolError } from '../../../errors.ts'
import type { Log } from '../../../log.ts'
import { MINUTE, minuteOf, type Ohlcv } from '../../../model/time/bar.ts'
import type { Interval } from '../../../model/time/interval.ts'
import type { Calendar } from '../../../model/time/session.ts'
import type { BarSource } from '../source.ts'
import { createSteadyClock, validBars } from '../valid-bars.ts'
import { createBridgeDatabase, quotedTable, type Row } from './database.ts'
import { freshness } from './freshness.ts'
import { hasIndexOn, indexAdvice, type Layout, readLayout, requireColumns } from './layout.ts'
import { namedListing, storedNames } from './names.ts'
import { type Moments, momentsLike, numeric, spellings, storedSymbol } from './values.ts'

/** How the other collector's database is reached, and how its minutes are read. */
export interface BridgeOptions {
  /** `mysql://user:password@host:port/database` of the MariaDB that the other collector fills. */
  readonly url: string
  /** Bars; `minutewatch_bars` when absent. */
  readonly table?: string
  /** Names, if the table is there. */
  readonly namesTable?: string
  /** Where the address came from, for sentences. */
  readonly setting?: string
  readonly calendar: Calendar
  /** Wall clock, epoch ms. */
  readonly now: () => number
  readonly log: Log
}

/** The tables that are read unless others are named. */
export const TABLE = 'minutewatch_bars'
export const NAMES_TABLE = 'minutewatch_names'
/** The other collector writes when it likes: a look every ten seconds. */
export const BRIDGE_SCHEDULE = '5-59/10 * * * * *'
const KEY = ['symbol', 'time']
const COLUMNS = ['symbol', 'time', 'open', 'high', 'low', 'close', 'volume']

/**
 * Bars that another collector writes into MariaDB: one row a minute, key (symbol, time). Reads by that key only what it is asked for; rows that come
 * late, twice or corrected are met by reading the last ten minutes again.
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
  const keyAdvice = (shape: Layout): string => indexAdvice(table, shape, { symbol: 12, time: 19 })

  /** The newest minute that has begun; a row of the future is somebody's mistake. Each symbol's is found by the key. */
  const newest = async (signal: AbortSignal): Promise<number | null> => {
    const time = await momentsOf(signal)
    if (!time) return null
    const sql = `SELECT MAX(time) AS time FROM ${quoted} WHERE time <= ? GROUP BY symbol`
    const rows = await database.read(table, sql, [time.toKey(minuteOf(now()))], signal)
    return rows.reduce((latest: number | null, row) => Math.max(latest ?? 0, time.toTime(row.time) ?? 0) || null, null)
  }

  /** How the column `time` is written; null while the table is empty. */
  const momentsOf = async (signal: AbortSignal): Promise<Moments | null> => {
    const kind = (await inspect(signal)).columns.get('time')
    if (moments) return moments
    const [row] = await database.read(table, `SELECT time FROM ${quoted} LIMIT 1`, [], signal)
    if (!row) return null
    moments = momentsLike(row.time, kind)
    if (!moments)
      throw new SetupError(
        `${database.setting}: column time of ${table} holds “${row.time}”, expected DATETIME or YYYYMMDDHHmmss in Korean time, or epoch milliseconds`,
      )
    return moments
  }

  const has = async (symbol: string, signal: AbortSignal): Promise<boolean> => {
    const codes = spellings(symbol, (await inspect(signal)).columns.get('symbol'))
    if (known.has(symbol) || codes.length === 0) return known.has(symbol)
    const found = await database.read(
      table,
      `SELECT 1 FROM ${quoted} WHERE symbol IN (${marks(codes)}) LIMIT 1`,
      codes,
      signal,
    )
    if (found.length > 0) known.add(symbol)
    return found.length > 0
  }

  const readRows = async (symbol: string, { from, to }: Interval, signal: AbortSignal): Promise<Ohlcv[]> => {
    const time = await momentsOf(signal)
    const codes = spellings(symbol, layout?.columns.get('symbol'))
    if (!time || codes.length === 0 || from >= to) return []
    // Keys have no fractions: an interval is widened to whole minutes, and cut afterwards.
    const sql = `SELECT ${COLUMNS.join(', ')} FROM ${quoted} WHERE symbol IN (${marks(codes)}) AND time >= ? AND time < ? ORDER BY time`
    const rows = await database.read(
      table,
      sql,
      [...codes, time.toKey(minuteOf(from)), time.toKey(minuteOf(to + MINUTE - 1))],
      signal,
    )
    // Where a minute is there under two spellings of the code, the plain one counts: it comes last.
    const [other, plain] = [rows.filter((row) => row.symbol !== symbol), rows.filter((row) => row.symbol === symbol)]
    return [...other, ...plain].map((row) => toRow(row, time))
  }

  const names = (signal: AbortSignal) => storedNames(database, namesTable, signal)

  return {
    name: 'bridge',
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
      const shape = await inspect(signal)
      const findings = [freshness(table, await newest(signal), { now: now(), calendar })]
      const message = `${table} has no key on (symbol, time), so every read scans it all: ${keyAdvice(shape)}`
      return hasIndexOn(shape, KEY) ? findings : [...findings, { ok: false, message }]
    },
    async open(signal) {
      await inspect(signal)
    },
    close: () => database.close(),
  }
}

/** Prices may carry the sign of old Kiwoom programs (above or below the previous close): it is dropped. */
const toRow = (row: Row, time: Moments): Ohlcv => ({
  openTime: time.toTime(row.time) ?? Number.NaN,
  open: Math.abs(numeric(row.open)),
  high: Math.abs(numeric(row.high)),
  low: Math.abs(numeric(row.low)),
  close: Math.abs(numeric(row.close)),
  volume: numeric(row.volume),
})

const marks = (values: readonly unknown[]) => values.map(() => '?').join(', ')

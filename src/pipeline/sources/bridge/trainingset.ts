import { SetupError } from '../../../errors.ts'
import { DAY } from '../../../model/time/bar.ts'
import { KST_OFFSET } from '../../../model/time/session.ts'
import { type BridgeDatabase, createBridgeDatabase, type Parameter, quotedTable, type Row } from './database.ts'
import { type ColumnKind, hasIndexOn, indexAdvice, readLayout, requireColumns } from './layout.ts'
import { numeric, spellings, storedMoment, storedSymbol } from './values.ts'

/** One row of the old table: changes in percent from one minute to the next, negative ones among them, exactly as stored. */
export interface TrainingRow {
  readonly symbol: string | null
  /** The minute it is filed under, which is the one **before** the change; null when date and time make no moment. */
  readonly filedTime: number | null
  readonly perPrice: number
  readonly perVolume: number
}

/** A row of a known minute. */
export type TimedRow = TrainingRow & { readonly filedTime: number }

export interface Training {
  /** Oldest first; rows of unknown time last. Repeated rows stay: they count in a fit as they did. */
  readonly rows: readonly TrainingRow[]
  /** Rows without two numbers. */
  readonly dropped: number
}

export interface Unreadable {
  readonly rows: number
  /** The first of them as it is stored, or null. */
  readonly first: string | null
}

/** The old `trainingset(date, time, per_price, per_volume, code)`, as it is. */
export interface Trainingset {
  /** The statement that makes {@link Trainingset.newRows} find its rows by key instead of scanning the table; null when it does. */
  readonly keyAdvice: string | null
  /** All rows, or those of one stock. */
  all(code: string | null, signal: AbortSignal): Promise<Training>
  /** Rows of one stock filed since a moment, each minute once (of repeated ones the later read), oldest first. Ask again from some minutes before the last to meet late rows. */
  newRows(code: string, since: number, signal: AbortSignal): Promise<TimedRow[]>
  /** How many rows, among the first hundred thousand, have a date and time that make no moment: no minute of theirs is judged. */
  unreadable(signal: AbortSignal): Promise<Unreadable>
  /** The newest minute up to `now` that a row of any stock is filed under, or null. */
  newest(now: number, signal: AbortSignal): Promise<number | null>
}

const LOOKED_THROUGH = 100_000
const COLUMNS = ['date', 'time', 'per_price', 'per_volume', 'code']

/**
 * @param onUnreadable - is told of the rows of every read whose date and time make no moment
 * @throws {SetupError} when the table or a column is missing
 */
export const openTrainingset = async (
  database: BridgeDatabase,
  table: string,
  signal: AbortSignal,
  onUnreadable: (found: Unreadable) => void = () => {},
): Promise<Trainingset> => {
  const quoted = quotedTable(table)
  const layout = requireColumns(database, table, await readLayout(database, table, signal), COLUMNS)
  const select = `SELECT ${COLUMNS.map((name) => `\`${name}\``).join(', ')} FROM ${quoted}`

  const read = async (where: string, parameters: readonly Parameter[], signal: AbortSignal): Promise<Training> => {
    const found = await database.read(table, `${select}${where}`, parameters, signal)
    const rows: TrainingRow[] = []
    for (const row of found) {
      const [perPrice, perVolume] = [numeric(row.per_price), numeric(row.per_volume)]
      if (!Number.isFinite(perPrice) || !Number.isFinite(perVolume)) continue
      rows.push({ symbol: storedSymbol(row.code), filedTime: storedMoment(row.date, row.time), perPrice, perVolume })
    }
    const without = unreadableOf(found)
    if (without.rows > 0) onUnreadable(without)
    rows.sort((a, b) => (a.filedTime ?? Infinity) - (b.filedTime ?? Infinity) || 0)
    return { rows, dropped: found.length - rows.length }
  }

  const ofCode = (code: string): { where: string; codes: Parameter[] } => {
    const symbol = storedSymbol(code)
    if (symbol === null) throw new SetupError(`“${code}” is no stock code: expected six characters, such as 038530`)
    const codes = spellings(symbol, layout.columns.get('code'))
    return {
      where: codes.length === 0 ? ' WHERE FALSE' : ` WHERE \`code\` IN (${codes.map(() => '?').join(', ')})`,
      codes,
    }
  }

  const keyOf = async (time: number, signal: AbortSignal): Promise<Parameter | null> => {
    const [sample] = await database.read(table, `SELECT \`date\` FROM ${quoted} LIMIT 1`, [], signal)
    return sample ? dayKey(time, layout.columns.get('date'), sample.date) : null
  }

  return {
    keyAdvice: hasIndexOn(layout, ['code', 'date']) ? null : indexAdvice(table, layout, { code: 7, date: 10 }),
    all(code, signal) {
      if (code === null) return read('', [], signal)
      const { where, codes } = ofCode(code)
      return read(where, codes, signal)
    },
    async newRows(code, since, signal) {
      const { where, codes } = ofCode(code)
      // By whole days: times are stored in too many ways to compare them in SQL, and a day is some hundred rows.
      const day = codes.length === 0 ? null : await keyOf(since, signal)
      if (day === null) return []
      const { rows } = await read(`${where} AND \`date\` >= ?`, [...codes, day], signal)
      return oncePerMinute(rows).filter(({ filedTime }) => filedTime >= since)
    },
    async unreadable(signal) {
      return unreadableOf(
        await database.read(table, `SELECT \`date\`, \`time\` FROM ${quoted} LIMIT ${LOOKED_THROUGH}`, [], signal),
      )
    },
    async newest(now, signal) {
      const nextDay = await keyOf(now + DAY, signal)
      if (nextDay === null) return null
      const sql = `SELECT \`code\`, MAX(\`date\`) AS \`date\` FROM ${quoted} WHERE \`date\` < ? GROUP BY \`code\``
      const days = await database.read(table, sql, [nextDay], signal)
      const last = days.toSorted((a, b) => (storedMoment(b.date, '0000') ?? 0) - (storedMoment(a.date, '0000') ?? 0))[0]
      if (!last) return null
      const { rows } = await read(
        ' WHERE `code` = ? AND `date` = ?',
        [last.code as Parameter, last.date as Parameter],
        signal,
      )
      return oncePerMinute(rows).findLast(({ filedTime }) => filedTime <= now)?.filedTime ?? null
    },
  }
}

const unreadableOf = (rows: readonly Row[]): Unreadable => {
  const without = rows.filter(({ date, time }) => storedMoment(date, time) === null)
  const [first] = without
  return { rows: without.length, first: first ? `date ${shown(first.date)}, time ${shown(first.time)}` : null }
}

const shown = (value: unknown): string => (value === null ? 'NULL' : `“${String(value).slice(0, 40)}”`)

/** Rows of a known minute, each minute once: of repeated ones the later. */
export const oncePerMinute = (rows: readonly TrainingRow[]): TimedRow[] => {
  const byMinute = new Map<number, TimedRow>()
  for (const row of rows) if (isTimed(row)) byMinute.set(row.filedTime, row)
  return [...byMinute.values()]
}

const isTimed = (row: TrainingRow): row is TimedRow => row.filedTime !== null

/** A day as the column writes it. */
const dayKey = (time: number, kind: ColumnKind | undefined, sample: unknown): Parameter => {
  const day = new Date(time + KST_OFFSET).toISOString().slice(0, 10)
  const written = String(sample ?? '').trim()
  const digits = day.replaceAll('-', '').slice(/^\d{6}$/.test(written) ? 2 : 0)
  if (kind === 'integer' || kind === 'decimal') return Number(digits)
  const separator = /^\d{4}(\D)\d{2}/.exec(written)?.[1]
  return separator === undefined && kind === 'text' ? digits : day.replaceAll('-', separator ?? '-')
}

interface TrainingRequest {
  readonly url: string
  readonly table: string
  /** One stock, or null for every row. */
  readonly code: string | null
  /** Where the address came from, for sentences. */
  readonly setting?: string
}

/** Reads the old table once, over a connection of its own. @throws {SetupError | RetryableError} */
export const trainingRows = async (
  { url, table, code, setting }: TrainingRequest,
  signal: AbortSignal,
): Promise<Training> => {
  const database = createBridgeDatabase(url, setting)
  try {
    return await (await openTrainingset(database, table, signal)).all(code, signal)
  } finally {
    await database.close()
  }
}

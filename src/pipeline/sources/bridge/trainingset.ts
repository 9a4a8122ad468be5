import { SetupError } from '../../../errors.ts'
import { DAY } from '../../../model/time/bar.ts'
import { KST_OFFSET } from '../../../model/time/session.ts'
import { type BridgeDatabase, createBridgeDatabase, type Parameter, quotedTable, type Row } from './database.ts'
import { type ColumnKind, hasIndexOn, indexAdvice, readLayout, requireColumns } from './layout.ts'
import { numeric, spellings, storedMoment, storedSymbol } from './values.ts'

/** One row of the old table: changes in percent from one minute to the next, exactly as stored. */
export interface TrainingRow {
  readonly symbol: string | null
  /** The row is filed under this minute, the one **before** the change; null if date and time make no moment. */
  readonly filedTime: number | null
  readonly perPrice: number
  readonly perVolume: number
}

/** A row whose minute is known. */
export type TimedRow = TrainingRow & { readonly filedTime: number }

export interface Training {
  /** Oldest first; rows of unknown time come last. Repeated rows stay: they counted in the old system's fit too. */
  readonly rows: readonly TrainingRow[]
  /** The number of rows without two numbers. */
  readonly dropped: number
}

export interface Unreadable {
  readonly rows: number
  /** The first of these rows as it is stored, or null. */
  readonly first: string | null
}

/** The old table `trainingset(date, time, per_price, per_volume, code)`. */
export interface Trainingset {
  /**
   * The statement that adds the index by which {@link Trainingset.newRows} reads without scanning the table; null if
   * the table has that index.
   */
  readonly keyAdvice: string | null
  /** All rows, or those of one stock. */
  all(code: string | null, signal: AbortSignal): Promise<Training>
  /**
   * Rows of one stock filed since a moment, oldest first, each minute once: of repeated rows the one read later counts.
   * Ask again from some minutes before the last row to see late rows.
   */
  newRows(code: string, since: number, signal: AbortSignal): Promise<TimedRow[]>
  /** The rows, among the first hundred thousand, whose date and time make no moment: none of them is judged. */
  unreadable(signal: AbortSignal): Promise<Unreadable>
  /** The newest minute up to `now` that a row of any stock is filed under, or null. */
  newest(now: number, signal: AbortSignal): Promise<number | null>
}

const MOST_CHECKED = 100_000
const COLUMNS = ['date', 'time', 'per_price', 'per_volume', 'code']

/**
 * @param onUnreadable - called after each read that has rows whose date and time make no moment
 * @throws {SetupError} when the table or a column is missing
 */
export const openTrainingset = async (
  database: BridgeDatabase,
  table: string,
  signal: AbortSignal,
  onUnreadable: (unreadable: Unreadable) => void = () => {},
): Promise<Trainingset> => {
  const quoted = quotedTable(table)
  const layout = requireColumns(database, table, await readLayout(database, table, signal), COLUMNS)
  const select = `SELECT ${COLUMNS.map((name) => `\`${name}\``).join(', ')} FROM ${quoted}`

  const read = async (where: string, parameters: readonly Parameter[], signal: AbortSignal): Promise<Training> => {
    const stored = await database.read(table, `${select}${where}`, parameters, signal)
    const rows: TrainingRow[] = []
    for (const row of stored) {
      const [perPrice, perVolume] = [numeric(row.per_price), numeric(row.per_volume)]
      if (!Number.isFinite(perPrice) || !Number.isFinite(perVolume)) continue
      rows.push({ symbol: storedSymbol(row.code), filedTime: storedMoment(row.date, row.time), perPrice, perVolume })
    }
    const unreadable = unreadableOf(stored)
    if (unreadable.rows > 0) onUnreadable(unreadable)
    rows.sort((a, b) => (a.filedTime ?? Infinity) - (b.filedTime ?? Infinity) || 0)
    return { rows, dropped: stored.length - rows.length }
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
      // The query takes whole days: times are stored in too many ways to compare them in SQL, and a day is some hundred
      // rows.
      const day = codes.length === 0 ? null : await keyOf(since, signal)
      if (day === null) return []
      const { rows } = await read(`${where} AND \`date\` >= ?`, [...codes, day], signal)
      return oncePerMinute(rows).filter(({ filedTime }) => filedTime >= since)
    },
    async unreadable(signal) {
      return unreadableOf(
        await database.read(table, `SELECT \`date\`, \`time\` FROM ${quoted} LIMIT ${MOST_CHECKED}`, [], signal),
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

/** The rows of known minutes, each minute once: the later of two rows counts. */
export const oncePerMinute = (rows: readonly TrainingRow[]): TimedRow[] => {
  const byMinute = new Map<number, TimedRow>()
  for (const row of rows) if (isTimed(row)) byMinute.set(row.filedTime, row)
  return [...byMinute.values()]
}

const isTimed = (row: TrainingRow): row is TimedRow => row.filedTime !== null

/** A day in the form in which the column holds days. */
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
  /** The setting that gave the address; sentences name it. */
  readonly setting?: string
}

/** Reads the old table once, over a separate connection. @throws {SetupError | RetryableError} */
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

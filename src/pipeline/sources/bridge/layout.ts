import { SetupError } from '../../../errors.ts'
import type { BridgeDatabase } from './database.ts'

export type ColumnKind = 'integer' | 'decimal' | 'text' | 'date' | 'time' | 'datetime'

/** A table's columns, lower case, and the columns of each index in order. */
export interface Layout {
  readonly columns: ReadonlyMap<string, ColumnKind>
  readonly indexes: readonly (readonly string[])[]
  /** Columns so wide that an index takes only their beginning. */
  readonly wide: ReadonlySet<string>
}

const WIDE = /^(tiny|medium|long)?(text|blob)$/

const KINDS: Readonly<Record<string, ColumnKind>> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  decimal: 'decimal',
  float: 'decimal',
  double: 'decimal',
  date: 'date',
  time: 'time',
  datetime: 'datetime',
  timestamp: 'datetime',
}

/** Reads a table's layout; null if there is no such table, or none that this user may read. */
export const readLayout = async (
  database: BridgeDatabase,
  table: string,
  signal: AbortSignal,
): Promise<Layout | null> => {
  const [name = '', schema = database.schema] = table.split('.').reverse()
  const columns = await database.read(
    table,
    `SELECT LOWER(COLUMN_NAME) AS name, LOWER(DATA_TYPE) AS type
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?`,
    [schema, name],
    signal,
  )
  if (columns.length === 0) return null
  const parts = await database.read(
    table,
    `SELECT INDEX_NAME AS name, LOWER(COLUMN_NAME) AS col
     FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
    [schema, name],
    signal,
  )
  const indexes = Map.groupBy(parts, (part) => String(part.name))
  return {
    columns: new Map(columns.map((column) => [String(column.name), KINDS[String(column.type)] ?? 'text'])),
    wide: new Set(columns.filter(({ type }) => WIDE.test(String(type))).map(({ name }) => String(name))),
    indexes: [...indexes.values()].map((index) => index.map((part) => String(part.col))),
  }
}

/** @throws {SetupError} when the table or one of the columns is missing */
export const requireColumns = (
  database: BridgeDatabase,
  table: string,
  layout: Layout | null,
  expected: readonly string[],
): Layout => {
  const place = `${database.setting}: table ${table}`
  if (!layout)
    throw new SetupError(
      `${place} does not exist, or this user may not read it. README, “bridge”, shows its CREATE TABLE`,
    )
  const missing = expected.filter((name) => !layout.columns.has(name))
  if (missing.length > 0)
    throw new SetupError(`${place} has no column ${missing.join(', ')}. Expected ${expected.join(', ')}`)
  return layout
}

/** True if some index begins with these columns, so that a range over them is no scan of the table. */
export const hasIndexOn = ({ indexes }: Layout, columns: readonly string[]): boolean =>
  indexes.some((index) => columns.every((column, i) => index[i] === column))

/**
 * The statement that adds an index on these columns.
 *
 * @param columns - by name, the number of characters that distinguish the column's values
 */
export const indexAdvice = (table: string, { wide }: Layout, columns: Readonly<Record<string, number>>): string => {
  const parts = Object.entries(columns).map(([name, length]) => (wide.has(name) ? `${name}(${length})` : name))
  return `ALTER TABLE ${table} ADD INDEX (${parts.join(', ')})`
}

import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import type { ColumnSource, SchemaElement } from 'hyparquet-writer'
import { SetupError } from '../../errors.ts'

/** A time is in epoch milliseconds and becomes a timestamp in UTC. */
export type ColumnType = 'text' | 'time' | 'whole' | 'number'

/** Columns in their order. */
export type Columns<Name extends string> = Readonly<Record<Name, ColumnType>>

export type Row<Name extends string> = Readonly<Record<Name, string | number>>

/** Rows of one row group: all that is held in memory at once. */
const ROWS_PER_GROUP = 100_000

/**
 * Writes rows as a Parquet file of required columns, packed with Snappy. The file appears whole or not at all: it is
 * written beside its place and then moved there.
 *
 * @param pieces - the rows in their order, some at a time
 * @returns the number of rows
 * @throws {SetupError} when the file cannot be written
 */
export const writeParquet = async <Name extends string>(
  path: string,
  columns: Columns<Name>,
  pieces: AsyncIterable<readonly Row<Name>[]>,
): Promise<number> => {
  const { ParquetWriter, fileWriter } = await import('hyparquet-writer')
  const names = Object.keys(columns) as Name[]
  const half = `${path}.${randomUUID().slice(0, 8)}.part`
  let rows = 0
  try {
    const file = new ParquetWriter({ writer: fileWriter(half), schema: schemaOf(columns), createdBy: 'minutewatch' })
    let group: Row<Name>[] = []
    const writeGroup = async () => {
      if (group.length === 0) return
      const columnData = names.map((name) => ({ name, data: dataOf(columns[name], name, group) }))
      await file.write({ columnData, rowGroupSize: group.length })
      rows += group.length
      group = []
    }
    for await (const piece of pieces)
      for (const row of piece) {
        group.push(row)
        if (group.length === ROWS_PER_GROUP) await writeGroup()
      }
    await writeGroup()
    await file.finish()
    await onDisk(half)
    await rename(half, path)
  } catch (cause) {
    await rm(half, { force: true })
    throw unwritable(path, cause)
  }
  return rows
}

const onDisk = async (path: string): Promise<void> => {
  const file = await open(path, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/** An error of the file system as a sentence; any other as it is. */
const unwritable = (path: string, cause: unknown): unknown => {
  const { code, syscall } = cause as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined) return cause
  const advice =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'the disk is full: make room, or name a file on another disk'
      : 'name a file in a folder that exists and may be written'
  return new SetupError(`${path} cannot be written (${code}): ${advice}`, { cause })
}

const ELEMENTS: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MILLIS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
  },
  whole: { type: 'INT32' },
  number: { type: 'DOUBLE' },
}

const schemaOf = (columns: Columns<string>): SchemaElement[] => [
  { name: 'root', num_children: Object.keys(columns).length },
  ...Object.entries(columns).map(
    ([name, type]): SchemaElement => ({ name, repetition_type: 'REQUIRED', ...ELEMENTS[type] }),
  ),
]

const dataOf = <Name extends string>(
  type: ColumnType,
  name: Name,
  rows: readonly Row<Name>[],
): ColumnSource['data'] => {
  if (type === 'text') return rows.map((row) => String(row[name]))
  if (type === 'time') return BigInt64Array.from(rows, (row) => BigInt(row[name]))
  return type === 'whole'
    ? Int32Array.from(rows, (row) => Number(row[name]))
    : Float64Array.from(rows, (row) => Number(row[name]))
}

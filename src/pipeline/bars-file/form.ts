import { SetupError } from '../../errors.ts'
import { barProblem, type Ohlcv } from '../../model/time/bar.ts'
import { type CellProblem, isProblem, numberCell, shown, timeCell } from './cells.ts'

/** A row that is a bar without a series. */
export interface Row extends Ohlcv {
  readonly symbol: string
}

/** The reader of one file's rows. */
export interface Form {
  readonly name: 'bars' | 'opt10080'
  /** True if rows come newest first by custom, so that their order is no mistake. */
  readonly newestFirst: boolean
  row(cells: readonly string[]): Row | CellProblem
}

export interface FormOptions {
  readonly path: string
  /**
   * The symbol of every row, for a file that has no column for it. Null takes it from the file's name, if the form has
   * that custom.
   */
  readonly symbol: string | null
  parseSymbol(text: string): string | null
}

export const COLUMNS = ['symbol', 'time', 'open', 'high', 'low', 'close', 'volume'] as const

/** The index of each named column. @throws {SetupError} when one is missing or there twice */
export const columnsOf = <Name extends string>(
  path: string,
  header: readonly string[],
  names: readonly Name[],
): Record<Name, number> => {
  const twice = names.find((name) => header.indexOf(name) !== header.lastIndexOf(name))
  if (twice !== undefined)
    throw new SetupError(`${path} line 1: the column ${twice} is there twice: keep one of the two`)
  const missing = names.filter((name) => !header.includes(name))
  if (missing.length > 0)
    throw new SetupError(
      `${path} line 1: the header lacks ${missing.join(', ')}: ` +
        `expected the columns ${names.join(',')} in any order, came ${shown(header.join(','))}`,
    )
  return Object.fromEntries(names.map((name) => [name, header.indexOf(name)])) as Record<Name, number>
}

/** Our form: `symbol,time,open,high,low,close,volume` by name; other columns are ignored. */
export const barsForm = (header: readonly string[], { path, symbol, parseSymbol }: FormOptions): Form => {
  const known = symbol !== null && !header.includes('symbol')
  const at = columnsOf(path, header, known ? COLUMNS.slice(1) : COLUMNS)
  const readBar = barReader({ at, columns: COLUMN_OF_FIELD, time: timeCell, price: numberCell, volume: numberCell })
  const symbols = new Map<string, string | null>()
  const symbolOf = (text: string): string | null => {
    const seen = symbols.get(text)
    if (seen !== undefined) return seen
    const parsed = parseSymbol(text)
    symbols.set(text, parsed)
    return parsed
  }
  return {
    name: 'bars',
    newestFirst: false,
    row(cells) {
      const text = (cells[at.symbol] ?? '').trim()
      const code = known ? symbol : symbolOf(text)
      return code === null ? symbolProblem('symbol', text) : readBar(code, cells)
    },
  }
}

const COLUMN_OF_FIELD = {
  openTime: 'time',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
} as const

export const symbolProblem = (column: string, text: string): CellProblem => ({
  column,
  expected: 'a code like 038530',
  came: shown(text),
})

/** Reads one cell of a column; the column's name is for the problem. */
type CellReader = (text: string, column: string) => number | CellProblem

interface BarReaderOptions<Column extends string> {
  /** The index of each column. */
  readonly at: Readonly<Record<Column, number>>
  /** The column that holds each field of a bar. */
  readonly columns: Readonly<Record<keyof Ohlcv, Column>>
  readonly time: CellReader
  readonly price: CellReader
  readonly volume: CellReader
  /** Prepares a trimmed cell for its reader. */
  readonly clean?: (text: string) => string
}

/**
 * Makes the function that turns the cells of a row into a bar, or into the first cell that cannot be read, or into the
 * invariant that is broken. A problem names the file's column.
 */
export const barReader =
  <Column extends string>({ at, columns, time, price, volume, clean = (text) => text }: BarReaderOptions<Column>) =>
  (symbol: string, cells: readonly string[]): Row | CellProblem => {
    const text = (field: keyof Ohlcv) => clean((cells[at[columns[field]]] ?? '').trim())
    const read = (field: keyof Ohlcv, reader: CellReader) => reader(text(field), columns[field])
    const numbers = {
      openTime: read('openTime', time),
      open: read('open', price),
      high: read('high', price),
      low: read('low', price),
      close: read('close', price),
      volume: read('volume', volume),
    }
    const unread = Object.values(numbers).find(isProblem)
    if (unread) return unread
    const row = { symbol, ...(numbers as Ohlcv) }
    const problem = barProblem(row)
    if (problem === null) return row
    return {
      column: columns[problem.field],
      expected: problem.expected,
      came: problem.field === 'openTime' ? shown(text('openTime')) : String(problem.came),
    }
  }

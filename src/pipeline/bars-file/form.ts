import { SetupError } from '../../errors.ts'
import { barProblem, type Ohlcv } from '../../model/time/bar.ts'
import { type CellProblem, isProblem, numberCell, shown, timeCell } from './cells.ts'

/** A row that is a bar. */
export interface Row extends Ohlcv {
  readonly symbol: string
}

/** How the rows of one file are read. */
export interface Form {
  readonly name: 'bars' | 'opt10080'
  /** Whether rows come newest first by custom, so that their order is no mistake. */
  readonly newestFirst: boolean
  row(cells: readonly string[]): Row | CellProblem
}

export interface FormOptions {
  readonly path: string
  /** The symbol of every row where the file has no column for it; null takes it from the file's name, where the form has that custom. */
  readonly symbol: string | null
  parseSymbol(text: string): string | null
}

export const COLUMNS = ['symbol', 'time', 'open', 'high', 'low', 'close', 'volume'] as const

/** Where each named column stands. @throws {SetupError} when one is missing or there twice */
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
      `${path} line 1: the header lacks ${missing.join(', ')}: expected the columns ${names.join(',')} in any order, came ${shown(header.join(','))}`,
    )
  return Object.fromEntries(names.map((name) => [name, header.indexOf(name)])) as Record<Name, number>
}

/** The project's own form: `symbol,time,open,high,low,close,volume` by name; other columns are ignored. */
export const barsForm = (header: readonly string[], { path, symbol, parseSymbol }: FormOptions): Form => {
  const known = symbol !== null && !header.includes('symbol')
  const at = columnsOf(path, header, known ? COLUMNS.slice(1) : COLUMNS)
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
      const cell = (name: (typeof COLUMNS)[number]): string => (cells[at[name]] ?? '').trim()
      const code = known ? symbol : symbolOf(cell('symbol'))
      if (code === null) return { column: 'symbol', expected: 'a code like 038530', came: shown(cell('symbol')) }
      const number = (column: (typeof COLUMNS)[number]) => numberCell(cell(column), column)
      const read = {
        openTime: timeCell(cell('time'), 'time'),
        open: number('open'),
        high: number('high'),
        low: number('low'),
        close: number('close'),
        volume: number('volume'),
      }
      return rowOf(code, read, COLUMN_OF_FIELD, cell('time'))
    },
  }
}

const COLUMN_OF_FIELD: Readonly<Record<keyof Ohlcv, string>> = {
  openTime: 'time',
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
}

/** The row, or the first cell that could not be read, or the invariant that is broken, named by the file's own column. */
export const rowOf = (
  symbol: string,
  read: Readonly<Record<keyof Ohlcv, number | CellProblem>>,
  columns: Readonly<Record<keyof Ohlcv, string>>,
  time: string,
): Row | CellProblem => {
  const unread = Object.values(read).find(isProblem)
  if (unread) return unread
  const row = { symbol, ...(read as Ohlcv) }
  const problem = barProblem(row)
  if (problem === null) return row
  return {
    column: columns[problem.field],
    expected: problem.expected,
    came: problem.field === 'openTime' ? shown(time) : String(problem.came),
  }
}

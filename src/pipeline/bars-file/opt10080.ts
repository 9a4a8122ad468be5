import { basename } from 'node:path'
import { SetupError } from '../../errors.ts'
import { kstTime } from '../../model/time/kst-time.ts'
import { krxSymbol } from '../../model/time/symbol.ts'
import { type CellProblem, shown } from './cells.ts'
import { barReader, columnsOf, type Form, type FormOptions, symbolProblem } from './form.ts'

/**
 * Kiwoom's names of opt10080's columns: time of the deal, present price (the minute's close), quantity, open, high,
 * low.
 */
const COLUMNS = ['체결시간', '현재가', '거래량', '시가', '고가', '저가'] as const
const SYMBOL = '종목코드'

/** True if a header is that of an opt10080 export. */
export const isOpt10080 = (header: readonly string[]): boolean =>
  header.includes(COLUMNS[0]) && header.includes(COLUMNS[1])

/**
 * Reads an export of Kiwoom's minute charts: newest first; a price's sign says on which side of the previous day's
 * close it lies and is no part of the price. The symbol comes from a column, from the options, or from the file's name.
 */
export const opt10080Form = (header: readonly string[], options: FormOptions): Form => {
  const at = columnsOf(options.path, header, COLUMNS)
  const readBar = barReader({
    at,
    columns: COLUMN_OF_FIELD,
    time: timeCell,
    price: priceCell,
    volume: sharesCell,
    clean: plain,
  })
  const symbolAt = header.indexOf(SYMBOL)
  const fixed = symbolAt >= 0 ? null : (options.symbol ?? symbolOfFile(options.path))
  return {
    name: 'opt10080',
    newestFirst: true,
    row(cells) {
      const code = (cells[symbolAt] ?? '').trim()
      const symbol = fixed ?? krxSymbol(/^\d{1,5}$/.test(code) ? code.padStart(6, '0') : code)
      return symbol === null ? symbolProblem(SYMBOL, code) : readBar(symbol, cells)
    },
  }
}

const COLUMN_OF_FIELD = {
  openTime: '체결시간',
  open: '시가',
  high: '고가',
  low: '저가',
  close: '현재가',
  volume: '거래량',
} as const

/** Undoes the separators of thousands and the `.0` that spreadsheets and pandas write into a whole number. */
const plain = (text: string): string =>
  /^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.0+)?$/.test(text) ? text.replace(/\.0+$/, '').replaceAll(',', '') : text

const TIMES = [
  /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?$/,
  /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?$/,
]

const timeCell = (text: string, column: string): number | CellProblem => {
  const parts =
    TIMES.map((form) => form.exec(text))
      .find((match) => match !== null)
      ?.slice(1) ?? []
  const time = kstTime(parts.map((part) => (part ?? '').padStart(2, '0')).join(''))
  return time ?? { column, expected: 'a time like 20260102100000', came: shown(text) }
}

const priceCell = (text: string, column: string): number | CellProblem =>
  /^[+-]?\d+(\.\d+)?$/.test(text)
    ? Math.abs(Number(text))
    : { column, expected: 'a price with at most one sign, like -1785', came: shown(text) }

const sharesCell = (text: string, column: string): number | CellProblem =>
  /^\+?\d+$/.test(text) ? Number(text) : { column, expected: 'a number of shares', came: shown(text) }

/** The only part of the file's name that can be a code, as in `038530.csv` or `opt10080_038530_2026-01.csv.gz`. */
const symbolOfFile = (path: string): string => {
  const name = basename(path).replace(/\.csv(\.gz)?$/i, '')
  const codes = new Set(name.split(/[^0-9A-Za-z]+/).flatMap((part) => krxSymbol(part) ?? []))
  const [code] = codes
  if (codes.size === 1 && code !== undefined) return code
  throw new SetupError(
    `${path} does not say which stock it holds: give --symbol, or put the code into the file's name, like 038530.csv`,
  )
}

import { basename } from 'node:path'
import { SetupError } from '../../errors.ts'
import { type Bar, MINUTE } from '../../model/time/bar.ts'
import { anySymbol, krxSymbol } from '../../model/time/symbol.ts'
import { isProblem, shown } from './cells.ts'
import { readCsvFile } from './csv-file.ts'
import { barsForm, COLUMNS, type Form, type FormOptions, type Row } from './form.ts'
import { isOpt10080, opt10080Form } from './opt10080.ts'

/** One sentence about one row; `message` names file, line and column, the expected form and the text that came. */
export interface RowProblem {
  readonly line: number
  readonly column: string | null
  readonly message: string
}

/** The content of a file of bars. */
export interface BarsFile {
  readonly form: Form['name']
  /** The bars of each symbol, oldest first, each minute once. Symbols are in the file's order of first mention. */
  readonly bars: ReadonlyMap<string, readonly Bar[]>
  /** Data rows read, good or bad. */
  readonly rows: number
  /** The number of rows that were left out. */
  readonly bad: number
  /** The first of the rows that were left out, in words. */
  readonly problems: readonly RowProblem[]
  /** The number of rows for a minute that an earlier row had given; the later row counts. */
  readonly duplicates: number
  /** The number of rows older than an earlier row of the same symbol; they were put in their place. */
  readonly outOfOrder: number
  /** The first duplicates and rows out of order in words: nothing is lost by them. */
  readonly notes: readonly RowProblem[]
}

export interface ReadBarsOptions {
  /** The series of every bar; `csv` when absent. */
  readonly series?: string
  /** The symbol of every row, for a file that has no column for it. */
  readonly symbol?: string | null
  readonly parseSymbol?: (text: string) => string | null
  readonly signal?: AbortSignal
}

const MOST_PROBLEMS = 1_000
const MOST_NOTES = 20

/**
 * Reads bars from `.csv` or `.csv.gz`: `symbol,time,open,high,low,close,volume` by name (time: ISO 8601 with an offset,
 * or epoch milliseconds), or an export of Kiwoom's opt10080. Good rows count, whatever rows are beside them.
 * `receivedAt` is the end of the minute.
 *
 * @throws {SetupError} when the file cannot be read as bars at all: no file, not text, a column missing
 */
export const readBarsCsv = async (path: string, options: ReadBarsOptions = {}): Promise<BarsFile> => {
  const file = basename(path)
  const collector = createCollector(file, options.series ?? 'csv')
  const formOptions: FormOptions = {
    path,
    symbol: options.symbol ?? null,
    parseSymbol: options.parseSymbol ?? krxOrAny,
  }
  let form: Form | null = null

  const end = await readCsvFile(
    path,
    {
      onRecord(cells, line) {
        if (form === null) {
          form = formOf(cells, formOptions)
          return
        }
        // Spreadsheets write rows that nobody filled.
        if (cells.every((cell) => cell.trim() === '')) return
        const row = form.row(cells)
        if (!isProblem(row)) collector.add(row, line, form.newestFirst)
        else collector.leaveOut(line, row.column, `expected ${row.expected}, came ${row.came}`)
      },
      onCut: (line) =>
        collector.leaveOut(
          line,
          null,
          'the file ends in the middle of this line, so the row may be cut: ' +
            'end the line if it is whole, or fetch the file again',
        ),
      onBroken: (line, message) => collector.leaveOut(line, null, message),
    },
    options.signal,
  )
  if (!end.whole) collector.breakOff(end.after, end.why)
  if (form === null) throw new SetupError(`${path} has no header line: expected ${COLUMNS.join(',')}`)
  return collector.finish((form as Form).name)
}

/** The sentences about a file for the operator: the first problems and notes, and how many more there are. */
export const describeBarsFile = (read: BarsFile, most = 5): string[] => [
  ...read.problems.slice(0, most).map((problem) => problem.message),
  ...more(read.bad - most, 'rows were left out'),
  ...read.notes.slice(0, most).map((note) => note.message),
  ...more(read.duplicates + read.outOfOrder - most, 'rows were there twice or out of order'),
]

const more = (count: number, what: string): string[] => (count > 0 ? [`… and ${count} more ${what}`] : [])

/** Reads a code. One that a spreadsheet took for a number has lost its zeros, which are put back. */
const krxOrAny = (text: string): string | null =>
  krxSymbol(/^\s*\d{4,5}\s*$/.test(text) ? text.trim().padStart(6, '0') : text) ?? anySymbol(text)

const formOf = (header: readonly string[], options: FormOptions): Form => {
  const names = header.map((name) => name.normalize('NFC').trim().toLowerCase())
  if (names.join('').includes('\uFFFD'))
    throw new SetupError(`${options.path} is not a text file in UTF-8 or CP949: ${shown(names.join(','))}`)
  return isOpt10080(names) ? opt10080Form(names, options) : barsForm(names, options)
}

/** Collects rows by symbol, in order, each minute once. */
const createCollector = (file: string, series: string) => {
  const bySymbol = new Map<string, { bars: Bar[]; lines: number[]; newest: number; sorted: boolean }>()
  const problems: RowProblem[] = []
  const notes: RowProblem[] = []
  const count = { rows: 0, bad: 0, duplicates: 0, outOfOrder: 0 }
  const sentence = (line: number, column: string | null, message: string): RowProblem => ({
    line,
    column,
    message: `${file} line ${line}${column === null ? '' : `, column ${column}`}: ${message}`,
  })
  const note = (line: number, message: string) => {
    if (notes.length < MOST_NOTES) notes.push(sentence(line, 'time', message))
  }

  return {
    add({ symbol, openTime, open, high, low, close, volume }: Row, line: number, newestFirst: boolean) {
      count.rows++
      let one = bySymbol.get(symbol)
      if (one === undefined) {
        one = { bars: [], lines: [], newest: -Infinity, sorted: true }
        bySymbol.set(symbol, one)
      }
      if (openTime < one.newest && !newestFirst) {
        count.outOfOrder++
        note(line, `${symbol} at ${iso(openTime)} comes after a later minute; it was put in its place`)
      }
      one.sorted &&= openTime > one.newest
      one.newest = Math.max(one.newest, openTime)
      one.bars.push({ series, symbol, openTime, open, high, low, close, volume, receivedAt: openTime + MINUTE })
      one.lines.push(line)
    },
    leaveOut(line: number, column: string | null, message: string) {
      count.rows++
      count.bad++
      if (problems.length < MOST_PROBLEMS) problems.push(sentence(line, column, message))
    },
    breakOff(after: number, why: string) {
      problems.unshift(sentence(after + 1, null, `${why}; the lines before were kept: fetch the file again`))
      count.bad++
    },
    finish(form: Form['name']): BarsFile {
      const bars = new Map<string, readonly Bar[]>()
      for (const [symbol, one] of bySymbol) bars.set(symbol, one.sorted ? one.bars : inOrder(one, twice))
      return { form, bars, problems, notes, ...count }
    },
  }

  function twice(bar: Bar, line: number, earlier: number) {
    count.duplicates++
    note(line, `${bar.symbol} at ${iso(bar.openTime)} is on line ${earlier} already; the later row counts`)
  }
}

const inOrder = (
  { bars, lines }: { bars: readonly Bar[]; lines: readonly number[] },
  twice: (bar: Bar, line: number, earlier: number) => void,
): Bar[] => {
  const order = bars.map((_, at) => at).sort((a, b) => bars[a]!.openTime - bars[b]!.openTime || a - b)
  const ordered: Bar[] = []
  let line = 0
  for (const at of order) {
    const bar = bars[at]!
    if (ordered.at(-1)?.openTime === bar.openTime) {
      twice(bar, lines[at]!, line)
      ordered.pop()
    }
    ordered.push(bar)
    line = lines[at]!
  }
  return ordered
}

const iso = (time: number): string => new Date(time).toISOString().replace(':00.000Z', 'Z')

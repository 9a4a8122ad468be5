import { barProblem, type Ohlcv } from '../../model/time/bar.ts'
import { krxSymbol } from '../../model/time/symbol.ts'
import { isProblem } from '../bars-file/cells.ts'
import { opt10080Form } from '../bars-file/opt10080.ts'
import { parsed, type RawMessage } from './message.ts'

/** A bar that another program has published: it has no series, and no collector has stored it. */
export interface ForeignBar extends Ohlcv {
  readonly symbol: string
}

/** opt10080's columns, and the other names under which programs publish them. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  체결시간: ['time', 'datetime', 'cntr_tm'],
  현재가: ['close', '종가', 'cur_prc'],
  거래량: ['volume', 'trde_qty'],
  시가: ['open', 'open_pric'],
  고가: ['high', 'high_pric'],
  저가: ['low', 'low_pric'],
}
const COLUMNS = Object.keys(NAMES)
const CODE = ['code', '종목코드', 'symbol']
const DATE = ['date', '일자', '날짜']

/**
 * Reads a message that no collector wrote: Kiwoom's opt10080 as JSON, as the old system's Logstash publishes it, prices
 * with their signs.
 *
 * @param fallback - the symbol of messages that do not name one, or null
 * @returns the bar, or a sentence that says why it cannot be read
 */
export const readOldMessage = ({ key, value }: RawMessage, fallback: string | null): ForeignBar | string => {
  const json = parsed(value)
  if (json === null) return 'a message is no JSON object'
  const symbol = codeOf(text(json, CODE)) ?? codeOf(key.toString()) ?? fallback
  if (symbol === null)
    return 'a message names no stock: expected a field code, the code as the key of the message, or KAFKA_SYMBOL'
  if ('per_price' in json || 'per_volume' in json)
    return 'a message holds percentages (per_price, per_volume): these are read from their table with SOURCE=bridge, the topic takes minutes with prices'
  const cells = COLUMNS.map((name) => text(json, [name, ...(NAMES[name] ?? [])]))
  const missing = COLUMNS.filter((_, at) => cells[at] === '')
  if (missing.length > 0) return `a message of ${symbol} lacks ${missing.join(', ')}`
  const row = opt10080Form(COLUMNS, { path: 'a message', symbol, parseSymbol: krxSymbol }).row([
    timeText(cells[0] ?? '', text(json, DATE)),
    ...cells.slice(1),
  ])
  if (isProblem(row)) return `a message of ${symbol} has ${row.came} in ${row.column}, expected ${row.expected}`
  const problem = barProblem(row)
  return problem === null
    ? row
    : `a message of ${symbol} has ${problem.came} in ${problem.field}, expected ${problem.expected}`
}

const text = (json: Record<string, unknown>, names: readonly string[]): string => {
  const found = names.find((name) => json[name] !== undefined && json[name] !== null)
  return found === undefined ? '' : String(json[found]).trim()
}

const codeOf = (given: string): string | null => {
  const code = given.replace(/^A(?=[0-9A-Z]{6}$)/, '')
  return krxSymbol(/^\d{1,5}$/.test(code) ? code.padStart(6, '0') : code)
}

/** A day and a time of day together, where they are two fields; `90000` is nine o'clock. */
const timeText = (time: string, date: string): string => {
  if (date === '') return time
  const digits = time.replaceAll(':', '')
  const clock = digits.length === 3 || digits.length === 5 ? `0${digits}` : digits
  return `${date.replaceAll(/\D/g, '')}${clock}`
}

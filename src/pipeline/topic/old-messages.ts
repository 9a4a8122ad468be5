import { MINUTE, type Ohlcv } from '../../model/time/bar.ts'
import { kstTime } from '../../model/time/kst-time.ts'
import { krxSymbol } from '../../model/time/symbol.ts'
import { isProblem } from '../bars-file/cells.ts'
import { opt10080Form } from '../bars-file/opt10080.ts'
import { parsed, type RawMessage } from './message.ts'

/** A bar that another program has published: it has no series, and no collector has stored it. */
export interface ForeignBar extends Ohlcv {
  readonly symbol: string
}

/** A row of the old system's table of percentages. */
export interface ForeignChange {
  readonly symbol: string
  /** The minute in which the change happened: the one after that under which the table files it. */
  readonly openTime: number
  /** [per_price, per_volume], percent. */
  readonly row: readonly [number, number]
}

export const isForeignChange = (found: ForeignBar | ForeignChange): found is ForeignChange => 'row' in found

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
 * Reads a message that no collector wrote: a row of Kiwoom's opt10080 as JSON, prices with their signs, or one of the
 * table `trainingset`, as the old system's Logstash publishes them.
 *
 * @param fallback - the symbol of messages that do not name one, or null
 * @returns what it holds, or a sentence that says why it cannot be read
 */
export const readOldMessage = (
  { key, value }: RawMessage,
  fallback: string | null,
): ForeignBar | ForeignChange | string => {
  const json = parsed(value)
  if (json === null) return 'a message is no JSON object'
  const symbol = codeOf(text(json, CODE)) ?? codeOf(key.toString()) ?? fallback
  if (symbol === null)
    return 'a message names no stock: expected a field code, the code as the key of the message, or KAFKA_SYMBOL'
  return 'per_price' in json || 'per_volume' in json ? changeOf(symbol, json) : barOf(symbol, json)
}

const barOf = (symbol: string, json: Record<string, unknown>): ForeignBar | string => {
  const cells = COLUMNS.map((name) => text(json, [name, ...(NAMES[name] ?? [])]))
  const missing = COLUMNS.filter((_, at) => cells[at] === '')
  if (missing.length > 0) return `a message of ${symbol} lacks ${missing.join(', ')}`
  const row = opt10080Form(COLUMNS, { path: 'a message', symbol, parseSymbol: krxSymbol }).row([
    timeText(cells[0] ?? '', text(json, DATE)),
    ...cells.slice(1),
  ])
  return isProblem(row) ? `a message of ${symbol} has ${row.came} in ${row.column}, expected ${row.expected}` : row
}

const changeOf = (symbol: string, json: Record<string, unknown>): ForeignChange | string => {
  const filed = kstTime(timeText(text(json, ['time', '시간']), text(json, DATE)))
  if (filed === null) return `a message of ${symbol} has no date and time like 20200203 and 090100`
  const row = ['per_price', 'per_volume'].map((name) => Number(text(json, [name]) || Number.NaN))
  const [perPrice = Number.NaN, perVolume = Number.NaN] = row
  if (!Number.isFinite(perPrice) || !Number.isFinite(perVolume))
    return `a message of ${symbol} lacks a number in per_price or per_volume`
  return { symbol, openTime: filed + MINUTE, row: [perPrice, perVolume] }
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

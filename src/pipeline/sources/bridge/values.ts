import { kstDigits, kstTime } from '../../../model/time/kst-time.ts'
import { KST_OFFSET } from '../../../model/time/session.ts'
import { krxSymbol } from '../../../model/time/symbol.ts'
import type { Parameter } from './database.ts'
import type { ColumnKind } from './layout.ts'

/**
 * Reads a number from a number, or from text with a sign and blanks around it. The result is NaN for anything else,
 * such as `''`, `--123` and null.
 */
export const numeric = (value: unknown): number => {
  if (typeof value === 'number') return value
  const text = String(value ?? '').trim()
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
}

/** Reads a stock code from `038530`, `A038530` or `38530` (text or number); null for anything else. */
export const storedSymbol = (value: unknown): string | null => {
  const text = String(value ?? '').trim()
  return krxSymbol(/^\d{1,5}$/.test(text) ? text.padStart(6, '0') : text)
}

/**
 * The values under which a column may hold this code, for a lookup by key; none if a column of numbers cannot hold it.
 */
export const spellings = (symbol: string, kind: ColumnKind | undefined): Parameter[] => {
  const digits = /^\d+$/.test(symbol)
  if (kind === 'integer' || kind === 'decimal') return digits ? [Number(symbol)] : []
  return [...new Set(digits ? [symbol, `A${symbol}`, String(Number(symbol))] : [symbol, `A${symbol}`])]
}

/** The form in which a column holds moments; it lets a query ask for a range of the key. */
export interface Moments {
  toKey(time: number): Parameter
  /** Null if the value is no moment. */
  toTime(value: unknown): number | null
}

/**
 * Recognises the form of moments from one value: `DATETIME` and its text form, 14 or 12 digits (`YYYYMMDDHHmm[ss]`),
 * all three on the Korean clock, or epoch seconds (10 digits) or milliseconds (13). Null for anything else.
 */
export const momentsLike = (sample: unknown, kind: ColumnKind | undefined): Moments | null => {
  const text = String(sample ?? '').trim()
  const asNumber = kind === 'integer' || kind === 'decimal'
  const key = (digits: string): Parameter => (asNumber ? Number(digits) : digits)
  const spaced = /^\d{4}-\d{2}-\d{2}([ T])\d{2}:\d{2}/.exec(text)
  // A text without seconds is smaller than the same minute with them.
  if (spaced)
    return {
      toKey: (time) => spacedText(time, spaced[1] ?? ' ').slice(0, text.length),
      toTime: (value) => kstTime(digitsOf(value)),
    }
  if (!/^\d+$/.test(text)) return null
  if (text.length === 14 || text.length === 12)
    return { toKey: (time) => key(kstDigits(time).slice(0, text.length)), toTime: (value) => kstTime(digitsOf(value)) }
  if (text.length === 13) return { toKey: (time) => key(String(time)), toTime: (value) => finite(numeric(value)) }
  if (text.length === 10)
    return { toKey: (time) => key(String(Math.ceil(time / 1000))), toTime: (value) => finite(numeric(value) * 1000) }
  return null
}

const spacedText = (time: number, separator: string) =>
  new Date(time + KST_OFFSET).toISOString().slice(0, 19).replace('T', separator)

const digitsOf = (value: unknown) =>
  String(value ?? '')
    .replace(/\.\d*$/, '')
    .replace(/\D/g, '')

const finite = (value: number) => (Number.isFinite(value) ? value : null)

/**
 * Joins a date and a time of the Korean clock as old collectors stored them. The date is `20200203`, `200203`,
 * `2020-02-03` or a date-time of that day; the time is `090100`, `90100` (a number that lost its zero), `0901`, `901`,
 * `09:01`, `9:01:00`, or the whole moment. Null if they make no moment.
 */
export const storedMoment = (date: unknown, time: unknown): number | null => {
  const text = String(time ?? '').trim()
  if (DATE_TIME.test(text)) return kstTime(digitsOf(text))
  const clock = clockDigits(text.replace(/\.\d*$/, ''))
  if (clock === null) return null
  if (clock.length > 6) return kstTime(clock)
  const day = dayDigits(date)
  return day.length === 8 ? kstTime(day + clock) : null
}

const DATE_TIME = /^\d{4}\D\d{2}\D\d{2}[ T]\d/

/** Libraries write a date as its midnight; a day in six digits belongs to this century. */
const dayDigits = (date: unknown): string => {
  const digits = digitsOf(date)
  return /^\s*\d{6}\s*$/.test(String(date)) ? `20${digits}` : digits.slice(0, 8)
}

const clockDigits = (text: string): string | null => {
  const parts = text.split(':')
  if (parts.length > 1) return parts.map((part) => part.padStart(2, '0')).join('')
  if (!/^\d+$/.test(text) || text.length < 3) return null
  return text.length <= 4 ? text.padStart(4, '0') : text.padStart(6, '0')
}

import { MINUTE } from '../../model/time/bar.ts'

/** A cell that cannot be read: its column, the form that was expected, and the text that came. */
export interface CellProblem {
  readonly column: string
  readonly expected: string
  readonly came: string
}

export const isProblem = (value: unknown): value is CellProblem =>
  typeof value === 'object' && value !== null && 'expected' in value

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** Reads a plain decimal number, without separators of thousands and without blanks. */
export const numberCell = (text: string, column: string): number | CellProblem =>
  NUMBER.test(text) ? Number(text) : { column, expected: 'a number like 1234.5', came: shown(text) }

const EPOCH_MS = /^\d{12,14}$/
const EPOCH_SECONDS = /^\d{9,11}$/
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(?:(Z)|([+-])(\d{2}):?(\d{2}))$/i

/** Reads ISO 8601 with an offset or `Z`, or epoch milliseconds. */
export const timeCell = (text: string, column: string): number | CellProblem => {
  if (EPOCH_MS.test(text)) return Number(text)
  const parts = ISO.exec(text)
  if (parts === null)
    return {
      column,
      expected: EPOCH_SECONDS.test(text) ? 'epoch milliseconds, not seconds' : ISO_EXPECTED,
      came: shown(text),
    }
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((at) => Number(parts[at] ?? 0)) as SixNumbers
  const utc = dateTime(year, month, day, hour, minute, second)
  const offset = parts[8] === undefined ? (Number(parts[10]) * 60 + Number(parts[11])) * (parts[9] === '-' ? -1 : 1) : 0
  if (utc === null || Math.abs(offset) > 18 * 60)
    return { column, expected: 'a date and time that exist', came: shown(text) }
  return utc + Math.round(Number(`0.${parts[7] ?? 0}`) * 1000) - offset * MINUTE
}

const ISO_EXPECTED = 'ISO 8601 with an offset, like 2026-01-02T10:00:00+09:00, or epoch milliseconds'

type SixNumbers = [number, number, number, number, number, number]

/** The instant of a date and time in UTC, or null if there is no such date or time. */
const dateTime = (
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number | null => {
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return null
  if (day > 28 && new Date(Date.UTC(year, month - 1, day)).getUTCDate() !== day) return null
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** Quotes a cell for a sentence, at most 40 characters of it. */
export const shown = (text: string): string =>
  text === '' ? 'nothing' : JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

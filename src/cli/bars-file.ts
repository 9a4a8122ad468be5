import type { Calendar } from '../model/session.ts'
import { krxCalendar } from '../pipeline/calendar/krx.ts'
import { dayCalendar } from '../pipeline/calendar/plain.ts'
import { SetupError } from '../pipeline/errors.ts'
import { type BarsFile, describeBarsFile, readBarsCsv } from '../pipeline/sources/bars-csv.ts'
import type { Terminal } from './terminal.ts'

export type Hours = 'krx' | '24h'

export const calendarOf = (hours: Hours): Calendar => (hours === '24h' ? dayCalendar() : krxCalendar())

/** Reads a file of bars and tells what was wrong with it; the good rows are what the verb works on. */
export const readBars = async (path: string, symbol: string | undefined, hours: Hours, terminal: Terminal): Promise<BarsFile> => {
  const file = await readBarsCsv(path, { symbol: symbol ?? null })
  for (const sentence of describeBarsFile(file)) terminal.problem(sentence)
  if (file.bars.size === 0) throw new SetupError(`${path}: no row could be read`)
  for (const bars of file.bars.values()) for (const bar of [bars[0], bars.at(-1)]) if (bar) isKnownYear(bar.openTime, hours, path)
  return file
}

const isKnownYear = (time: number, hours: Hours, path: string): void => {
  try {
    calendarOf(hours).sessionAt(time)
  } catch (cause) {
    throw cause instanceof SetupError ? new SetupError(`${path}: ${cause.message}`, { cause }) : cause
  }
}

import type { Config } from '../config.ts'
import { SetupError } from '../errors.ts'
import type { Calendar } from '../model/time/session.ts'
import { type BarsFile, describeBarsFile, readBarsCsv } from '../pipeline/bars-file/read.ts'
import { loadKrxCalendar } from '../pipeline/calendar/krx.ts'
import { createDayCalendar } from '../pipeline/calendar/plain.ts'
import type { Terminal } from './terminal.ts'

export type Hours = 'krx' | '24h'

/** The calendar that `--hours` names, KRX's with the late notices of CALENDAR_FILE. */
export const hoursCalendar = async (hours: Hours, config: () => Pick<Config, 'CALENDAR_FILE'>): Promise<Calendar> =>
  hours === '24h' ? createDayCalendar() : loadKrxCalendar(config().CALENDAR_FILE ?? null)

/** Reads the good rows of a file of bars, and prints a line for each problem with it. */
export const readBars = async (
  path: string,
  symbol: string | undefined,
  calendar: Calendar,
  terminal: Terminal,
): Promise<BarsFile> => {
  const file = await readBarsCsv(path, { symbol: symbol ?? null })
  for (const sentence of describeBarsFile(file)) terminal.problem(sentence)
  if (file.bars.size === 0) throw new SetupError(`${path}: no row could be read`)
  for (const bars of file.bars.values())
    for (const bar of [bars[0], bars.at(-1)]) if (bar) requireKnownYear(bar.openTime, calendar, path)
  return file
}

const requireKnownYear = (time: number, calendar: Calendar, path: string): void => {
  try {
    calendar.sessionAt(time)
  } catch (cause) {
    throw cause instanceof SetupError ? new SetupError(`${path}: ${cause.message}`, { cause }) : cause
  }
}

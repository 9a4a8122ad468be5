import { SetupError } from '../../errors.ts'
import type { Calendar } from '../../model/time/session.ts'
import { HOLIDAYS } from './holidays.ts'
import {
  EXAM_DAYS,
  KRX_EXAM_DAY_HOURS,
  KRX_FIRST_DAY_HOURS,
  KRX_HOURS,
  KRX_UTC_OFFSET_MINUTES,
  krxHours,
} from './krx-hours.ts'
import { type CalendarOverrides, minuteOfDay, NO_OVERRIDES, readCalendarOverrides } from './overrides.ts'
import { createCalendar, dateOfDay, dayOfDate, type Hours, isWeekday } from './sessions.ts'

/** Labour Day became a public holiday, and so part of the gazette's table, in 2026; KRX had always closed on it. */
const LABOUR_DAY_IN_GAZETTE_SINCE = 2026

/**
 * The Korea Exchange's sessions: closed on weekends, public holidays, Labour Day and the last weekday of the year.
 * `overrides` (late notices) win over everything else. Asked about a year that neither knows, it throws a {@link
 * SetupError}.
 */
export const createKrxCalendar = ({
  extraClosed = [],
  overrides = NO_OVERRIDES,
}: {
  extraClosed?: readonly string[]
  overrides?: CalendarOverrides
} = {}): Calendar => {
  const alsoClosed = new Set([...extraClosed, ...overrides.closed])
  const special = new Map(
    overrides.special.map(({ date, open, close }): [string, Hours] => [
      date,
      krxHours(minuteOfDay(open), minuteOfDay(close)),
    ]),
  )
  const ownYears = new Set(overrides.years)
  const firstDays = new Map<number, string>()

  const isOpen = (date: string, day: number): boolean => {
    if (special.has(date)) return true
    if (!isWeekday(day) || alsoClosed.has(date)) return false
    const year = Number(date.slice(0, 4))
    if (HOLIDAYS.get(year)?.has(date) === true) return false
    if (year < LABOUR_DAY_IN_GAZETTE_SINCE && date.endsWith('-05-01')) return false
    return date !== lastWeekdayOf(year)
  }
  const firstDayOf = (year: number): string => {
    const known = firstDays.get(year)
    if (known !== undefined) return known
    let day = dayOfDate(`${year}-01-01`)
    while (!isOpen(dateOfDay(day), day)) day++
    firstDays.set(year, dateOfDay(day))
    return dateOfDay(day)
  }

  return createCalendar({
    name: 'krx',
    utcOffsetMinutes: KRX_UTC_OFFSET_MINUTES,
    hoursOn(date, day) {
      const year = Number(date.slice(0, 4))
      if (!HOLIDAYS.has(year) && !ownYears.has(year)) throw new SetupError(unknownYear(date))
      if (!isOpen(date, day)) return null
      const named = special.get(date)
      if (named !== undefined) return named
      if (EXAM_DAYS.has(date)) return KRX_EXAM_DAY_HOURS
      return date === firstDayOf(year) ? KRX_FIRST_DAY_HOURS : KRX_HOURS
    },
  })
}

/**
 * The calendar with the late notices of a file, where there is one.
 *
 * @throws {SetupError} when the file cannot be read or is wrong
 */
export const loadKrxCalendar = async (overridesPath: string | null = null): Promise<Calendar> =>
  createKrxCalendar(overridesPath === null ? {} : { overrides: await readCalendarOverrides(overridesPath) })

const lastWeekdayOf = (year: number): string => {
  let day = dayOfDate(`${year}-12-31`)
  while (!isWeekday(day)) day--
  return dateOfDay(day)
}

const unknownYear = (date: string): string => {
  const years = [...HOLIDAYS.keys()].sort((a, b) => a - b)
  return (
    `the KRX calendar knows the holidays of ${years[0]} to ${years.at(-1)}, not those of ${date}: ` +
    'update the package @hyunbinseo/holidays-kr, or list the year in "years" and its holidays in "closed" of the file named by CALENDAR_FILE'
  )
}

import type { Calendar } from '../../model/time/session.ts'
import { KRX_HOURS, KRX_UTC_OFFSET_MINUTES } from './krx-hours.ts'
import { createCalendar, isWeekday } from './sessions.ts'

/**
 * KRX's ordinary hours on every weekday, without holidays: for a market that is made up, so that no year is ever
 * unknown.
 */
export const createWeekdayCalendar = (): Calendar =>
  createCalendar({
    name: 'weekdays',
    utcOffsetMinutes: KRX_UTC_OFFSET_MINUTES,
    hoursOn: (_date, day) => (isWeekday(day) ? KRX_HOURS : null),
  })

/** A market that never closes: every UTC day is a session. */
export const createDayCalendar = (): Calendar =>
  createCalendar({
    name: '24h',
    utcOffsetMinutes: 0,
    hoursOn: () => ({ open: 0, continuousEnd: 24 * 60, closingBar: null }),
  })

import { DAY, MINUTE } from '../../model/time/bar.ts'
import type { Calendar, Session } from '../../model/time/session.ts'

/** Opening hours of one local day, in minutes after its midnight. */
export interface Hours {
  readonly open: number
  readonly continuousEnd: number
  /** Start of the minute that holds the closing auction, where there is one. */
  readonly closingBar: number | null
}

/** One market's clock, and its hours on each day (`YYYY-MM-DD`; `day` counts local days from 1970-01-01). */
export interface Rules {
  readonly name: Calendar['name']
  readonly utcOffsetMinutes: number
  hoursOn(date: string, day: number): Hours | null
}

/** Local date of a day counted from 1970-01-01. */
export const dateOfDay = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10)

/** The inverse of {@link dateOfDay}. */
export const dayOfDate = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY

/** Monday to Friday. */
export const isWeekday = (day: number): boolean => {
  const weekday = (((day + 4) % 7) + 7) % 7 // 1970-01-01 was a Thursday
  return weekday !== 0 && weekday !== 6
}

/** The calendar that follows the rules. Each day is worked out once; callers ask for every bar. */
export const createCalendar = (rules: Rules): Calendar => {
  const offset = rules.utcOffsetMinutes * MINUTE
  const days = new Map<number, Session | null>()

  const sessionOn = (day: number): Session | null => {
    const known = days.get(day)
    if (known !== undefined) return known
    const date = dateOfDay(day)
    const hours = rules.hoursOn(date, day)
    const session = hours === null ? null : toSession(date, day * DAY - offset, hours)
    days.set(day, session)
    return session
  }
  const dayAt = (time: number): number => {
    if (!Number.isFinite(time)) throw new RangeError(`time is ${time}, expected epoch milliseconds`)
    return Math.floor((time + offset) / DAY)
  }

  return {
    name: rules.name,
    utcOffsetMinutes: rules.utcOffsetMinutes,
    sessionAt(time) {
      const session = sessionOn(dayAt(time))
      return session !== null && time >= session.open && time < session.close ? session : null
    },
    lastSession(time) {
      for (let day = dayAt(time); ; day--) {
        const session = sessionOn(day)
        if (session !== null && session.open <= time) return session
      }
    },
    nextSession(time) {
      for (let day = dayAt(time); ; day++) {
        const session = sessionOn(day)
        if (session !== null && session.open > time) return session
      }
    },
  }
}

const toSession = (date: string, midnight: number, { open, continuousEnd, closingBar }: Hours): Session => ({
  date,
  open: midnight + open * MINUTE,
  continuousEnd: midnight + continuousEnd * MINUTE,
  closingBar: closingBar === null ? null : midnight + closingBar * MINUTE,
  close: midnight + (closingBar === null ? continuousEnd : closingBar + 1) * MINUTE,
})

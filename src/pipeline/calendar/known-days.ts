import { SetupError } from '../../errors.ts'
import type { Calendar, Session } from '../../model/time/session.ts'

/** One sentence that says what the operator must do so that the market's days at a time are known; null if they are. */
export const unknownDays = (calendar: Calendar, time: number): string | null => {
  try {
    calendar.lastSession(time)
    return null
  } catch (error) {
    if (error instanceof SetupError) return error.message
    throw error
  }
}

/** The first session with `open > time`, or null where the years that the calendar knows are over. */
export const nextKnownSession = (calendar: Calendar, time: number): Session | null => {
  try {
    return calendar.nextSession(time)
  } catch (error) {
    if (error instanceof SetupError) return null
    throw error
  }
}

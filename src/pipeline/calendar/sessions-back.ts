import type { Calendar, Session } from '../../model/time/session.ts'

/** The newest sessions that opened before `now`, newest first. */
export const sessionsBack = (calendar: Calendar, now: number, count: number): Session[] => {
  const sessions: Session[] = []
  for (let at = now - 1; sessions.length < count; ) {
    const session = calendar.lastSession(at)
    sessions.push(session)
    at = session.open - 1
  }
  return sessions
}

import type { Calendar, Session } from '../../model/time/session.ts'

/**
 * A calendar without the days that were found closed. Days can be closed and reopened at any time; every holder sees it
 * at once.
 */
export interface ObservedCalendar extends Calendar {
  /** Number of reopened days so far. A state computed at a smaller number may lack their sessions. */
  readonly reopenings: number
  close(date: string): void
  reopen(date: string): void
}

/** @param dates - dates of the market, `YYYY-MM-DD`, that are closed from the beginning */
export const createObservedCalendar = (nominal: Calendar, dates: Iterable<string> = []): ObservedCalendar => {
  const closed = new Set(dates)
  let reopenings = 0
  const walk = (from: Session, step: (session: Session) => Session): Session => {
    let session = from
    while (closed.has(session.date)) session = step(session)
    return session
  }
  return {
    name: nominal.name,
    utcOffsetMinutes: nominal.utcOffsetMinutes,
    get reopenings() {
      return reopenings
    },
    close: (date) => void closed.add(date),
    reopen(date) {
      if (closed.delete(date)) reopenings++
    },
    sessionAt(time) {
      const session = nominal.sessionAt(time)
      return session === null || closed.has(session.date) ? null : session
    },
    lastSession: (time) => walk(nominal.lastSession(time), ({ open }) => nominal.lastSession(open - 1)),
    nextSession: (time) => walk(nominal.nextSession(time), ({ open }) => nominal.nextSession(open)),
  }
}

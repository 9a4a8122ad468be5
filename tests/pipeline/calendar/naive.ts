import type { Calendar, Session } from '../../../src/model/time/session.ts'

const DAY = 86_400_000

/** Slow, obvious twins: walk a minute list or day list without any cleverness. */
export const naiveLastSession = (calendar: Calendar, time: number): Session => {
  let newest: Session | null = null
  for (let probe = time - 20 * DAY; probe <= time; probe += 30 * 60_000) newest = calendar.sessionAt(probe) ?? newest
  newest = calendar.sessionAt(time) ?? newest
  if (newest === null) throw new Error('no session in twenty days')
  return newest
}

export const naiveNextSession = (calendar: Calendar, time: number): Session => {
  for (let probe = time; probe < time + 20 * DAY; probe += 30 * 60_000) {
    const session = calendar.sessionAt(probe)
    if (session !== null && session.open > time) return session
  }
  throw new Error('no session in twenty days')
}

import { MINUTE } from './bar.ts'

/** Korea has had no daylight saving time since 1988: KST is UTC + 9 hours. */
export const KST_OFFSET = 9 * 60 * MINUTE

/** One trading day of one market. Times are epoch milliseconds, UTC; intervals are half-open. */
export interface Session {
  /** The market's own date, `YYYY-MM-DD`. */
  readonly date: string
  /** Start of the first bar. On KRX that bar contains the opening auction. */
  readonly open: number
  /** End of continuous trading: the last continuous bar starts a minute before. */
  readonly continuousEnd: number
  /** Start of the bar that holds the closing auction; null without one. */
  readonly closingBar: number | null
  /** End of the session: no bar starts at or after it. */
  readonly close: number
}

/**
 * The sessions of a market. For a year whose days it does not know, it throws an error that says what the operator must
 * do.
 */
export interface Calendar {
  readonly name: 'krx' | 'weekdays' | '24h'
  /** Minutes east of UTC of the market's own clock. */
  readonly utcOffsetMinutes: number
  /** The session that contains the instant, or null. */
  sessionAt(time: number): Session | null
  /** The newest session with `open ≤ time`. */
  lastSession(time: number): Session
  /** The first session with `open > time`. */
  nextSession(time: number): Session
}

/**
 * True if a bar of this session may start at this minute: in continuous trading, or at the closing auction's minute.
 */
export const isBarMinute = (session: Session, openTime: number): boolean =>
  (openTime >= session.open && openTime < session.continuousEnd) || openTime === session.closingBar

/** True if a bar of this calendar may start at this minute. */
export const isSessionMinute = (calendar: Calendar, openTime: number): boolean => {
  const session = calendar.sessionAt(openTime)
  return session !== null && isBarMinute(session, openTime)
}

/** The number of bars of a session in which every minute trades. */
export const barMinutes = (session: Session): number =>
  (session.continuousEnd - session.open) / MINUTE + (session.closingBar === null ? 0 : 1)

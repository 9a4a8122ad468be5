import { MINUTE } from '../../../model/time/bar.ts'
import type { Calendar, Session } from '../../../model/time/session.ts'

/** The clock starts each session this long before the open. */
const BEFORE_OPEN = MINUTE

/**
 * A market's clock that runs `speed` times as fast as the real one from a minute before each open until `closedMs` real
 * milliseconds after the close, and jumps over the rest. It never goes back.
 *
 * @param running - real milliseconds since the start, never fewer than before
 */
export const createMarketClock = (
  calendar: Calendar,
  running: () => number,
  { speed, closedMs, startAt }: { speed: number; closedMs: number; startAt: number },
): (() => number) => {
  const daytimeOf = (session: Session) => {
    const next = calendar.nextSession(session.open).open - BEFORE_OPEN
    return { from: session.open - BEFORE_OPEN, to: Math.min(session.close + closedMs * speed, next), session }
  }
  const coming = calendar.nextSession(startAt)
  let daytime = daytimeOf(startAt >= coming.open - BEFORE_OPEN ? coming : calendar.lastSession(startAt))
  let time = startAt
  let spent = running()
  const skip = () => {
    while (time >= daytime.to) {
      daytime = daytimeOf(calendar.nextSession(daytime.session.open))
      time = daytime.from
    }
  }
  skip()
  return () => {
    const elapsed = running()
    let left = (elapsed - spent) * speed
    spent = elapsed
    while (left > 0) {
      const step = Math.min(left, daytime.to - time)
      time += step
      left -= step
      skip()
    }
    return Math.floor(time)
  }
}

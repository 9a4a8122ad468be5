import { MINUTE } from '../../../model/time/bar.ts'
import type { Calendar, Session } from '../../../model/time/session.ts'

/** The clock is put this much before the next open. */
const BEFORE_OPEN = MINUTE

/**
 * A market's clock that runs `speed` times as fast as the real one from a minute before each open to a while after the close
 * (`closedMs` real milliseconds of closed market), and jumps over the rest. Never goes back.
 *
 * @param running - real milliseconds since the start, never fewer than before
 */
export const createMarketClock = (
  calendar: Calendar,
  running: () => number,
  { speed, closedMs, startAt }: { speed: number; closedMs: number; startAt: number },
): (() => number) => {
  const stretchOf = (session: Session) => {
    const next = calendar.nextSession(session.open).open - BEFORE_OPEN
    return { from: session.open - BEFORE_OPEN, to: Math.min(session.close + closedMs * speed, next), session }
  }
  const coming = calendar.nextSession(startAt)
  let stretch = stretchOf(startAt >= coming.open - BEFORE_OPEN ? coming : calendar.lastSession(startAt))
  let time = startAt
  let spent = running()
  const skip = () => {
    while (time >= stretch.to) {
      stretch = stretchOf(calendar.nextSession(stretch.session.open))
      time = stretch.from
    }
  }
  skip()
  return () => {
    const elapsed = running()
    let left = (elapsed - spent) * speed
    spent = elapsed
    while (left > 0) {
      const step = Math.min(left, stretch.to - time)
      time += step
      left -= step
      skip()
    }
    return Math.floor(time)
  }
}

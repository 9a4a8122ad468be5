import type { Log } from '../../log.ts'
import { MINUTE } from '../../model/time/bar.ts'

/** If the machine's clock goes back by more than this, it had been wrong. */
const WRONG_CLOCK_MS = 5 * MINUTE

/** A market clock that does not go back with the machine's, unless that had been minutes ahead and was put right. */
export const createSteadyClock = (now: () => number, log?: Log): (() => number) => {
  let latest = Number.NEGATIVE_INFINITY
  return () => {
    const present = now()
    const backMs = latest - present
    if (backMs > WRONG_CLOCK_MS) {
      log?.warn(
        { backMs, now: new Date(present).toISOString() },
        "this computer's clock was set back, and the market's time with it",
      )
      latest = present
    }
    latest = Math.max(latest, present)
    return latest
  }
}

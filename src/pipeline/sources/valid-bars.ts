import type { Log } from '../../log.ts'
import { type Bar, barProblem, MINUTE, type Ohlcv } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import { type Calendar, isSessionMinute } from '../../model/time/session.ts'

interface Frame {
  readonly series: string
  readonly symbol: string
  readonly interval: Interval
  /** The market's clock: a minute that ends after it is still forming. */
  readonly now: number
  readonly receivedAt: number
  readonly calendar: Calendar
  readonly log: Log
}

/**
 * What of a venue's rows is a bar: inside the interval, closed, on a minute of the session, with a trade in it, no invariant broken.
 * Oldest first, each minute once; of a repeated minute the later row counts. What is dropped is counted and logged.
 */
export const validBars = (
  rows: readonly Ohlcv[],
  { series, symbol, interval, now, receivedAt, calendar, log }: Frame,
): Bar[] => {
  const kept = new Map<number, Bar>()
  let outside = 0
  const broken: Ohlcv[] = []
  for (const row of rows) {
    const { openTime, open, high, low, close, volume } = row
    if (openTime < interval.from || openTime >= interval.to || openTime + MINUTE > now) continue
    // A minute without a trade, or one whose volume the venue has lost: neither is a bar.
    if (volume === 0) continue
    if (barProblem(row)) broken.push(row)
    else if (!isSessionMinute(calendar, openTime)) outside++
    else kept.set(openTime, { series, symbol, openTime, open, high, low, close, volume, receivedAt })
  }
  const first = broken[0]
  if (first)
    log.warn(
      { venue: series, symbol, dropped: broken.length, openTime: first.openTime, ...barProblem(first) },
      'bars dropped: an invariant is broken',
    )
  if (outside > 0) log.debug({ venue: series, symbol, dropped: outside }, 'bars dropped: outside the session')
  return [...kept.values()].sort((a, b) => a.openTime - b.openTime)
}

/** Smaller steps back keep a clock right; one that goes back by more had been wrong. */
const PUT_RIGHT_MS = 5 * MINUTE

/** A clock of the market that does not go back with the machine's, unless that had been minutes ahead and was put right. */
export const createSteadyClock = (now: () => number, log?: Log): (() => number) => {
  let latest = Number.NEGATIVE_INFINITY
  return () => {
    const present = now()
    const backMs = latest - present
    if (backMs > PUT_RIGHT_MS) {
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

import type { Log } from '../../log.ts'
import { type Bar, barProblem, MINUTE, type Ohlcv } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import { type Calendar, isSessionMinute } from '../../model/time/session.ts'

/**
 * The rows with a trade on a minute at which the session may have a bar. A volume of 0 is a minute without a trade, or
 * one whose volume the source has lost.
 */
export const tradedInSession = <Row extends Pick<Ohlcv, 'openTime' | 'volume'>>(
  rows: readonly Row[],
  calendar: Calendar,
): Row[] => rows.filter(({ openTime, volume }) => volume > 0 && isSessionMinute(calendar, openTime))

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
 * The bars among a source's rows: inside the interval, closed, traded, on a minute of the session, no invariant broken.
 * They come oldest first, each minute once; the later of two rows of one minute counts. Dropped rows are logged.
 */
export const validBars = (
  rows: readonly Ohlcv[],
  { series, symbol, interval, now, receivedAt, calendar, log }: Frame,
): Bar[] => {
  // A row without a time (NaN) is neither early nor late, and is broken below.
  const closed = rows.filter(
    ({ openTime, volume }) =>
      volume !== 0 && !(openTime < interval.from || openTime >= interval.to || openTime + MINUTE > now),
  )
  const { broken = [], sound = [] } = Object.groupBy(closed, (row) => (barProblem(row) ? 'broken' : 'sound'))
  const inSession = tradedInSession(sound, calendar)
  const first = broken[0]
  if (first)
    log.warn(
      { venue: series, symbol, dropped: broken.length, openTime: first.openTime, ...barProblem(first) },
      'bars dropped: an invariant is broken',
    )
  const outside = sound.length - inSession.length
  if (outside > 0) log.debug({ venue: series, symbol, dropped: outside }, 'bars dropped: outside the session')
  const byMinute = new Map<number, Bar>()
  for (const { openTime, open, high, low, close, volume } of inSession)
    byMinute.set(openTime, { series, symbol, openTime, open, high, low, close, volume, receivedAt })
  return [...byMinute.values()].sort((a, b) => a.openTime - b.openTime)
}

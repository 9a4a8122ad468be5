import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import { isSessionMinute, type Session } from '../../model/time/session.ts'
import type { BarSource } from '../sources/source.ts'
import type { BarStore } from '../store/contract.ts'
import type { Rereads } from './rereads.ts'

/** Bars that were fetched and kept. */
export interface Collected {
  /** Bars that were not there before or have changed, in time order. */
  readonly bars: readonly Bar[]
  readonly covered: Interval
}

export interface Intake {
  readonly source: BarSource
  readonly rereads: Rereads
  readonly bars: BarStore
}

/**
 * Fetches an interval and keeps its bars. The source has checked each bar (`BarSource.fetchBars`). A bar of a day that was taken for closed
 * opens the day again, and the interval then begins at that day's open.
 */
export const fetchAndKeep = async (
  intake: Intake,
  symbol: string,
  interval: Interval,
  signal: AbortSignal,
): Promise<Collected> => {
  const { source, rereads, bars } = intake
  const fetched = await source.fetchBars(symbol, interval, signal)
  const traded = closedSessionsOf(fetched, source, rereads)
  for (const session of traded) await rereads.traded(session)
  const open = Math.min(...traded.map((session) => session.open))
  if (open < interval.from) return fetchAndKeep(intake, symbol, { from: open, to: interval.to }, signal)
  return { bars: await bars.save(source.series, symbol, fetched, interval), covered: interval }
}

/** The sessions taken for closed that the bars belong to. */
const closedSessionsOf = (bars: readonly Bar[], source: BarSource, { calendar }: Rereads): Session[] => {
  const ofClosedDays = bars.filter(({ openTime }) => !isSessionMinute(calendar, openTime))
  return [...new Set(ofClosedDays.map(({ openTime }) => source.calendar.lastSession(openTime)))]
}

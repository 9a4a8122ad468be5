import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import { isSessionMinute, type Session } from '../../model/time/session.ts'
import type { BarSource } from '../sources/source.ts'
import type { BarStore } from '../store/contract.ts'
import type { FreshBars } from '../store/records.ts'
import type { Rereads } from './rereads.ts'

/** The result of one fetch. */
export interface Collected {
  /** Bars that are new or have changed, in time order. */
  readonly bars: readonly Bar[]
  readonly covered: Interval
}

export interface Intake {
  readonly source: BarSource
  readonly rereads: Rereads
  readonly bars: BarStore
}

/**
 * Fetches an interval and stores its bars, which the source has checked (`BarSource.fetchBars`). A bar of a day that
 * was taken for closed opens the day again, and the interval then begins at that day's open.
 */
export const fetchAndKeep = async (
  intake: Intake,
  symbol: string,
  interval: Interval,
  signal: AbortSignal,
): Promise<Collected> => {
  const { bars, covered } = await fetchInterval(intake, symbol, interval, signal)
  return { bars: await intake.bars.save(intake.source.series, symbol, bars, covered), covered }
}

/** Fetches an interval. @returns its bars and the interval, which begins earlier if a closed day was opened again */
export const fetchInterval = async (
  { source, rereads }: Pick<Intake, 'source' | 'rereads'>,
  symbol: string,
  interval: Interval,
  signal: AbortSignal,
): Promise<FreshBars> => {
  const bars = await source.fetchBars(symbol, interval, signal)
  const traded = closedSessionsOf(bars, source, rereads)
  for (const session of traded) await rereads.traded(session)
  const open = Math.min(...traded.map((session) => session.open))
  if (open >= interval.from) return { bars, covered: interval }
  return fetchInterval({ source, rereads }, symbol, { from: open, to: interval.to }, signal)
}

/** The sessions taken for closed that the bars belong to. */
const closedSessionsOf = (bars: readonly Bar[], source: BarSource, { calendar }: Rereads): Session[] => {
  const ofClosedDays = bars.filter(({ openTime }) => !isSessionMinute(calendar, openTime))
  return [...new Set(ofClosedDays.map(({ openTime }) => source.calendar.lastSession(openTime)))]
}

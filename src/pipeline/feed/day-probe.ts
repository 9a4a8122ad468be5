import { UnknownSymbolError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Session } from '../../model/time/session.ts'
import type { ClosedDays } from '../calendar/closed-days.ts'
import type { Source } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { FeedMinutes } from './minutes.ts'

/** A stock of KRX that trades in every minute. */
const REFERENCE = '005930'
/** Time between two requests, by our clock. */
const ASK_EVERY_MS = 5 * 60_000
const PATIENCE_MS = 20_000

/**
 * Asks for one stock now and then to find out if the market is closed in a session in which no watched stock trades.
 */
export interface DayProbe {
  /** True if there is a stock that can be asked for, whatever is watched. */
  readonly canAsk: boolean
  /** Closes the session's day. Returns false if anything trades, or if the source cannot be asked now. */
  close(session: Session, signal: AbortSignal): Promise<boolean>
  /**
   * Reopens a closed session's day with its first bar, stored or fetched. The source is asked until the session is
   * over, and once after.
   *
   * @param active - a stock that usually trades, for a market that has no reference stock
   */
  check(session: Session, active: string | null, signal: AbortSignal): Promise<void>
  /** True if something is known to trade in the session. */
  isOpen(session: Session): boolean
  /** Makes the next request due at once, after a sleep of the process. */
  wake(): void
}

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'calendar' | 'now'>
  readonly minutes: Pick<FeedMinutes, 'traded'>
  readonly days: ClosedDays
  readonly store: Pick<Store, 'bars'>
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
}

export const createDayProbe = ({ source, minutes, days, store, log, now }: Dependencies): DayProbe => {
  const reference = source.calendar.name === 'krx' ? REFERENCE : null
  let askedAt = Number.NEGATIVE_INFINITY
  /** Market time of the last answer without a trade. */
  let quietAt = Number.NEGATIVE_INFINITY
  let openDate: string | null = null

  const isDue = () => now() - askedAt >= ASK_EVERY_MS

  /**
   * True if the first of these stocks that the source knows has traded in the session so far; null without an answer.
   */
  const trades = async (
    symbols: readonly (string | null)[],
    { open, close }: Session,
    signal: AbortSignal,
  ): Promise<boolean | null> => {
    askedAt = now()
    const marketNow = source.now()
    const interval = { from: open, to: Math.min(marketNow, close) }
    for (const symbol of symbols) {
      if (symbol === null) continue
      try {
        if (await minutes.traded(symbol, interval, AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])))
          return true
        break
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof UnknownSymbolError) continue
        log.info(
          { symbol, problem: error instanceof Error ? error.message : String(error) },
          'whether the market trades could not be asked',
        )
        return null
      }
    }
    quietAt = marketNow
    return false
  }

  return {
    canAsk: reference !== null,
    async close(session, signal) {
      if (!isDue()) return false
      const found = await trades([reference], session, signal)
      if (found === false && (await days.close(session))) return true
      if (found !== null) openDate = session.date
      return false
    },
    async check(session, active, signal) {
      const stored = ((await store.bars.newest(source.series)) ?? 0) >= session.open
      if (!stored) {
        if (!isDue() || quietAt >= session.close) return
        if (!(await trades([reference, active], session, signal))) return
      }
      await days.reopen(session)
      openDate = session.date
    },
    isOpen: (session) => openDate === session.date,
    wake() {
      askedAt = Number.NEGATIVE_INFINITY
    },
  }
}

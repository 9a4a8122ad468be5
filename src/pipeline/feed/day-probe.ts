import { UnknownSymbolError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Session } from '../../model/time/session.ts'
import type { ClosedDays } from '../calendar/closed-days.ts'
import type { Source } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { FeedMinutes } from './minutes.ts'

/** A stock of KRX that trades in every minute. */
const REFERENCE = '005930'
/** So often, by our clock, one stock is asked for. */
const ASK_EVERY_MS = 5 * 60_000
const PATIENCE_MS = 20_000

/** Finds out, by asking for one stock now and then, whether a session in which nothing watched trades is one of a closed market, and whether it stays so. */
export interface DayProbe {
  /** There is a stock that can be asked for whatever is watched. */
  readonly canAsk: boolean
  /** Takes the session for closed. False when anything trades, or when that cannot be asked now. */
  close(session: Session, signal: AbortSignal): Promise<boolean>
  /**
   * Opens a session that was taken for closed with its first bar, wherever that is found. It is asked for until the session is over, and once after.
   *
   * @param active - a stock that usually trades, for a market that has no reference stock
   */
  check(session: Session, active: string | null, signal: AbortSignal): Promise<void>
  /** Whether something is known to trade in the session. */
  isOpen(session: Session): boolean
  /** After a sleep of the process it is asked at once. */
  wake(): void
}

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'calendar' | 'now'>
  readonly minutes: Pick<FeedMinutes, 'traded'>
  readonly days: ClosedDays
  readonly store: Pick<Store, 'bars'>
  readonly log: Log
  /** Our clock. */
  readonly now: () => number
}

export const createDayProbe = ({ source, minutes, days, store, log, now }: Dependencies): DayProbe => {
  const reference = source.calendar.name === 'krx' ? REFERENCE : null
  let askedAt = Number.NEGATIVE_INFINITY
  /** The market's time of the last answer without a trade. */
  let quietAt = Number.NEGATIVE_INFINITY
  let openDate: string | null = null

  const isDue = () => now() - askedAt >= ASK_EVERY_MS

  /** Whether the first of these stocks that the venue has was traded in the session so far; null when there is no answer. */
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

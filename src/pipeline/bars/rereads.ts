import type { Session } from '../../model/time/session.ts'
import type { ClosedDays } from '../calendar/closed-days.ts'
import type { ObservedCalendar } from '../calendar/observed.ts'

/**
 * The minutes that a source has answered for and is asked for again. They have two causes: the feed watch misses a
 * stock's bars, or a day that was taken for closed turns out to be open. Collecting asks from where to read again and
 * reports a bar of a closed day. Detection rebuilds its state if a day was reopened since (`calendar.reopenings`).
 */
export interface Rereads {
  /** The source's calendar without the closed days. Collecting and detection share it. */
  readonly calendar: ObservedCalendar
  /**
   * Start of the oldest minute to read again, for a symbol whose answers end at `answeredUntil`; null if there is none.
   */
  from(symbol: string, answeredUntil: number): number | null
  /** Opens the day of a session again in which something traded. */
  traded(session: Session): Promise<void>
}

interface Dependencies {
  readonly days: Pick<ClosedDays, 'calendar' | 'reopen' | 'rereadFrom'>
  /** Start of the first minute that the feed watch misses of a symbol, or null. */
  readonly missingSince?: (symbol: string) => number | null
}

export const createRereads = ({ days, missingSince }: Dependencies): Rereads => ({
  calendar: days.calendar,
  from(symbol, answeredUntil) {
    const owed = [missingSince?.(symbol) ?? null, days.rereadFrom(answeredUntil)].filter((from) => from !== null)
    return owed.length > 0 ? Math.min(...owed) : null
  },
  traded: (session) => days.reopen(session),
})

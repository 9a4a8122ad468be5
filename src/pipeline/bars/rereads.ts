import type { Session } from '../../model/time/session.ts'
import type { ClosedDays } from '../calendar/closed-days.ts'
import type { ObservedCalendar } from '../calendar/observed.ts'

/**
 * The minutes that a source has answered for and is asked for again. Two findings cause them: the feed watch misses a stock's bars, and a
 * day that was taken for closed turns out to have been open. Collecting asks from where it reads again and reports a bar of a closed day;
 * detection asks whether a day came back since its state was built.
 */
export interface Rereads {
  /** The source's calendar without the days found closed: collecting and detection go by the same one. */
  readonly calendar: ObservedCalendar
  /** Start of the oldest minute to read again, for a symbol whose answers end at `answeredUntil`; null when none is owed. */
  from(symbol: string, answeredUntil: number): number | null
  /** Reports that something traded in a session taken for closed: its day is open again. */
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

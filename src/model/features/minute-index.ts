import { MINUTE } from '../time/bar.ts'
import type { Calendar, Session } from '../time/session.ts'
import type { Stateful, StateTape } from './state-tape.ts'

/** Counts the trading minutes of a market from a symbol's first session on. */
export interface MinuteIndex extends Stateful {
  /**
   * Goes on to a minute, and never back. True if the minute is the first that comes from its session.
   *
   * @throws {RangeError} if no session holds the minute
   */
  advance(openTime: number): boolean
  readonly session: Session
  /** Continuous minutes of the session. */
  readonly slots: number
  /**
   * Minutes from the session's open to this minute. The closing auction's bar has the slot after the last continuous
   * one.
   */
  readonly slot: number
  /** Trading minutes since the first session began, those of sessions without a bar included. */
  readonly index: number
}

/** The continuous minutes of a session. */
export const continuousSlots = (session: Session): number => (session.continuousEnd - session.open) / MINUTE

const NO_SESSION: Session = { date: '', open: 0, continuousEnd: 0, closingBar: null, close: 0 }
/** So many sessions without a bar empty every window of minutes; more of them are not counted. */
const MOST_SKIPPED = 4

/** An index before its first minute. */
export const createMinuteIndex = (calendar: Calendar): MinuteIndex => {
  const closingSlots = calendar.name === '24h' ? 0 : 1
  /** The index of the session's first minute. */
  let began = 0

  const enter = (openTime: number) => {
    const entered = calendar.sessionAt(openTime)
    if (!entered)
      throw new RangeError(`bar at ${new Date(openTime).toISOString()} is outside the sessions of ${calendar.name}`)
    if (place.session !== NO_SESSION) {
      began += place.slots + closingSlots
      let between = place.session
      for (let skipped = 0; skipped < MOST_SKIPPED; skipped++) {
        between = calendar.nextSession(between.open)
        if (between.open >= entered.open) break
        began += continuousSlots(between) + closingSlots
      }
    }
    place.session = entered
    place.slots = continuousSlots(entered)
  }

  const place = {
    session: NO_SESSION,
    slots: 0,
    slot: 0,
    index: 0,
    advance(openTime: number): boolean {
      const opens = openTime >= place.session.close
      if (opens) enter(openTime)
      const { session, slots } = place
      place.slot = openTime >= session.continuousEnd ? slots : (openTime - session.open) / MINUTE
      place.index = began + place.slot
      return opens
    },
    carry(tape: StateTape) {
      began = tape.number(began)
      const { date, open, continuousEnd, closingBar, close } = place.session
      const session = {
        date: tape.text(date),
        open: tape.number(open),
        continuousEnd: tape.number(continuousEnd),
        closingBar: nullable(tape.number(closingBar ?? Number.NaN)),
        close: tape.number(close),
      }
      place.session = session.close === NO_SESSION.close ? NO_SESSION : session
      place.slots = tape.number(place.slots)
      place.slot = tape.number(place.slot)
      place.index = tape.number(place.index)
    },
  }
  return place
}

/** NaN stands for null on a tape. */
const nullable = (value: number): number | null => (Number.isNaN(value) ? null : value)

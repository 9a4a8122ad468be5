import { MINUTE } from './bar.ts'
import type { Calendar, Session } from './session.ts'

/** Finished sessions before a stock's own time of day counts, and the weight of the market's shape beside it, in sessions. */
const OWN_FROM = 5
const SHAPE_WEIGHT = 5
/** Minutes that share one factor. */
const BIN = 10
/** One session's bin counts for at most this multiple of what was expected, so that an event does not become a habit. */
const HABIT_CAP = 4

/** How much trades at each time of the session, as a multiple of the session's mean minute. */
export interface Profile {
  /** Expected multiple at a slot of the session. */
  factor(slot: number): number
  /** One traded minute: its volume as a multiple of the baseline's mean. */
  add(slot: number, multiple: number): void
  /** The session is over: its bins become part of the profile. */
  turn(): void
  /** Whether the stock's own time of day takes part. */
  readonly own: boolean
}

/** The slot of the closing auction's bar, however long the session. */
export const CLOSING = Infinity

/** The continuous minutes of a session. */
export const continuousSlots = (session: Session): number => (session.continuousEnd - session.open) / MINUTE

/**
 * Volume by time of day. It starts from the market's general shape: in a market with sessions a high open that decays within an hour or two,
 * a quiet middle and a rising end (the U of A. Admati, P. Pfleiderer, Review of Financial Studies 1 (1988) 3–40), with the auctions' bars apart; flat in a market that never closes.
 * After the stock's first five sessions, from the sixth on, its own ones are blended in.
 */
export const createProfile = (calendar: Calendar, slots: number): Profile => {
  const flat = calendar.name === '24h'
  // Bin 0 is the opening bar, the last bin the closing auction's; between them runs continuous trading.
  const bins = Math.ceil(slots / BIN) + 2
  const binOf = (slot: number) => {
    if (slot === CLOSING) return bins - 1
    return slot === 0 && !flat ? 0 : Math.min(bins - 2, 1 + Math.floor(slot / BIN))
  }
  const shape = Float64Array.from({ length: bins }, (_, bin) => {
    if (flat) return 1
    if (bin === 0) return 5
    if (bin === bins - 1) return 3
    const middle = (bin - 0.5) * BIN
    return 0.55 + 1.4 * Math.exp(-middle / 60) + 0.5 * Math.exp(-(slots - middle) / 60)
  })
  const factors = shape.slice()
  const totals = new Float64Array(bins)
  const now = new Float64Array(bins)
  let sessions = 0
  const minutesIn = (bin: number) =>
    bin === bins - 1 || (bin === 0 && !flat) ? 1 : Math.max(1, Math.min(BIN, slots - (bin - 1) * BIN) - (bin === 1 && !flat ? 1 : 0))

  return {
    factor: (slot) => factors[binOf(slot)]!,
    add(slot, multiple) {
      now[binOf(slot)]! += multiple
    },
    turn() {
      sessions++
      for (let bin = 0; bin < bins; bin++) {
        totals[bin]! += Math.min(now[bin]! / minutesIn(bin), HABIT_CAP * factors[bin]!)
        now[bin] = 0
        if (sessions >= OWN_FROM) factors[bin] = (totals[bin]! + SHAPE_WEIGHT * shape[bin]!) / (sessions + SHAPE_WEIGHT)
      }
    },
    get own() {
      return sessions >= OWN_FROM
    },
  }
}

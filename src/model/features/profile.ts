import type { MarketProfile } from './market.ts'
import type { Stateful } from './state-tape.ts'

/** The volume that a stock trades at each time of the session, as a multiple of its mean minute. */
export interface Profile extends Stateful {
  /** Expected multiple of one slot. */
  factor(slot: number): number
  /** Mean expected multiple of the slots `from … to`, both included. */
  mean(from: number, to: number): number
  /** Adds one traded minute: its volume as a multiple of the baseline's mean. */
  add(slot: number, multiple: number): void
  /** Ends the session: its minutes become part of the profile. The next one has so many continuous slots. */
  turn(slots: number): void
  /** Finished sessions that take part beside the market's profile. */
  readonly sessions: number
}

/**
 * Volume by time of day: the market's profile, blended with the stock's own finished sessions. Volume is high at the
 * open and at the close of a market with sessions: A. Admati, P. Pfleiderer, "A theory of intraday patterns: volume and
 * price variability", Review of Financial Studies 1 (1988) 3–40.
 *
 * @param slots - continuous minutes of the first session
 * @param weight - sessions at which the stock's own minutes weigh as much as the market's profile
 */
export const createProfile = (
  { starts, multiples, closing }: MarketProfile,
  slots: number,
  weight: number,
): Profile => {
  /** Each step of the market's profile has a bin; the last bin is the closing auction's. */
  const bins = starts.length + 1
  const market = Float64Array.of(...multiples, closing)
  const factors = market.slice()
  const totals = new Float64Array(bins)
  const now = new Float64Array(bins)
  let sessions = 0
  let continuous = slots
  let binOf = new Uint8Array()
  /** Sums of the factors before each slot. */
  let sums = new Float64Array()

  const layOut = () => {
    binOf = new Uint8Array(continuous + 1)
    sums = new Float64Array(continuous + 2)
    for (let slot = 0, bin = 0; slot <= continuous; slot++) {
      while (bin + 1 < starts.length && slot >= starts[bin + 1]!) bin++
      binOf[slot] = slot === continuous ? bins - 1 : bin
      sums[slot + 1] = sums[slot]! + factors[binOf[slot]!]!
    }
  }
  layOut()

  return {
    factor: (slot) => factors[binOf[slot]!]!,
    mean: (from, to) => (sums[to + 1]! - sums[from]!) / (to - from + 1),
    add(slot, multiple) {
      now[binOf[slot]!]! += multiple
    },
    turn(next) {
      continuous = next
      // A market that never closes has no time of day.
      if (starts.length === 1) return layOut()
      sessions++
      const minutes = new Uint16Array(bins)
      for (const bin of binOf) minutes[bin]!++
      for (let bin = 0; bin < bins; bin++) {
        totals[bin]! += minutes[bin]! > 0 ? now[bin]! / minutes[bin]! : factors[bin]!
        now[bin] = 0
        factors[bin] = (totals[bin]! + weight * market[bin]!) / (sessions + weight)
      }
      layOut()
    },
    get sessions() {
      return sessions
    },
    carry(tape) {
      continuous = tape.number(continuous)
      sessions = tape.number(sessions)
      for (const column of [factors, totals, now]) tape.column(column)
      layOut()
    },
  }
}

import { weekdayIndex } from './days.ts'
import { random } from './random.ts'
import { SIMULATED_FIRST_WATCHED, SIMULATED_STOCKS, type SimulatedStock } from './stocks.ts'

/** Something that does not happen in an ordinary minute. */
export interface SimulatedEvent {
  readonly kind: 'pump' | 'climb' | 'dump' | 'burst'
  /** Minutes after the open at which it starts. */
  readonly at: number
  /** Minutes until it is at its height. */
  readonly rise: number
  /** Log price at its height. */
  readonly move: number
  /** Trades at its height, as a multiple of the usual. */
  readonly trades: number
  /** Minutes in which half of it is gone again. */
  readonly halfLife: number
}

/** Before the first live session history is quiet: about one event a stock in this many sessions. */
const SESSIONS_PER_EVENT = 5
/** Daily volatility of a stock that events move by their full size. */
const LIVELY_SIGMA = 0.028
/** Minute of the first live session at which the first stock moves: two minutes after the market's clock starts there. */
export const FIRST_START_MINUTE = 40
const FIRST_EVENT_MINUTE = FIRST_START_MINUTE + 2
const [FIRST_SLOT, LAST_SLOT] = [15, 335]

/**
 * The event of one stock in one session, or null. From `liveFrom` on every stock has one a session, spread evenly over the day,
 * watched ones and others by turns, so that a visitor sees something new every few minutes.
 */
export const simulatedEvent = (
  seed: number,
  stock: SimulatedStock,
  date: string,
  liveFrom: string,
): SimulatedEvent | null => {
  const { symbol } = stock.listing
  const stream = random(`${seed}|${symbol}|${date}|event`)
  if (date < liveFrom) {
    if (stream.uniform() >= 1 / SESSIONS_PER_EVENT) return null
    const lot = stream.uniform()
    return shaped(
      lot < 0.3 ? 'pump' : lot < 0.55 ? 'climb' : lot < 0.8 ? 'dump' : 'burst',
      stream.integer(20, 330),
      stock,
      stream.uniform,
    )
  }
  const first = date === liveFrom
  if (first && symbol === SIMULATED_STOCKS[0]?.listing.symbol)
    return { kind: 'pump', at: FIRST_EVENT_MINUTE, rise: 1, move: Math.log(1.085), trades: 60, halfLife: 12 }
  const begin = first ? FIRST_EVENT_MINUTE + 10 : FIRST_SLOT
  const slots = SIMULATED_STOCKS.length
  const slot = slotOf(seed, symbol, date)
  const at = Math.round(begin + ((LAST_SLOT - begin) * (slot + 0.15 + 0.5 * stream.uniform())) / slots)
  const lot = stream.uniform()
  return shaped(lot < 0.6 ? 'pump' : lot < 0.92 ? 'dump' : 'climb', at, stock, stream.uniform)
}

const shaped = (
  kind: SimulatedEvent['kind'],
  at: number,
  stock: SimulatedStock,
  uniform: () => number,
): SimulatedEvent => {
  const between = (low: number, high: number) => low + (high - low) * uniform()
  // A large company takes more to move.
  const weight = Math.min(1, stock.dailySigma / LIVELY_SIGMA)
  if (kind === 'pump')
    return {
      kind,
      at,
      rise: Math.floor(between(1, 3)),
      move: weight * between(0.07, 0.088),
      trades: between(36, 46),
      halfLife: between(10, 25),
    }
  if (kind === 'dump')
    return {
      kind,
      at,
      rise: Math.floor(between(1, 3)),
      move: -weight * between(0.068, 0.085),
      trades: between(36, 46),
      halfLife: between(15, 35),
    }
  if (kind === 'climb')
    return {
      kind,
      at,
      rise: Math.floor(between(6, 26)),
      move: weight * between(0.045, 0.085),
      trades: between(4, 8),
      halfLife: between(20, 40),
    }
  return { kind, at, rise: 1, move: weight * between(-0.006, 0.006), trades: between(20, 50), halfLife: 3 }
}

/** The stocks' order over a session's slots, drawn anew for every session: watched ones at even slots. */
const slotOf = (seed: number, symbol: string, date: string): number => {
  const stream = random(`${seed}|${weekdayIndex(date)}|slots`)
  const order = (from: number, to: number) =>
    SIMULATED_STOCKS.slice(from, to)
      .map(({ listing }) => ({ symbol: listing.symbol, lot: stream.uniform() }))
      .sort((a, b) => a.lot - b.lot)
      .map((drawn) => drawn.symbol)
  const watched = order(0, SIMULATED_FIRST_WATCHED)
  const others = order(SIMULATED_FIRST_WATCHED, SIMULATED_STOCKS.length)
  const at = watched.indexOf(symbol)
  return at >= 0 ? at * 2 : others.indexOf(symbol) * 2 + 1
}

/** Log price that the event adds at the end of a minute, and by how much it multiplies the trades in it. */
export const eventAt = (
  event: SimulatedEvent,
  minute: number,
  closingMinute: number,
): { move: number; trades: number } => {
  const into = minute - event.at
  if (into < 0) return { move: 0, trades: 1 }
  const done = Math.min(1, (into + 1) / event.rise)
  const fade = into < event.rise ? 1 : 0.5 ** ((into - event.rise) / event.halfLife)
  // Whatever is left is given back before the close: no event changes a session's last price.
  const untilClose = Math.min(1, Math.max(0, (closingMinute - minute) / 40))
  const sudden = event.kind === 'climb' ? done * done * (3 - 2 * done) : done ** 0.4
  const rush = event.kind === 'climb' ? 0.35 + 0.65 * done : into < event.rise ? 1 - 0.3 * (1 - done) : fade ** 4
  return { move: event.move * sudden * (0.15 + 0.85 * fade) * untilClose, trades: 1 + (event.trades - 1) * rush }
}

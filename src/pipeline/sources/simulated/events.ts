import { weekdayIndex } from './days.ts'
import { createRandom } from './random.ts'
import { SIMULATED_FIRST_WATCHED, SIMULATED_STOCKS, type SimulatedStock } from './stocks.ts'

/** A movement that does not happen in ordinary minutes. */
export interface SimulatedEvent {
  readonly kind: 'pump' | 'climb' | 'dump' | 'burst'
  /** The minute of its start, counted from the open. */
  readonly at: number
  /** Minutes from its start to its height. */
  readonly rise: number
  /** Log price that it adds at its height. */
  readonly move: number
  /** Trades at its height, as a multiple of the usual. */
  readonly trades: number
  /** Minutes in which half of it fades. */
  readonly halfLife: number
}

/** Before the first live session history is quiet: a stock has about one event in this many sessions. */
const SESSIONS_PER_EVENT = 5
/** Events move a stock by their full size if its daily volatility is at least this. */
const LIVELY_SIGMA = 0.028
/** The market's clock first starts at this minute of the first live session. */
export const FIRST_START_MINUTE = 40
/** The first stock moves in this minute of the first live session. */
const FIRST_EVENT_MINUTE = FIRST_START_MINUTE + 2
const [FIRST_SLOT, LAST_SLOT] = [15, 335]

/**
 * The event of one stock in one session, or null. From `liveFrom` on every stock has one event a session. The events
 * are spread evenly over the day, over watched stocks and others by turns, so that a visitor sees a new one every few
 * minutes.
 */
export const simulatedEvent = (
  seed: number,
  stock: SimulatedStock,
  date: string,
  liveFrom: string,
): SimulatedEvent | null => {
  const { symbol } = stock.listing
  const stream = createRandom(`${seed}|${symbol}|${date}|event`)
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

/** A number that is the same for every event of a kind, or the range from which it is drawn. */
type Drawn = number | readonly [low: number, high: number]

const SHAPES: Readonly<
  Record<SimulatedEvent['kind'], Readonly<Record<'rise' | 'move' | 'trades' | 'halfLife', Drawn>>>
> = {
  pump: { rise: [1, 3], move: [0.07, 0.088], trades: [36, 46], halfLife: [10, 25] },
  dump: { rise: [1, 3], move: [-0.068, -0.085], trades: [36, 46], halfLife: [15, 35] },
  climb: { rise: [6, 26], move: [0.045, 0.085], trades: [4, 8], halfLife: [20, 40] },
  burst: { rise: 1, move: [-0.006, 0.006], trades: [20, 50], halfLife: 3 },
}

const shaped = (
  kind: SimulatedEvent['kind'],
  at: number,
  stock: SimulatedStock,
  uniform: () => number,
): SimulatedEvent => {
  const draw = (drawn: Drawn) => (typeof drawn === 'number' ? drawn : drawn[0] + (drawn[1] - drawn[0]) * uniform())
  const { rise, move, trades, halfLife } = SHAPES[kind]
  // A large company takes more to move.
  const weight = Math.min(1, stock.dailySigma / LIVELY_SIGMA)
  return {
    kind,
    at,
    rise: Math.floor(draw(rise)),
    move: weight * draw(move),
    trades: draw(trades),
    halfLife: draw(halfLife),
  }
}

/** The stock's slot in a session. The order is drawn anew for every session; watched stocks get the even slots. */
const slotOf = (seed: number, symbol: string, date: string): number => {
  const stream = createRandom(`${seed}|${weekdayIndex(date)}|slots`)
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

/**
 * The log price that the event adds at the end of a minute, and the factor by which it multiplies the minute's trades.
 */
export const eventAt = (
  event: SimulatedEvent,
  minute: number,
  closingMinute: number,
): { move: number; trades: number } => {
  const into = minute - event.at
  if (into < 0) return { move: 0, trades: 1 }
  const done = Math.min(1, (into + 1) / event.rise)
  const fade = into < event.rise ? 1 : 0.5 ** ((into - event.rise) / event.halfLife)
  // The rest of the move fades before the close: no event changes a session's last price.
  const untilClose = Math.min(1, Math.max(0, (closingMinute - minute) / 40))
  const sudden = event.kind === 'climb' ? done * done * (3 - 2 * done) : done ** 0.4
  const rush = event.kind === 'climb' ? 0.35 + 0.65 * done : into < event.rise ? 1 - 0.3 * (1 - done) : fade ** 4
  return { move: event.move * sudden * (0.15 + 0.85 * fade) * untilClose, trades: 1 + (event.trades - 1) * rush }
}

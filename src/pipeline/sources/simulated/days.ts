import { dayOfDate } from '../../calendar/sessions.ts'
import { createRandom } from './random.ts'
import type { SimulatedStock } from './stocks.ts'
import { toTick } from './ticks.ts'

/** The simulated market's first session, a Thursday; before it there is no bar. */
export const SIMULATED_EPOCH = '2020-01-02'

/** One session of one stock: the prices that it starts from and ends at, and its mood. */
export interface SimulatedDay {
  readonly previousClose: number
  readonly close: number
  /** Multiplies every minute's volatility. */
  readonly volatility: number
  /** Multiplies every minute's trades. */
  readonly activity: number
}

/** The pull of the log price towards its home, per session. It keeps a price sensible over years. */
const PULL = 0.015
/** The part of a stock's mood that persists to the next session. */
const MOOD_STAYS = 0.8

/**
 * Makes the function from a date to that day of one stock; null before the epoch. Each day is computed from the one
 * before, from the epoch on, so closes connect whatever date is asked for first. Events inside a session never change
 * its close.
 */
export const createSimulatedDays = (seed: number, stock: SimulatedStock): ((date: string) => SimulatedDay | null) => {
  const stream = createRandom(`${seed}|${stock.listing.symbol}|days`)
  const first = weekdayIndex(SIMULATED_EPOCH)
  const home = Math.log(stock.price)
  const days: SimulatedDay[] = []
  let level = home
  let mood = 0
  let close = toTick(stock.price)
  const next = (): SimulatedDay => {
    mood = MOOD_STAYS * mood + Math.sqrt(1 - MOOD_STAYS ** 2) * stream.normal()
    const volatility = Math.exp(0.22 * mood)
    const shock = Math.max(-3, Math.min(3, stream.normal()))
    level = home + (1 - PULL) * (level - home) + stock.dailySigma * volatility * shock
    const previousClose = close
    close = toTick(Math.exp(level))
    return { previousClose, close, volatility, activity: Math.exp(0.35 * mood + 0.2 * stream.normal()) }
  }
  return (date) => {
    const index = weekdayIndex(date) - first
    if (index < 0) return null
    while (days.length <= index) days.push(next())
    return days[index]!
  }
}

/** The number of weekdays since Monday, 1970-01-05. */
export const weekdayIndex = (date: string): number => {
  const day = dayOfDate(date) - 4
  const week = Math.floor(day / 7)
  return week * 5 + Math.min(day - week * 7, 5)
}

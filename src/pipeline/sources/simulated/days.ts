import { dayOfDate } from '../../calendar/sessions.ts'
import { type Random, random } from './random.ts'
import type { SimulatedStock } from './stocks.ts'
import { toTick } from './ticks.ts'

/** The simulated market's first session, a Thursday; before it there is no bar. */
export const SIMULATED_EPOCH = '2020-01-02'

/** What one session of one stock starts from and ends at, and its mood. */
export interface SimulatedDay {
  readonly previousClose: number
  readonly close: number
  /** Multiplies every minute's volatility, and its trades. */
  readonly volatility: number
  readonly activity: number
}

/** Pull of the log price towards its home, per session; keeps a price sensible over years. */
const PULL = 0.015
/** Persistence of a stock's mood over sessions. */
const MOOD_STAYS = 0.8

/**
 * Days of one stock by date, each worked out from the one before, from the epoch on: closes connect, whatever is asked first.
 * What happens inside a session never changes its close.
 */
export const simulatedDays = (seed: number, stock: SimulatedStock): ((date: string) => SimulatedDay | null) => {
  const stream: Random = random(`${seed}|${stock.listing.symbol}|days`)
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

/** Weekdays since Monday, 1970-01-05. */
export const weekdayIndex = (date: string): number => {
  const day = dayOfDate(date) - 4
  const week = Math.floor(day / 7)
  return week * 5 + Math.min(day - week * 7, 5)
}

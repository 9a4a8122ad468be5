import { createTracker, type Reading } from '../features/features.ts'
import { marketOf } from '../features/markets.ts'
import { PARAMETERS } from '../features/parameters.ts'
import type { Ohlcv } from '../time/bar.ts'
import type { Calendar } from '../time/session.ts'
import { REMEMBERED_FROM } from './detector.ts'

/**
 * Measures the bars of one symbol as its detector does, without judging them.
 *
 * @returns a function of the next bar; null for a minute that models do not learn from, because too little trading lies
 *   before it. The reading is reused for the next bar
 */
export const createMeasurer = (calendar: Calendar): ((bar: Ohlcv) => Reading | null) => {
  const tracker = createTracker(calendar, marketOf(calendar.name), PARAMETERS)
  return (bar) => {
    const reading = tracker.push(bar)
    return reading.known && reading.have >= REMEMBERED_FROM ? reading : null
  }
}

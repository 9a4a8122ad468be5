import type { MarketCurves } from '../features/market.ts'
import type { Past } from './history.ts'
import { identifiedPool, type Pool } from './model.ts'
import { addedCounts, drawnCurve } from './rates.ts'

/** Stock-sessions at which the watched stocks weigh as much as the table that ships. */
const SHIPPED_WEIGHT = 200

/**
 * The curves of a market from the histories of all stocks that are watched in it, drawn towards the shipped ones.
 *
 * @param pasts - in an order that does not change, because the sums depend on it to the last bit
 * @param horizons - in minutes, shortest first; the histories have the same
 */
export const fitPool = (
  pasts: readonly Past[],
  horizons: readonly number[],
  shipped: MarketCurves,
  cutoff: number,
): Pool => {
  const combined = addedCounts(pasts.map((past) => past.combinedAlerts))
  return identifiedPool({
    cutoff,
    sessions: combined.sessions,
    curves: {
      horizons: Object.fromEntries(
        horizons.map((minutes, h) => {
          const counted = addedCounts(pasts.map((past) => past.alerts(h)))
          return [String(minutes), drawnCurve(counted, shipped.horizons[String(minutes)]!, SHIPPED_WEIGHT)]
        }),
      ),
      combined: drawnCurve(combined, shipped.combined, SHIPPED_WEIGHT),
    },
  })
}

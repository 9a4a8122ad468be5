import { createTracker, HORIZONS } from '../features/features.ts'
import { marketOf } from '../features/markets.ts'
import { PARAMETERS } from '../features/parameters.ts'
import { type Bar, MINUTE } from '../time/bar.ts'
import { barMinutes, type Calendar } from '../time/session.ts'
import { fitModel } from './fit.ts'
import { createHistory } from './history.ts'
import type { Cluster, Model } from './model.ts'

/** The fitted centers of one stock, as the operator sees them. */
export interface Centers {
  readonly symbol: string
  readonly k: number
  readonly features: 'seed' | 'model'
  /** Minutes clustered. */
  readonly rows: number
  /** The most ordinary first. */
  readonly clusters: readonly Cluster[]
  readonly inertia: number
  readonly seed: number
  readonly restarts: number
}

export interface CenterSettings {
  readonly symbol: string
  readonly k: number
  readonly seed: number
}

/**
 * The centers of these bars, in strict time order and inside sessions.
 *
 * @throws {RangeError} when there are too few bars for a single row
 */
export const fitCenters = (
  bars: readonly Bar[],
  settings: CenterSettings & { readonly calendar: Calendar },
): Centers => {
  const { symbol, k, seed, calendar } = settings
  const shipped = marketOf(calendar.name)
  const horizons = HORIZONS.slice(0, 1)
  const tracker = createTracker(calendar, shipped, PARAMETERS, horizons)
  const history = createHistory(horizons.length, PARAMETERS.alertHalfLife)
  const scores = new Float64Array(1)
  let sessionMinutes = 1
  let cutoff = 0
  for (const bar of bars) {
    const reading = tracker.push(bar)
    sessionMinutes = barMinutes(reading.session)
    cutoff = bar.openTime + MINUTE
    if (reading.opens) history.turn(reading.index, sessionMinutes)
    scores[0] = Math.log1p(reading.horizons[0]!.surge)
    if (reading.known) history.add(bar.openTime, reading, scores, scores[0])
  }
  if (history.count === 0)
    throw new RangeError(`not enough history for ${symbol}: ${bars.length} bars make no baseline`)
  const market = { ...shipped.curves, combined: shipped.curves.horizons[String(horizons[0])]! }
  const model = fitModel(history, { symbol, k, seed, cutoff, sessionMinutes, horizons, market, parameters: PARAMETERS })
  const [{ clusters, inertia, restarts }] = model.horizons as [Model['horizons'][number]]
  return { symbol, k, features: 'model', rows: model.rows, clusters, inertia, seed, restarts }
}

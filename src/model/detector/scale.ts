import { type MarketCurves, RATES } from '../features/market.ts'
import { scoreAt } from './rates.ts'

/**
 * Puts the scores of one horizon on the scale of one minute: the knots of a piecewise linear function, ascending.
 * Without knots scores stay as they are.
 */
export interface Scale {
  readonly from: readonly number[]
  readonly to: readonly number[]
}

/**
 * Scales of the horizons, in their order. A stretch is as odd as the single minute that is as rare. Rarity is counted
 * in *alerts*, because one slow move makes some fifteen far minutes and one alert. A longer horizon has `longShare`
 * alerts for each of one minute.
 */
export const scalesOf = (horizons: readonly number[], curves: MarketCurves, longShare: number): Scale[] => {
  const [shortest] = horizons
  const reference = curves.horizons[String(shortest)]!
  return horizons.map((minutes) => {
    if (minutes === shortest) return { from: [], to: [] }
    const curve = curves.horizons[String(minutes)]!
    return { from: RATES.map((rate) => scoreAt(curve, rate * longShare)), to: reference }
  })
}

/** The score on the scale of one minute; 0 stays 0, and beyond the last knot the last slope goes on. */
export const scaled = ({ from, to }: Scale, score: number): number => {
  if (from.length === 0 || score <= 0) return score
  if (score <= from[0]!) return (score * to[0]!) / from[0]!
  let right = 1
  while (right < from.length - 1 && from[right]! < score) right++
  const left = right - 1
  return to[left]! + ((to[right]! - to[left]!) * (score - from[left]!)) / Math.max(1e-9, from[right]! - from[left]!)
}

/** The inverse of {@link scaled}. */
export const unscaled = ({ from, to }: Scale, score: number): number => scaled({ from: to, to: from }, score)

/**
 * The horizon whose score is highest on the scale of one minute; the shorter of equal ones.
 *
 * @param scores - of each horizon, in its own unit
 */
export const oddest = (
  scales: readonly Scale[],
  scores: ArrayLike<number>,
): { readonly horizon: number; readonly score: number } => {
  let horizon = 0
  let most = -1
  for (let h = 0; h < scales.length; h++) {
    const score = scaled(scales[h]!, scores[h]!)
    if (score <= most) continue
    most = score
    horizon = h
  }
  return { horizon, score: most }
}

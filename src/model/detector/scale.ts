import { type MarketCurves, RATES } from '../features/market.ts'
import { scoreAt } from './rates.ts'

/** Puts the scores of one horizon on the scale of one minute: knots of a piecewise linear function, ascending; without any, scores stay as they are. */
export interface Scale {
  readonly from: readonly number[]
  readonly to: readonly number[]
}

/**
 * Scales of the horizons, in their order. A stretch is as odd as the minute that is as rare: equally rare in *alerts*, for one slow move makes some fifteen
 * far minutes and one alert. A longer horizon has `longShare` alerts for each of one minute.
 */
export const scalesOf = (horizons: readonly number[], curves: MarketCurves, longShare: number): Scale[] => {
  const [shortest] = horizons
  const reference = curves.horizons[String(shortest)]!
  return horizons.map((minutes) => {
    if (minutes === shortest) return { from: [], to: [] }
    const own = curves.horizons[String(minutes)]!
    return { from: RATES.map((rate) => scoreAt(own, rate * longShare)), to: reference }
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

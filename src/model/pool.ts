import { type FitSettings, fitModel } from './fit.ts'
import { type Past, ROWS } from './history.ts'
import type { Model } from './model.ts'

/**
 * One model of many stocks of a market: what is abnormal in it follows from all their episodes together, and lends its measure to stocks with
 * little history of their own. Every stock gives alike many of its newest minutes. Give the stocks in an order that does not change.
 *
 * @throws {RangeError} when no stock has a minute
 */
export const fitPool = (
  pasts: readonly Past[],
  settings: Pick<FitSettings, 'market' | 'k' | 'seed' | 'cutoff' | 'sessionMinutes'>,
): Model => {
  const known = pasts.filter((past) => past.span > 0)
  const share = Math.max(1, Math.floor(ROWS / Math.max(1, known.length)))
  return fitModel(
    known.flatMap((past) => past.rows().slice(-share)),
    {
      ...settings,
      symbol: '*',
      span: known.reduce((sum, past) => sum + past.span, 0),
      peaks: known.flatMap((past) => past.peaks()).sort((a, b) => b - a),
      pool: null,
    },
  )
}

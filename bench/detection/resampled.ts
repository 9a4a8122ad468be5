import { createSeededRandom } from '../../src/model/clusters/random.ts'
import { createDetector, type DetectorSettings } from '../../src/model/detector/detector.ts'
import { fitModel } from '../../src/model/detector/fit.ts'
import type { HistoryRow, Past } from '../../src/model/detector/history.ts'
import type { Model } from '../../src/model/detector/model.ts'
import { createAlertCounts } from '../../src/model/detector/rates.ts'
import { marketOf } from '../../src/model/features/markets.ts'
import { PARAMETERS } from '../../src/model/features/parameters.ts'
import { MINUTE } from '../../src/model/time/bar.ts'
import { barMinutes, type Session } from '../../src/model/time/session.ts'
import type { Scorer, Series } from './data.ts'

/** Minutes are drawn in half-hours, so that runs of odd minutes stay together. */
const BLOCK = 30 * MINUTE
const HORIZONS = [1]

/** The minutes that each model of one series is fitted to, by its cutoff, oldest first. */
type Pasts = ReadonlyMap<number, readonly HistoryRow[]>
type Settings = Omit<DetectorSettings, 'symbol' | 'horizons'>

const pastsOf = ({ symbol, bars }: Series, settings: Settings): Pasts => {
  const pasts = new Map<number, HistoryRow[]>()
  const plain = createDetector({ ...settings, symbol, horizons: HORIZONS }, (cutoff) => {
    pasts.set(cutoff, plain.past.rows(0))
    return null
  })
  for (const bar of bars) plain.push(bar)
  return pasts
}

/**
 * Draws half-hours of a past with replacement, as many as it has, and lays them end to end; alerts are counted anew.
 */
const drawnFrom = (rows: readonly HistoryRow[], session: Session, random: () => number): Past => {
  const first = Math.floor(rows[0]!.openTime / BLOCK)
  const blocks = Math.floor(rows.at(-1)!.openTime / BLOCK) - first + 1
  const byBlock = Map.groupBy(rows, ({ openTime }) => Math.floor(openTime / BLOCK) - first)
  const drawn = Array.from({ length: blocks }, (_, b) => {
    const from = Math.floor(random() * blocks)
    return (byBlock.get(from) ?? []).map((row) => ({ ...row, openTime: row.openTime + (b - from) * BLOCK }))
  }).flat()
  const sessions = (blocks * BLOCK) / (session.close - session.open)
  const counts = createAlertCounts(PARAMETERS.alertHalfLife)
  for (const { openTime, surge } of drawn) counts.add(openTime, Math.log1p(surge))
  const alerts = counts.snapshot(sessions)
  return {
    rows: () => drawn,
    columns: () => ({
      surges: Float32Array.from(drawn, ({ surge }) => surge),
      moves: Float32Array.from(drawn, ({ move }) => move),
      multiples: Float32Array.from(drawn, ({ multiple }) => multiple),
    }),
    alerts: () => alerts,
    combinedAlerts: alerts,
    count: drawn.length,
    sessions,
  }
}

/**
 * Scores by membership, with models whose training minutes are drawn anew at each fit. One object serves every seed and
 * k.
 */
export const resampledScorer = (settings: Settings): ((k: 2 | 3 | 4, seed: number) => Scorer) => {
  const { calendar } = settings
  const { curves } = marketOf(calendar.name)
  const market = { ...curves, combined: curves.horizons[String(HORIZONS[0])]! }
  const known = new Map<string, Pasts>()
  return (k, seed) => (series) => {
    const { symbol, bars } = series
    const pasts = known.get(symbol) ?? pastsOf(series, settings)
    known.set(symbol, pasts)
    const random = createSeededRandom(seed)
    const resampled = (cutoff: number): Model => {
      const session = calendar.sessionAt(cutoff)!
      return fitModel(drawnFrom(pasts.get(cutoff)!, session, random), {
        symbol,
        k,
        seed: settings.seed,
        cutoff,
        sessionMinutes: barMinutes(session),
        horizons: HORIZONS,
        market,
        parameters: PARAMETERS,
      })
    }
    const twin = createDetector({ ...settings, k, symbol, horizons: HORIZONS }, resampled)
    return Float64Array.from(bars, (bar) => {
      const judged = twin.push(bar)
      return judged.state === 'judged' && judged.why.direction === 'up' ? Number(judged.abnormal) : Number.NaN
    })
  }
}

import { type Bar, MINUTE } from '../../src/model/bar.ts'
import { cluster, nearest } from '../../src/model/clusters.ts'
import { seedRows } from '../../src/model/seed-rows.ts'
import type { Scorer, Series } from './data.ts'

/** Minutes that a rival's means look back, and its day of training. */
const HALF_DAY = 720
const DAY = 1440

/** What a rival reads of a bar and the minutes before it, minutes without a trade counting as 0 volume. */
interface Seen {
  readonly bar: Bar
  readonly previousClose: number
  readonly meanVolume: number
  readonly meanClose: number
  readonly sigma: number
  readonly returns: readonly number[]
  readonly volumes: readonly number[]
}

const overWindow =
  (score: (seen: Seen) => number): Scorer =>
  ({ bars }) => {
    let from = 0
    const returns = bars.map((bar, i) => Math.log(bar.close / (bars[i - 1] ?? bar).close))
    return Float64Array.from(bars, (bar, i) => {
      while (bars[from]!.openTime < bar.openTime - HALF_DAY * MINUTE) from++
      const before = bars.slice(from, i)
      if (before.length < 20) return Number.NaN
      const minutes = Math.min(HALF_DAY, (bar.openTime - bars[0]!.openTime) / MINUTE)
      const own = returns.slice(from, i)
      return score({
        bar,
        previousClose: bars[i - 1]!.close,
        meanVolume: before.reduce((sum, b) => sum + b.volume, 0) / minutes,
        meanClose: before.reduce((sum, b) => sum + b.close, 0) / before.length,
        sigma: Math.max(5e-4, Math.sqrt(own.reduce((sum, r) => sum + r * r, 0) / own.length)),
        returns: own,
        volumes: before.map((b) => b.volume),
      })
    })
  }

/** k-means (K = 2) on the first day's raw percents; then the distance to the bigger cluster's center, or whether a minute falls into the smaller. */
const raw =
  (flag: boolean): Scorer =>
  ({ bars }: Series) => {
    const rows = new Map(seedRows(bars).map(({ openTime, row }) => [openTime, row]))
    const start = bars[0]!.openTime
    // A session of a few hours trains on its first half-hour.
    const day = bars.at(-1)!.openTime - start > DAY * MINUTE ? DAY : 30
    const training = [...rows].flatMap(([time, row]) => (time < start + day * MINUTE ? [[...row]] : []))
    if (training.length < 2) return new Float64Array(bars.length).fill(Number.NaN)
    const { centroids } = cluster(training, { k: 2, seed: 1, restarts: 5 })
    return Float64Array.from(bars, ({ openTime }) => {
      const row = rows.get(openTime)
      if (!row) return Number.NaN
      const { index } = nearest(row, centroids)
      return flag ? Number(index > 0) : Math.hypot(row[0] - centroids[0]![0]!, row[1] - centroids[0]![1]!)
    })
  }

/** `least`: spread that a still series is taken to have. */
const robustZ = (value: number, values: readonly number[], least: number) => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted[sorted.length >> 1]!
  const deviations = sorted.map((v) => Math.abs(v - middle)).sort((a, b) => a - b)
  return (value - middle) / Math.max(least, 1.4826 * deviations[deviations.length >> 1]!)
}

const USUAL_SIGMA = 0.0031
/** The smallest difference of prices so far, as the reference takes it off a rise. */
const tickOf = (bars: readonly Bar[]) => bars.reduce((least, { high, low }) => (high > low ? Math.min(least, high - low) : least), Infinity)

export const RIVALS: Record<string, Scorer> = {
  'old rule: raw %, the smaller of two clusters': raw(true),
  'old features: raw %, distance to the big cluster': raw(false),
  'robust z (median, MAD) of rise and volume, summed': overWindow(({ bar, previousClose, returns, volumes }) => {
    const rise = robustZ(Math.log(bar.high / previousClose), returns, 2e-3)
    return rise + robustZ(Math.log1p(bar.volume), volumes.map(Math.log1p), 0.5)
  }),
  'Kamps & Kleinberg 2018, min(rise / 5 %, volume / 3×)': overWindow(({ bar, meanClose, meanVolume }) =>
    Math.min((bar.high / meanClose - 1) / 0.05, bar.volume / meanVolume / 3),
  ),
  'reference: product of two surges': (series) => {
    const tick = tickOf(series.bars.slice(0, 200))
    return overWindow(({ bar, previousClose, sigma, meanVolume }) => {
      const rise = Math.max(0, Math.log(bar.high / previousClose) - (Number.isFinite(tick) ? tick : 0) / previousClose)
      return Math.log1p((rise / (sigma ** 0.25 * USUAL_SIGMA ** 0.75)) * Math.log1p(bar.volume / meanVolume))
    })(series)
  },
}

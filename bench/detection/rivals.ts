import { changeRows } from '../../src/model/changes/rows.ts'
import { cluster, nearest } from '../../src/model/clusters/clusters.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import type { Calendar } from '../../src/model/time/session.ts'
import type { Scorer, Series } from './data.ts'
import { tradingMinutes } from './trading-minutes.ts'

/** Trading minutes over which a rival takes its means. */
const HALF_DAY = 720
/** The old rule's day of training, in minutes of the clock. */
const DAY = 1440

/** A bar and the numbers of the minutes before it that a rival reads; minutes without a trade count as 0 volume. */
interface Observation {
  readonly bar: Bar
  /** At a session's first bar it is that bar's open. */
  readonly previousClose: number
  readonly meanVolume: number
  readonly meanClose: number
  readonly sigma: number
  /** Log returns. */
  readonly returns: Float64Array
  /** ln(1 + volume). */
  readonly logVolumes: Float64Array
}

const overWindow =
  (calendar: Calendar, score: (observation: Observation) => number): Scorer =>
  ({ bars }) => {
    const { index, opens } = tradingMinutes(bars, calendar)
    const before = bars.map((bar, i) => (opens[i] ? bar.open : (bars[i - 1] ?? bar).close))
    const returns = Float64Array.from(bars, ({ close }, i) => Math.log(close / before[i]!))
    const volumes = Float64Array.from(bars, ({ volume }) => volume)
    const logVolumes = volumes.map(Math.log1p)
    const closes = Float64Array.from(bars, ({ close }) => close)
    let from = 0
    return Float64Array.from(bars, (bar, i) => {
      while (index[from]! < index[i]! - HALF_DAY) from++
      const count = i - from
      if (count < 20) return Number.NaN
      let [volume, close, square] = [0, 0, 0]
      for (let at = from; at < i; at++) {
        volume += volumes[at]!
        close += closes[at]!
        square += returns[at]! ** 2
      }
      return score({
        bar,
        previousClose: before[i]!,
        meanVolume: volume / Math.min(HALF_DAY, index[i]! - index[0]!),
        meanClose: close / count,
        sigma: Math.max(5e-4, Math.sqrt(square / count)),
        returns: returns.subarray(from, i),
        logVolumes: logVolumes.subarray(from, i),
      })
    })
  }

/**
 * k-means (K = 2) on the first day's raw percents. The score is the distance to the bigger cluster's center or, as a
 * flag, membership in the smaller one.
 */
const raw =
  (flag: boolean): Scorer =>
  ({ bars }: Series) => {
    const rows = new Map(changeRows(bars).map(({ openTime, row }) => [openTime, row]))
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

/** @param least - the spread of a series that does not move */
const robustZ = (value: number, values: Float64Array, least: number) => {
  const sorted = values.toSorted()
  const middle = sorted[sorted.length >> 1]!
  const deviations = sorted.map((v) => Math.abs(v - middle)).sort()
  return (value - middle) / Math.max(least, 1.4826 * deviations[deviations.length >> 1]!)
}

const USUAL_SIGMA = 0.0031
/** The smallest range of these bars, which the reference subtracts from a move. */
const tickOf = (bars: readonly Bar[]) =>
  bars.reduce((least, { high, low }) => (high > low ? Math.min(least, high - low) : least), Infinity)

/** Names of the rivals, for benches that show only some of them. */
export const OLD_RULE = 'old rule: raw %, the smaller of two clusters'
export const OLD_FEATURES = 'old features: raw %, distance to the big cluster'
const ROBUST = 'robust z (median, MAD) of move and volume, summed'
export const KAMPS = 'Kamps & Kleinberg 2018, min(move / 5 %, volume / 3×)'
export const REFERENCE = 'reference: plain product of two surges'

/**
 * Other detectors, by name.
 *
 * @param falls - true if falls count like rises; as published, only rises count
 */
export const rivals = (calendar: Calendar, falls: boolean): Record<string, Scorer> => {
  /** The move of the bar against a price, as a log return. */
  const moveOf = ({ high, low }: Bar, from: number) =>
    falls ? Math.max(Math.log(high / from), -Math.log(low / from)) : Math.log(high / from)
  return {
    [OLD_RULE]: raw(true),
    [OLD_FEATURES]: raw(false),
    [ROBUST]: overWindow(calendar, ({ bar, previousClose, returns, logVolumes }) => {
      const move = robustZ(moveOf(bar, previousClose), falls ? returns.map(Math.abs) : returns, 2e-3)
      return move + robustZ(Math.log1p(bar.volume), logVolumes, 0.5)
    }),
    [KAMPS]: overWindow(calendar, ({ bar, meanClose, meanVolume }) =>
      Math.min(Math.expm1(moveOf(bar, meanClose)) / 0.05, bar.volume / meanVolume / 3),
    ),
    [REFERENCE]: (series) => {
      const tick = tickOf(series.bars.slice(0, 200))
      return overWindow(calendar, ({ bar, previousClose, sigma, meanVolume }) => {
        const move = Math.max(0, moveOf(bar, previousClose) - (Number.isFinite(tick) ? tick : 0) / previousClose)
        return Math.log1p((move / (sigma ** 0.25 * USUAL_SIGMA ** 0.75)) * Math.log1p(bar.volume / meanVolume))
      })(series)
    },
  }
}

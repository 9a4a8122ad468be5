import type { Reading } from './features.ts'
import { createPeaks } from './peaks.ts'

/** Newest minutes kept for fitting: about ten sessions. */
export const ROWS = 4096
/** Episodes kept for the budget. */
const PEAKS = 1024

/** One measured minute. */
export interface HistoryRow {
  readonly openTime: number
  readonly surge: number
  readonly price: number
  readonly volume: number
}

/** What a model is fitted from: the newest minutes, and the peaks of the most severe episodes of all time. */
export interface Past {
  /** Oldest first, 4,096 at most. */
  rows(): HistoryRow[]
  /** Scores of the most severe episodes, highest first, 1,024 at most and the one that may go on. */
  peaks(): number[]
  /** Trading minutes from the first to the newest. */
  readonly span: number
}

/** A past that grows. */
export interface History extends Past {
  /** Minutes come in time order, each with its score. */
  add(openTime: number, reading: Reading, score: number): void
  /** Minutes added ever. */
  readonly count: number
}

/** A history without a minute. Features are kept in single precision; the oldest rows give way to the newest. */
export const createHistory = (): History => {
  let capacity = 512
  let times = new Float64Array(capacity)
  let values = new Float32Array(capacity * 3)
  let count = 0
  let firstIndex = 0
  let lastIndex = 0
  const peaks: number[] = []

  const keepPeak = (score: number) => {
    if (score <= 0 || (peaks.length === PEAKS && score <= peaks[PEAKS - 1]!)) return
    let lo = 0
    let hi = peaks.length
    while (lo < hi) {
      const middle = (lo + hi) >> 1
      if (peaks[middle]! >= score) lo = middle + 1
      else hi = middle
    }
    peaks.splice(lo, 0, score)
    if (peaks.length > PEAKS) peaks.pop()
  }
  const newest = createPeaks(keepPeak)

  return {
    add(openTime, reading, score) {
      if (count === 0) firstIndex = reading.index
      lastIndex = reading.index
      if (count === capacity && capacity < ROWS) {
        capacity *= 2
        const [oldTimes, oldValues] = [times, values]
        times = new Float64Array(capacity)
        values = new Float32Array(capacity * 3)
        times.set(oldTimes)
        values.set(oldValues)
      }
      const at = count % capacity
      times[at] = openTime
      values[3 * at] = reading.surge
      values[3 * at + 1] = reading.price
      values[3 * at + 2] = reading.volume
      count++
      newest.add(openTime, score)
    },
    rows() {
      const length = Math.min(count, capacity)
      const start = count > capacity ? count % capacity : 0
      return Array.from({ length }, (_, i) => {
        const at = (start + i) % capacity
        return { openTime: times[at]!, surge: values[3 * at]!, price: values[3 * at + 1]!, volume: values[3 * at + 2]! }
      })
    },
    peaks: () => {
      const now = peaks.slice()
      if (newest.open !== null && newest.open > 0) now.push(newest.open)
      return now.sort((a, b) => b - a)
    },
    get count() {
      return count
    },
    get span() {
      return count === 0 ? 0 : lastIndex - firstIndex + 1
    },
  }
}

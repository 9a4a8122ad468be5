import { EPISODE_GAP } from './episode.ts'

/**
 * The most severe score of each stretch of minutes, one stretch after another. A stretch ends ten minutes after its peak: a higher minute within
 * them is its peak from then on, the first minute after them begins the next stretch.
 */
export interface Peaks {
  /** Minutes come in time order. */
  add(openTime: number, score: number): void
  /** Of the stretch that may still go on; null before the first minute. */
  readonly open: number | null
}

/**
 * Peaks before the first minute.
 *
 * @param keep - gets the peak of each stretch that is over
 */
export const createPeaks = (keep: (score: number) => void): Peaks => {
  let peakTime = Number.NEGATIVE_INFINITY
  let peakScore: number | null = null
  return {
    add(openTime, score) {
      const apart = openTime - peakTime > EPISODE_GAP
      if (peakScore !== null) {
        if (!apart && score <= peakScore) return
        if (apart) keep(peakScore)
      }
      peakScore = score
      peakTime = openTime
    },
    get open() {
      return peakScore
    },
  }
}

/** The peaks of all these minutes, which come in time order; highest first. */
export const peaksOf = (minutes: Iterable<{ readonly openTime: number; readonly score: number }>): number[] => {
  const found: number[] = []
  const peaks = createPeaks((score) => found.push(score))
  for (const { openTime, score } of minutes) peaks.add(openTime, score)
  if (peaks.open !== null) found.push(peaks.open)
  return found.sort((a, b) => b - a)
}

/** Peaks whose mean excess tells how fast the tail falls. */
const TAIL = 10

/**
 * The score that `allowed` of these peaks reach (highest first). Between two peaks it is interpolated; beyond the highest the tail goes on as an
 * exponential one of the same slope: scores are logarithms, so surges have a Pareto tail.
 * B. M. Hill, "A simple general approach to inference about the tail of a distribution", Annals of Statistics 3 (1975) 1163–1174.
 */
export const reachedBy = (peaks: readonly number[], allowed: number): number => {
  if (!(allowed > 0)) return Infinity
  if (allowed >= peaks.length) return 0
  const tail = Math.min(TAIL, peaks.length - 1)
  if (allowed >= tail) {
    const rank = Math.floor(allowed)
    return peaks[rank]! + (peaks[rank - 1]! - peaks[rank]!) * (1 - (allowed - rank))
  }
  const slope = peaks.slice(0, tail).reduce((sum, peak) => sum + peak - peaks[tail]!, 0) / tail
  return peaks[tail]! + slope * Math.log(tail / allowed)
}

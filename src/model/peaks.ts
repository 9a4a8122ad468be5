import { EPISODE_GAP } from './episode.ts'

/** The most severe score of each stretch of neighbouring minutes, one stretch after another. */
export interface Peaks {
  /** Minutes come in time order. */
  add(openTime: number, score: number): void
  /** Of the stretch that may still go on; null before the first minute. */
  readonly open: number | null
}

/** @param keep - gets the peak of each stretch that is over */
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

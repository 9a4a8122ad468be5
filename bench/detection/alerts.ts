import { EPISODE_GAP } from '../../src/model/detector/episode.ts'

/** Scored minutes of one symbol, oldest first; NaN for a minute that was not judged. */
export interface Scored {
  readonly times: Float64Array
  readonly scores: Float64Array
}

/**
 * The number of alerts that a boundary raises: a minute within ten minutes of the last one above it belongs to the same
 * alert.
 */
export const alertsAt = (all: readonly Scored[], boundary: number): number => {
  let alerts = 0
  for (const { times, scores } of all) {
    let last = -Infinity
    for (let i = 0; i < scores.length; i++) {
      if (!(scores[i]! >= boundary)) continue
      if (times[i]! - last > EPISODE_GAP) alerts++
      last = times[i]!
    }
  }
  return alerts
}

/** The lowest boundary that raises at most so many alerts, to a ten-thousandth. */
export const boundaryFor = (all: readonly Scored[], alerts: number): number => {
  let [low, high] = [0, 16]
  while (high - low > 1e-4) {
    const middle = (low + high) / 2
    if (alertsAt(all, middle) > alerts) low = middle
    else high = middle
  }
  return high
}

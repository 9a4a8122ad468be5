/** A linear axis in numbers alone: bounds on ticks, distance of ticks, digits behind the point. */
export interface NiceTicks {
  readonly min: number
  readonly max: number
  readonly stepSize: number
  readonly decimals: number
}

const MOST_DECIMALS = 20
const TOLERANCE = 1e-9

/**
 * The finest of 1, 2 and 5 times a power of ten that needs at most `most` steps, never finer than `finest`. The bounds widen to the next tick: given
 * a step and bounds that are no multiple of it, Chart.js stretches steps of some hundreds and more until they fit, and labels come out crooked.
 */
export const niceTicks = (min: number, max: number, most: number, finest = 0): NiceTicks => {
  const least = Math.max((max - min) / most, finest, 1e-300)
  for (let exponent = Math.floor(Math.log10(least)); ; exponent++) {
    for (const digit of [1, 2, 5]) {
      const stepSize = decimal(digit, exponent)
      const first = Math.floor(min / stepSize + TOLERANCE)
      const last = Math.ceil(max / stepSize - TOLERANCE)
      if (stepSize < least * (1 - TOLERANCE) || last - first > most) continue
      return {
        min: decimal(first * digit, exponent),
        max: decimal(Math.max(last, first + 1) * digit, exponent),
        stepSize,
        decimals: Math.min(MOST_DECIMALS, Math.max(0, -exponent)),
      }
    }
  }
}

/** The double nearest to digits · 10^exponent: 5 * 10 ** -9 is not, and Chart.js counts the digits of what it is given. */
const decimal = (digits: number, exponent: number): number => Number(`${digits}e${exponent}`)

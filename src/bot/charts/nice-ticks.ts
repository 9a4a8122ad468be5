/** The numbers of a linear axis: bounds that are ticks, distance of ticks, digits behind the point. */
export interface NiceTicks {
  readonly min: number
  readonly max: number
  readonly stepSize: number
  readonly decimals: number
}

const MOST_DECIMALS = 20
const TOLERANCE = 1e-9

/**
 * The finest step of 1, 2 or 5 times a power of ten that needs at most `most` steps and is not finer than `finest`. The
 * bounds widen to the next tick, because Chart.js changes large steps to fit bounds that are no multiple of them, and
 * then writes odd labels.
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

/**
 * The double nearest to digits · 10^exponent. The product 5 * 10 ** -9 is another one, and Chart.js counts its digits.
 */
const decimal = (digits: number, exponent: number): number => Number(`${digits}e${exponent}`)

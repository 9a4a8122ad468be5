/** Volume by time of day as a step function: `multiples[i]` of the session's mean minute from slot `starts[i]` on. */
export interface MarketProfile {
  readonly starts: readonly number[]
  readonly multiples: readonly number[]
  /** The multiple of the closing auction's bar. */
  readonly closing: number
}

/** Scores that a minute must reach to be an alert at each of {@link RATES}, ascending. */
export type RateCurve = readonly number[]

/** The usual numbers of a market, known before any stock of it has been watched. */
export interface Market {
  /** Root mean square one-minute log return of its middle stock. */
  readonly usualMove: number
  /** Root mean square overnight gap, as a log return. */
  readonly usualGap: number
  readonly profile: MarketProfile
  readonly curves: MarketCurves
}

/** Scores that a stock reaches at each rate: over one minute, over longer stretches, and by whichever is the odder. */
export interface MarketCurves {
  /** By minutes of the stretch; scores in that stretch's own unit. */
  readonly horizons: Readonly<Record<string, RateCurve>>
  /** All horizons together, on the scale of one minute. */
  readonly combined: RateCurve
}

/** The rates, in alerts a stock and session, at which a curve is known; each is 1.7 times as rare as the one before. */
export const RATES: readonly number[] = [
  8, 4.7, 2.8, 1.6, 0.96, 0.56, 0.33, 0.2, 0.11, 0.067, 0.04, 0.023, 0.014, 0.008,
]

import { createSeededRandom } from '../../src/model/clusters/random.ts'
import { type FitSettings, fitModel } from '../../src/model/detector/fit.ts'
import { createHistory, type History } from '../../src/model/detector/history.ts'
import type { Model } from '../../src/model/detector/model.ts'
import { oddest, scalesOf } from '../../src/model/detector/scale.ts'
import type { HorizonReading, Reading } from '../../src/model/features/features.ts'
import { marketOf } from '../../src/model/features/markets.ts'
import { PARAMETERS } from '../../src/model/features/parameters.ts'
import { MINUTE } from '../../src/model/time/bar.ts'
import { START } from './bars.ts'

export const SESSION_MINUTES = 381
export const { curves: MARKET } = marketOf('krx')

/** Surges with a Pareto tail, as those of real stocks have. */
export const surgesOf = (count: number, seed: number, tail = 1): number[] => {
  const random = createSeededRandom(seed)
  return Array.from({ length: count }, () => 0.4 * ((1 - random()) ** (-tail / 2) - 1))
}

/** One reading, with the fields that a history stores. */
export const readingOf = (index: number, surges: readonly number[]): Reading => {
  const horizons = surges.map(
    (surge): Partial<HorizonReading> => ({ surge, move: -surge / 1_000, volume: 3 * surge, usualVolume: 1 }),
  )
  return { index, horizons } as unknown as Reading
}

/** The past of a stock that traded every minute, one list of surges a horizon. */
export const pastOf = (...surges: readonly (readonly number[])[]): History => {
  const horizons = [1, 15].slice(0, surges.length)
  const history = createHistory(horizons.length, PARAMETERS.alertHalfLife)
  const scales = scalesOf(horizons, MARKET, PARAMETERS.longShare)
  for (let i = 0; i < surges[0]!.length; i++) {
    if (i % SESSION_MINUTES === 0) history.turn(i, SESSION_MINUTES)
    const ofMinute = surges.map((all) => all[i]!)
    const scores = Float64Array.from(ofMinute, Math.log1p)
    history.add(timeOf(i), readingOf(i, ofMinute), scores, oddest(scales, scores).score)
  }
  return history
}

/** Start of the minute of this index. */
export const timeOf = (index: number): number =>
  START + Math.floor(index / SESSION_MINUTES) * 1_440 * MINUTE + (index % SESSION_MINUTES) * MINUTE

export const settingsOf = (settings: Partial<FitSettings> = {}): FitSettings => ({
  symbol: '038530',
  k: 4,
  seed: 1,
  cutoff: START,
  sessionMinutes: SESSION_MINUTES,
  horizons: [1],
  market: { ...MARKET, combined: MARKET.horizons['1']! },
  parameters: PARAMETERS,
  ...settings,
})

/** A model of one-minute surges. */
export const modelOf = (surges: readonly number[], settings: Partial<FitSettings> = {}): Model =>
  fitModel(pastOf(surges), settingsOf(settings))

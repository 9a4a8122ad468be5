import type { Model } from './model.ts'
import { reachedBy } from './peaks.ts'
import { type Calendar, sessionsPerWeek } from './session.ts'

/**
 * Surge of an abnormal minute in a market of which nothing is known yet. One that never closes bursts harder at equal rarity than one with
 * sessions, so what is abnormal in one says little about the other.
 */
const MARKETS: Record<Calendar['name'], number> = { '24h': 1200, krx: 315, weekdays: 315 }
/** Episodes a week that are too common to be abnormal: the budget of a channel that was told nothing. */
const COMMON_PER_WEEK = 3
/** Sessions after which the stock's own history weighs as much as the market, and how far it may part from it. */
const OWN_WEIGHT = 60
const OWN_LEAST = 0.5

/**
 * What is abnormal here, as a surge. A quiet history has no abnormal minute to learn from, and one with an old event must not take it for the
 * measure of the next; so every fit is given a few minutes at this surge, and cuts off its own there. It is the market's (from the pooled model
 * where there is one), drawn towards the stock's own by how long its history is, as logarithms: the own one is twice the surge that episodes
 * reach as often as is common.
 */
export const anchorOf = (
  market: Calendar['name'],
  own: { readonly peaks: readonly number[]; readonly sessions: number },
  pool: Model | null,
): number => {
  const prior = pool?.anchor ?? MARKETS[market]
  if (own.sessions <= 0 || own.peaks.length < 2) return prior
  const common = 2 * Math.expm1(reachedBy(own.peaks, (COMMON_PER_WEEK * own.sessions) / sessionsPerWeek(market)))
  const weight = own.sessions / (own.sessions + OWN_WEIGHT)
  return prior * Math.max(common / prior, OWN_LEAST) ** weight
}

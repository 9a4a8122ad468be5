import type { Model } from './model.ts'
import { reachedBy } from './peaks.ts'

/**
 * The score that a minute must reach to be worth a ping at this budget: the episodes of the stock's own history that reach it are as many as the
 * budget allows for that time. A history too short to hold one such episode says little about its size: then a minute as far out as the model's
 * anchor, and as the one episode that the history may hold, is worth a ping in any case, so that a lively day does not hide an event. Infinite for a budget of none.
 */
export const boundary = (model: Model, alertsPerWeek: number): number => {
  if (!(alertsPerWeek > 0)) return Infinity
  const { peaks, sessions, sessionsPerWeek } = model
  if (peaks.length < 2) return 0
  const allowed = (alertsPerWeek * sessions) / sessionsPerWeek
  const reached = reachedBy(peaks, allowed)
  const usual = allowed < 1 ? Math.min(reached, Math.max(Math.log1p(model.anchor), reachedBy(peaks, 1))) : reached
  return Math.max(usual, lately(model, alertsPerWeek))
}

/** A market that has become livelier than its past would spend a multiple of the budget: then the last two weeks are the measure. */
const lately = ({ recent }: Model, alertsPerWeek: number): number => {
  const allowed = alertsPerWeek * recent.weeks
  return allowed < 1 || recent.peaks.length < 2 ? 0 : reachedBy(recent.peaks, allowed)
}

import type { Model } from './model.ts'
import { scoreAt } from './rates.ts'

/**
 * The score that a minute of this stock must reach to be worth a ping at so many alerts a session: the past of the
 * stock and of its market reached it as often. Up to the liveliest level it lies inside the abnormal cluster of each
 * horizon; a minute below that cluster is no signal in any case. Infinite for no alerts.
 */
export const boundary = (model: Model, alertsPerSession: number): number => scoreAt(model.curve, alertsPerSession)

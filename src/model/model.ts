import { createHash } from 'node:crypto'
import type { Recent } from './recent.ts'

/** A fitted detector: plain data, the same JSON for the same history, seed and settings. */
export interface Model {
  readonly version: 1
  /** Hash of everything below. */
  readonly id: string
  /** The stock, or `*` for a market's pooled model. */
  readonly symbol: string
  readonly k: number
  readonly seed: number
  /** End of the history it learned from, exclusive: it may judge minutes from here on. */
  readonly cutoff: number
  /** Minutes it was fitted to: the newest of the history. */
  readonly rows: number
  /** Sessions that its history spans, in parts of a session. */
  readonly sessions: number
  /** Sessions a week of its market: 5, or 7 for a market that never closes. */
  readonly sessionsPerWeek: number
  /** Minutes of a whole session. */
  readonly sessionMinutes: number
  /** What was clustered. */
  readonly clustered: 'surge'
  /** Surge of what is abnormal here; see `anchorOf`. Minutes beyond it count as it, and a few like it are added to every fit. */
  readonly anchor: number
  /** How many were added. */
  readonly anchors: number
  /** Ordered by center, the most ordinary first. Fewer than k when the minutes have fewer distinct surges. */
  readonly clusters: readonly Cluster[]
  /** The stated rule: a cluster is abnormal when its center reaches this surge, three fifths of the anchor. */
  readonly abnormalFrom: number
  readonly inertia: number
  readonly restarts: number
  /** Scores of the history's most severe episodes, highest first: the budget's measure. */
  readonly peaks: readonly number[]
  /** The newest of them: what the budget has been spent on lately. */
  readonly recent: Recent
  /** Minutes that a session without events, all of it traded, would flag: from a seeded surrogate of the stock's own history. */
  readonly noisePerSession: number
}

/** One cluster of a model. */
export interface Cluster {
  /** Minutes of the history in it; added anchors do not count. */
  readonly size: number
  readonly abnormal: boolean
  /** `surge` is the coordinate that decides membership; the others are means over the cluster's minutes. */
  readonly center: Readonly<Record<string, number>>
}

/** The model of this content: its id is the first 16 hex digits of the SHA-256 of the content's JSON. */
export const identified = (content: Omit<Model, 'id' | 'version'>): Model => ({
  version: 1,
  id: createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16),
  ...content,
})

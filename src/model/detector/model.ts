import { createHash } from 'node:crypto'
import type { MarketCurves, RateCurve } from '../features/market.ts'
import type { Scale } from './scale.ts'

/** A fitted detector: plain data, the same JSON for the same history, market, seed and settings. */
export interface Model {
  readonly version: 2
  /** Hash of everything below. */
  readonly id: string
  readonly symbol: string
  readonly k: number
  readonly seed: number
  /** End of the history it learned from, exclusive: it may judge minutes from here on. */
  readonly cutoff: number
  /** Minutes it was fitted to: the newest of the history. */
  readonly rows: number
  /** Sessions that its history spans, in parts of a session; old ones count for less. */
  readonly sessions: number
  /** Shortest first. */
  readonly horizons: readonly HorizonModel[]
  /** How far out a minute of this stock must be, on the scale of one minute, for so many alerts a session: its own past drawn towards its market's. */
  readonly curve: RateCurve
  /** Minutes that a session without events, all of it traded, would put into an abnormal cluster of the shortest horizon. */
  readonly noisePerSession: number
}

/** The clusters of one horizon. */
export interface HorizonModel {
  /** Of the stretch. */
  readonly minutes: number
  /** Puts its scores on the scale of one minute. */
  readonly scale: Scale
  /** Ordered by center, the most ordinary first; the last one is the abnormal one. Fewer than k when the minutes have fewer distinct surges. */
  readonly clusters: readonly Cluster[]
  /** Scores of this horizon, ln(1 + surge), from which the next cluster begins: one fewer than clusters. */
  readonly edges: readonly number[]
  /**
   * The stated rule: the furthest cluster is the abnormal one, and it holds this score, which minutes of this stock reach twice a session: so often that no
   * channel can ask for more. Minutes beyond it count as no further out when the clusters are fitted.
   */
  readonly widest: number
  /** Minutes at that score which the market lends to the fit. */
  readonly lent: number
  readonly inertia: number
  readonly restarts: number
}

/** One cluster of a horizon. */
export interface Cluster {
  /** Minutes of the history in it; lent ones do not count. */
  readonly size: number
  readonly abnormal: boolean
  /** `surge` is the coordinate that decides membership; `move` (log return, unsigned) and `multiple` (of the usual volume) are medians over its minutes. */
  readonly center: Readonly<Record<string, number>>
}

/** What is known of a whole market at one time: the curves of all that is watched in it, drawn towards the table that ships. */
export interface Pool {
  readonly version: 2
  readonly id: string
  readonly cutoff: number
  /** Stock-sessions that it was counted over. */
  readonly sessions: number
  readonly curves: MarketCurves
}

const hash = (content: object): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)

/** The model of this content: its id is the first 16 hex digits of the SHA-256 of the content's JSON. */
export const identified = (content: Omit<Model, 'id' | 'version'>): Model => ({
  version: 2,
  id: hash(content),
  ...content,
})

/** The pool of this content, named alike. */
export const identifiedPool = (content: Omit<Pool, 'id' | 'version'>): Pool => ({
  version: 2,
  id: hash(content),
  ...content,
})

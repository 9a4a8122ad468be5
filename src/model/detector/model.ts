import { createHash } from 'node:crypto'
import type { MarketCurves, RateCurve } from '../features/market.ts'
import type { Scale } from './scale.ts'

/** A fitted detector: plain data, the same JSON for the same history, market, seed and settings. */
export interface Model {
  readonly version: 2
  /** Hash of all fields below. */
  readonly id: string
  readonly symbol: string
  readonly k: number
  readonly seed: number
  /** End of the history it learned from, exclusive: it may judge minutes from here on. */
  readonly cutoff: number
  /** The number of minutes that it was fitted to: the newest of the history. */
  readonly rows: number
  /** Sessions that its history spans, the last one in part; old ones count for less. */
  readonly sessions: number
  /** Shortest first. */
  readonly horizons: readonly HorizonModel[]
  /**
   * Scores on the scale of one minute that this stock reaches at each rate: its own past drawn towards its market's.
   */
  readonly curve: RateCurve
  /**
   * Minutes that a session without events, all of it traded, would put into the shortest horizon's abnormal cluster.
   */
  readonly noisePerSession: number
  /** The imported centers of the market that its clusters are; absent if they were fitted to its own minutes. */
  readonly imported?: { readonly id: string; readonly origin: string; readonly importedAt: number }
}

/** The clusters of one horizon. */
export interface HorizonModel {
  /** Length of the stretch. */
  readonly minutes: number
  /** Puts its scores on the scale of one minute. */
  readonly scale: Scale
  /**
   * Ordered by center, the most ordinary first; the last one is abnormal. Fewer than k if the minutes have fewer
   * distinct surges.
   */
  readonly clusters: readonly Cluster[]
  /** Scores of this horizon, ln(1 + surge), from which the next cluster begins: one fewer than clusters. */
  readonly edges: readonly number[]
  /**
   * The furthest cluster is the abnormal one, and it holds this score, which minutes of this stock reach twice a
   * session. No channel can ask for more alerts than that. Minutes beyond it count as no further out when the clusters
   * are fitted.
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
  /**
   * `surge` decides membership; `move` (log return, unsigned) and `multiple` (of the usual volume) are medians over its
   * minutes.
   */
  readonly center: Readonly<Record<string, number>>
}

/** The curves of a whole market at one time: those of all watched stocks, drawn towards the table that ships. */
export interface Pool {
  readonly version: 2
  readonly id: string
  readonly cutoff: number
  /** Stock-sessions that it was counted over. */
  readonly sessions: number
  readonly curves: MarketCurves
}

/** Cluster centers of a whole market that were fitted elsewhere, or their removal. */
export interface MarketCenters {
  readonly version: 2
  readonly id: string
  /** Open of the first session that they judge. */
  readonly cutoff: number
  /** The time of the import or the removal, by our clock. */
  readonly importedAt: number
  /** Their origin in their own words, as in `Spark 4.2.0, KOSDAQ 2023 to 2025`. */
  readonly origin: string
  /** The surges of the centers, ascending, by minutes of the stretch; empty for a removal. */
  readonly surges: Readonly<Record<string, readonly number[]>>
}

const hash = (content: object): string =>
  createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16)

/** The model of this content: its id is the first 16 hex digits of the SHA-256 of the content's JSON. */
export const identified = (content: Omit<Model, 'id' | 'version'>): Model => ({
  version: 2,
  id: hash(content),
  ...content,
})

/** The pool of this content, with an id made alike. */
export const identifiedPool = (content: Omit<Pool, 'id' | 'version'>): Pool => ({
  version: 2,
  id: hash(content),
  ...content,
})

/** The centers with this content, with an id made alike. */
export const identifiedCenters = (content: Omit<MarketCenters, 'id' | 'version'>): MarketCenters => ({
  version: 2,
  id: hash(content),
  ...content,
})

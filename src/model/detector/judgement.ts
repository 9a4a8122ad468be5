/**
 * The rank of a minute among all minutes of this symbol judged up to it: 1 of `of` is the most unusual. It never
 * changes later.
 */
export interface Severity {
  readonly rank: number
  readonly of: number
}

/**
 * The numbers behind a judgement, over the horizon that makes the minute odd, each beside its usual value. All can be
 * computed again from the stored bars.
 */
export interface Why {
  /** Minutes of the stretch that ends with this minute: 1 is the minute alone. */
  readonly horizon: number
  readonly direction: 'up' | 'down'
  /**
   * The price before the stretch: the last close at least so many minutes back in the session, else its open; if `gap`,
   * the last session's close.
   */
  readonly reference: number
  /** True if the overnight gap makes the minute odd. */
  readonly gap: boolean
  /**
   * Largest move against the reference inside the minute, in percent: the high's if `up`, the low's (negative) if
   * `down`; the open's if `gap`.
   */
  readonly movePercent: number
  /**
   * Usual move of such a stretch, in percent: √horizon × the root mean square of the baseline's one-minute returns; if
   * `gap`, that of past gaps.
   */
  readonly typicalMovePercent: number
  /** Volume of the stretch, in shares (or coins). */
  readonly volume: number
  /** Usual volume of as many minutes at this time of day; minutes without a trade count as 0. */
  readonly typicalVolume: number
  /** volume / typicalVolume; null if the typical volume is 0. */
  readonly volumeMultiple: number | null
  /** Σ close × volume, in the exchange's currency. */
  readonly turnover: number
  readonly typicalTurnover: number
  /** Shares of the move (`price`) and of the volume in the surge; they add up to 1. */
  readonly drivers: Readonly<Record<string, number>>
  readonly baselineMinutes: number
  /** True once the typical volume knows the stock's own time of day. */
  readonly timeOfDay: boolean
}

/** The minute is not judged, because too little history lies before it. */
export interface Learning {
  readonly state: 'learning'
  readonly openTime: number
  /** Minutes of history before this one. */
  readonly have: number
  /** Minutes of history that the first judgement needs. */
  readonly need: number
}

/** The part of a judgement that does not depend on the features measured. */
export interface Verdict {
  readonly state: 'judged'
  readonly openTime: number
  readonly modelId: string
  /** 0 … k − 1 among the horizon's clusters, ordered by center: 0 is the most ordinary. */
  readonly cluster: number
  /** True if that cluster is abnormal by the model's rule. */
  readonly abnormal: boolean
  /** Higher is odder; comparable over all minutes of the symbol that this version of the detector judged. */
  readonly score: number
  readonly severity: Severity
  readonly features: Readonly<Record<string, number>>
}

/** A verdict with the numbers behind it. */
export interface Judged extends Verdict {
  /** Length of the stretch that makes it odd, in minutes; 1 is the minute alone. */
  readonly horizon: number
  /** The number of clusters of that horizon. */
  readonly clusters: number
  readonly why: Why
}

/** The detector's answer to one bar. */
export type Judgement = Learning | Judged

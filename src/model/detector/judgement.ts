/** How unusual a minute is among all minutes of this symbol judged before it, itself included: rank 1 of `of` is the most unusual. Never re-scaled later. */
export interface Severity {
  readonly rank: number
  readonly of: number
}

/** What happened beside what is usual for it, over the horizon that makes the minute odd. Every number can be computed again from the stored bars. */
export interface Why {
  /** Minutes of the stretch that ends with this minute: 1 is the minute alone. */
  readonly horizon: number
  readonly direction: 'up' | 'down'
  /** The price before the stretch: the last close at least so many minutes back in the session, else its open; the last session's close when `gap`. */
  readonly reference: number
  /** The overnight gap is what is odd. */
  readonly gap: boolean
  /** Largest move against the reference inside the minute, in percent: of the high when `up`, of the low (negative) when `down`; the open's when `gap`. */
  readonly movePercent: number
  /** What such a stretch usually moves: √horizon × the root mean square of the one-minute returns of the baseline, in percent; of past gaps when `gap`. */
  readonly typicalMovePercent: number
  /** Of the stretch. */
  readonly volume: number
  /** Mean volume of the baseline's minutes at this time of day, over as many of them; minutes without a trade count as 0. */
  readonly typicalVolume: number
  /** volume / typicalVolume; null when nothing was traded in the baseline. */
  readonly volumeMultiple: number | null
  /** Σ close × volume, in the venue's currency. */
  readonly turnover: number
  readonly typicalTurnover: number
  /** The parts of the surge that the move alone and the volume beside it make, which add up to 1. */
  readonly drivers: Readonly<Record<string, number>>
  /** Minutes in the baseline, and whether it knows the stock's own time of day. */
  readonly baselineMinutes: number
  readonly timeOfDay: boolean
}

/** Not judged: too little history before this minute. */
export interface Learning {
  readonly state: 'learning'
  readonly openTime: number
  readonly have: number
  /** Minutes of history that the first judgement needs. */
  readonly need: number
}

/** What every judgement of a minute says, whatever was measured. */
export interface Verdict {
  readonly state: 'judged'
  readonly openTime: number
  readonly modelId: string
  /** 0 … k − 1 of the horizon's clusters, ordered by center: 0 is the most ordinary. */
  readonly cluster: number
  /** Whether that cluster is one of the abnormal ones by the model's stated rule. */
  readonly abnormal: boolean
  /** Higher is odder; comparable over all minutes of the symbol that this version of the detector judged. */
  readonly score: number
  readonly severity: Severity
  readonly features: Readonly<Record<string, number>>
}

/** A verdict with the facts behind it. */
export interface Judged extends Verdict {
  /** Minutes of the stretch that makes it odd; 1 is the minute alone. */
  readonly horizon: number
  /** How many clusters that horizon has. */
  readonly clusters: number
  readonly why: Why
}

/** What a detector says of a minute. */
export type Judgement = Learning | Judged

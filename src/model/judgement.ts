/** How unusual a minute is among all minutes of this symbol judged before it, itself included: rank 1 of `of` is the most unusual. Never re-scaled later. */
export interface Severity {
  readonly rank: number
  readonly of: number
}

/** What happened in the minute beside what is usual for it. Every number can be computed again from the stored bars. */
export interface Why {
  readonly direction: 'up' | 'down'
  readonly previousClose: number
  /** Largest move against the previous close inside the minute, in percent: of the high when `up`, of the low (negative) when `down`. */
  readonly movePercent: number
  /** What a minute usually moves: root mean square of the one-minute returns of the baseline, in percent. */
  readonly typicalMovePercent: number
  readonly volume: number
  /** Mean volume of the baseline's minutes, minutes without a trade counting as 0. */
  readonly typicalVolume: number
  /** volume / typicalVolume; null when nothing was traded in the baseline. */
  readonly volumeMultiple: number | null
  /** close × volume, in the venue's currency. */
  readonly turnover: number
  readonly typicalTurnover: number
  /** How far each feature alone moved the minute towards the abnormal cluster, as shares that add up to 1. */
  readonly drivers: Readonly<Record<string, number>>
  /** Minutes in the baseline, and whether it knows the time of day. */
  readonly baselineMinutes: number
  readonly timeOfDay: boolean
  /** When more than this minute's own move counted: how far the price has come within an hour, in percent, and since how many minutes. */
  readonly stretch?: { readonly minutes: number; readonly movePercent: number }
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
  /** 0 … k − 1, ordered by center: 0 is the most ordinary. */
  readonly cluster: number
  /** Whether that cluster is one of the abnormal ones by the model's stated rule. */
  readonly abnormal: boolean
  /** Higher is odder; comparable over all minutes of all time of the symbol, whatever model judged it. */
  readonly score: number
  readonly severity: Severity
  readonly features: Readonly<Record<string, number>>
}

/** A verdict with the facts behind it. */
export interface Judged extends Verdict {
  readonly why: Why
}

/** What a detector says of a minute. */
export type Judgement = Learning | Judged

/**
 * Every number of the detector that could be another one. `npm run bench -- detection --sensitivity` shows what each does at half and at double its value on
 * all sets of real minutes; what changed nothing there has been removed.
 */
export interface Parameters {
  /** Trading minutes of the rolling baseline: two sessions of KRX, half a day of a market that never closes. */
  readonly baselineMinutes: number
  /** The last hour's volume is taken for the usual one where it is less than the baseline's, but for no less than this part of that: a stock without a trade in an hour is not new to trading. */
  readonly leastUsual: number
  /** Traded minutes that a baseline needs before anything is measured against it. */
  readonly leastTraded: number
  /** How far a stock is measured by its own volatility, as an exponent; the rest is its market's usual one. */
  readonly ownVolatility: number
  /** What a move counts on no volume at all, beside ln(1 + volume / usual): a price that jumps is told even where trading was expected, as at the open. */
  readonly moveAlone: number
  /** Alerts of a longer stretch for each alert of a single minute that is as odd. */
  readonly longShare: number
  /** Sessions at which a stock's own time of day weighs as much as its market's. */
  readonly profileWeight: number
  /** Sessions at which a stock's own overnight gaps weigh as much as its market's. Gaps are told so seldom that eleven sessions do not show it. */
  readonly gapWeight: number
  /** Sessions at which a stock's own alerts weigh as much as its market's. */
  readonly ownAlertWeight: number
  /** Sessions after which an alert of the past counts half: a month, so that a stock is measured by what it is now. Eleven sessions do not show it. */
  readonly alertHalfLife: number
}

export const PARAMETERS: Parameters = {
  baselineMinutes: 720,
  leastUsual: 0.05,
  leastTraded: 20,
  ownVolatility: 0.25,
  moveAlone: 1,
  longShare: 0.5,
  profileWeight: 40,
  gapWeight: 5,
  ownAlertWeight: 60,
  alertHalfLife: 20,
}

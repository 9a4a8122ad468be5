/**
 * The numbers of the detector that were chosen. `npm run bench -- detection --sensitivity` shows what each does at half
 * and at double its value on all sets of real minutes; numbers that changed nothing there have been removed.
 */
export interface Parameters {
  /** Trading minutes of the rolling baseline: two sessions of KRX, half a day of a market that never closes. */
  readonly baselineMinutes: number
  /**
   * The last hour's volume replaces the baseline's if it is less, but not below this part of the baseline's: a stock
   * without a trade in an hour is not new to trading.
   */
  readonly leastUsual: number
  /** Traded minutes that a baseline needs before anything is measured against it. */
  readonly leastTraded: number
  /** Exponent of the stock's own volatility in the unit of its moves; the market's usual move has the rest. */
  readonly ownVolatility: number
  /**
   * Weight of a move without any volume, to which ln(1 + volume / usual) is added: a price that jumps is a signal even
   * if trading was expected, as at the open.
   */
  readonly moveAlone: number
  /** Alerts of a longer stretch for each alert of a single minute that is as odd. */
  readonly longShare: number
  /** Sessions at which a stock's own time of day weighs as much as its market's. */
  readonly profileWeight: number
  /**
   * Sessions at which a stock's own overnight gaps weigh as much as its market's. Gaps are signals so seldom that
   * eleven sessions do not show its effect.
   */
  readonly gapWeight: number
  /** Sessions at which a stock's own alerts weigh as much as its market's. */
  readonly ownAlertWeight: number
  /**
   * Sessions after which an alert of the past counts half: a month, so that a stock is measured by its present. Eleven
   * sessions do not show its effect.
   */
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

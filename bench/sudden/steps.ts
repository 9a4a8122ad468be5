import { tickOf } from '../../src/pipeline/sources/simulated/ticks.ts'

/** Price steps until 24 January 2023: below each price, the step. */
const OLD_STEPS = [
  [1_000, 1],
  [5_000, 5],
  [10_000, 10],
  [50_000, 50],
  [100_000, 100],
  [500_000, 500],
  [Infinity, 1_000],
] as const
const CHANGED = Date.parse('2023-01-25T00:00:00+09:00')

/** KRX's step of price at this price and time, in won. */
export const stepOf = (price: number, time: number): number =>
  time < CHANGED ? OLD_STEPS.find(([below]) => price < below)![1] : tickOf(price)

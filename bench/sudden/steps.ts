/** Steps of price by price, exclusive ends. Since 2023, and before. */
const STEPS = [
  [2_000, 1],
  [5_000, 5],
  [20_000, 10],
  [50_000, 50],
  [200_000, 100],
  [500_000, 500],
  [Infinity, 1_000],
] as const
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

/** KRX's step of price at this price and time. */
export const stepOf = (price: number, time: number): number =>
  (time < CHANGED ? OLD_STEPS : STEPS).find(([end]) => price < end)![1]

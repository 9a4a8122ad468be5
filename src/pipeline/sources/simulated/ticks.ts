/** Price steps of KRX stocks since January 2023, in won, the same for KOSPI and KOSDAQ. */
const STEPS: readonly (readonly [below: number, step: number])[] = [
  [2_000, 1],
  [5_000, 5],
  [20_000, 10],
  [50_000, 50],
  [200_000, 100],
  [500_000, 500],
  [Infinity, 1_000],
]

/** The step, in won, by which a price of this size moves. */
export const tickOf = (price: number): number => {
  for (const [below, step] of STEPS) if (price < below) return step
  return 1_000
}

/** The nearest price that can be traded; never below one step. */
export const toTick = (price: number): number => {
  const step = tickOf(price)
  return Math.max(step, Math.round(price / step) * step)
}

export const floorTick = (price: number): number => {
  const step = tickOf(price)
  return Math.max(step, Math.floor(price / step) * step)
}

export const ceilTick = (price: number): number => {
  const step = tickOf(price)
  return Math.ceil(price / step) * step
}

/** A day's lowest and highest allowed price: ±30 % of the previous close, rounded inwards. */
export const dailyLimits = (previousClose: number): { low: number; high: number } => ({
  low: ceilTick(previousClose * 0.7),
  high: floorTick(previousClose * 1.3),
})

import { createSeededRandom } from '../../src/model/clusters/random.ts'

/** One minute in so many bursts, on average. */
const BURST_EVERY = 400

/**
 * Made-up minutes with the tails of real ones, n × 2, in the old system's features: percent of price (on ticks) and
 * percent of volume. Most minutes hardly move; volume multiplies by a log-normal factor; one in a few hundred bursts by
 * a power law in both.
 */
export const rawPairs = (n: number, seed: number): number[][] => {
  const random = createSeededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length: n }, () => {
    const burst = random() * BURST_EVERY < 1 ? (1 - random()) ** -0.8 : 0
    const price = Math.round(((0.15 + burst) * normal()) / 0.28) * 0.28
    const volume = 100 * (Math.exp(1.4 * normal()) * (1 + 5 * burst) - 1)
    return [price, Math.max(-100, volume)]
  })
}

/**
 * The same minutes on one line, n × 1. Like our surge, each is 0 or more: the move in usual moves times ln(2 + relative
 * change of volume) to the power 1.5.
 */
export const surges = (pairs: readonly number[][]): number[][] =>
  pairs.map(([price, volume]) => [(Math.abs(price!) / 0.3) * Math.log(2 + volume! / 100) ** 1.5])

import { createSeededRandom } from '../../src/model/clusters/random.ts'

/** Minutes that a row stands for one by one, and how seldom one of them bursts. */
const BURST_EVERY = 400

/**
 * Made-up minutes with the tails of real ones, n × 2: what the old features are, per cent of price (on ticks) and per cent of volume. Most
 * minutes hardly move; volume multiplies by a log-normal factor; one in a few hundred bursts by a power law in both.
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

/** The same minutes on one line, n × 1: like our surge, the move in usual moves times the power 1.5 of what volume does, never below 0. */
export const surges = (pairs: readonly number[][]): number[][] =>
  pairs.map(([price, volume]) => [(Math.abs(price!) / 0.3) * Math.log(2 + volume! / 100) ** 1.5])

import { createSeededRandom } from '../clusters/random.ts'
import type { HistoryRow } from './history.ts'

/** Surrogate sessions that are drawn. */
const SESSIONS = 4
/** Length in minutes of the blocks that they are drawn in. */
const BLOCK = 30

interface Surrogate {
  readonly sessionMinutes: number
  readonly seed: number
  readonly moveAlone: number
  /** True if a minute of this surge is abnormal. */
  flags(surge: number): boolean
}

/**
 * Estimates the minutes that are flagged in a session without events, all of it traded. The surrogate draws half-hours
 * of price and, independently, half-hours of volume from the stock's history: each keeps its distribution and its
 * clustering in time, and the remaining joint surges are coincidence.
 * H. R. Künsch, "The jackknife and the bootstrap for general stationary observations", Annals of Statistics 17 (1989)
 * 1217–1241.
 */
export const noisePerSession = (
  rows: readonly HistoryRow[],
  { sessionMinutes, seed, moveAlone, flags }: Surrogate,
): number => {
  const random = createSeededRandom(seed)
  const factor = (row: HistoryRow) => moveAlone + Math.log1p(row.multiple)
  let flagged = 0
  let drawn = 0
  for (; drawn < SESSIONS * sessionMinutes; drawn += BLOCK) {
    const p = Math.floor(random() * rows.length)
    const v = Math.floor(random() * rows.length)
    for (let i = 0; i < BLOCK; i++) {
      const price = rows[(p + i) % rows.length]!
      const volume = rows[(v + i) % rows.length]!
      if (flags((price.surge / factor(price)) * factor(volume))) flagged++
    }
  }
  return (flagged / drawn) * sessionMinutes
}

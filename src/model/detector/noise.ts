import { createSeededRandom } from '../clusters/random.ts'
import type { HistoryColumns } from './history.ts'

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
  { surges, multiples }: Pick<HistoryColumns, 'surges' | 'multiples'>,
  { sessionMinutes, seed, moveAlone, flags }: Surrogate,
): number => {
  const random = createSeededRandom(seed)
  const rows = surges.length
  const factor = (row: number) => moveAlone + Math.log1p(multiples[row]!)
  let flagged = 0
  let drawn = 0
  for (; drawn < SESSIONS * sessionMinutes; drawn += BLOCK) {
    let p = Math.floor(random() * rows)
    let v = Math.floor(random() * rows)
    for (let i = 0; i < BLOCK; i++) {
      if (flags((surges[p]! / factor(p)) * factor(v))) flagged++
      p = p + 1 < rows ? p + 1 : 0
      v = v + 1 < rows ? v + 1 : 0
    }
  }
  return (flagged / drawn) * sessionMinutes
}

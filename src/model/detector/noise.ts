import { createSeededRandom } from '../clusters/random.ts'
import type { HistoryRow } from './history.ts'

/** Surrogate sessions drawn, and the length of the blocks they are drawn in. */
const SESSIONS = 4
const BLOCK = 30

interface Surrogate {
  readonly sessionMinutes: number
  readonly seed: number
  readonly moveAlone: number
  /** Whether a minute of this surge is abnormal. */
  flags(surge: number): boolean
}

/**
 * Minutes that a session without events, all of it traded, would flag. The surrogate draws blocks of half an hour of price and, apart from them, of volume from the
 * stock's own history: each keeps its own distribution and its clustering in time, and what is left of joint surges is coincidence.
 * H. R. Künsch, "The jackknife and the bootstrap for general stationary observations", Annals of Statistics 17 (1989) 1217–1241.
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

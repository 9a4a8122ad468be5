import type { Stateful } from './state-tape.ts'

/** Measures how far a stock usually opens from its last close. */
export interface Gaps extends Stateful {
  /** Adds one overnight gap, as a log return. */
  add(gap: number): void
  /** Root mean square gap, as a log return. */
  readonly usual: number
}

/**
 * Starts from the market's gaps.
 *
 * @param marketGap - the market's usual gap, as a log return
 * @param weight - sessions at which the stock's own gaps weigh as much as the market's
 */
export const createGaps = (marketGap: number, weight: number): Gaps => {
  let squares = weight * marketGap * marketGap
  let sessions = weight
  return {
    add(gap) {
      squares += gap * gap
      sessions++
    },
    get usual() {
      return Math.sqrt(squares / sessions)
    },
    carry(tape) {
      squares = tape.number(squares)
      sessions = tape.number(sessions)
    },
  }
}

import type { Stateful } from '../features/state-tape.ts'

/** Scores are distinguished in steps of 1/512; equal steps share a rank. */
const STEPS = 512

/**
 * Ranks each score among all before it. A Fenwick tree of counts takes O(log n) a score and a few kilobytes a symbol,
 * however long the history.
 * P. M. Fenwick, "A new data structure for cumulative frequency tables", Software: Practice and Experience 24 (1994)
 * 327–336.
 */
export interface Ranking extends Stateful {
  /** Adds a score ≥ 0 and returns its rank: 1 + the number of earlier scores above it. */
  add(score: number): number
  /** The number of scores added. */
  readonly count: number
}

/** A ranking without a score. */
export const createRanking = (): Ranking => {
  let size = 1024
  let tree = new Uint32Array(size + 1)
  let count = 0

  const grow = (least: number) => {
    const single = new Float64Array(size + 1)
    for (let i = 1; i <= size; i++) single[i] = below(i) - below(i - 1)
    const old = size
    while (size < least) size *= 2
    tree = new Uint32Array(size + 1)
    for (let i = 1; i <= old; i++) insert(i, single[i]!)
  }
  const below = (position: number) => {
    let sum = 0
    for (let i = position; i > 0; i -= i & -i) sum += tree[i]!
    return sum
  }
  const insert = (position: number, times: number) => {
    for (let i = position; i <= size; i += i & -i) tree[i]! += times
  }

  return {
    add(score) {
      const position = Math.floor(score * STEPS) + 1
      if (position > size) grow(position)
      const rank = 1 + count - below(position)
      insert(position, 1)
      count++
      return rank
    },
    get count() {
      return count
    },
    carry(tape) {
      count = tape.number(count)
      size = tape.number(size)
      if (tree.length !== size + 1) tree = new Uint32Array(size + 1)
      tape.column(tree)
    },
  }
}

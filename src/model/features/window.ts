import type { Stateful } from './state-tape.ts'

/**
 * Sums over the last `minutes` minutes of a series in which most minutes may be absent, one entry of `columns` numbers
 * a minute.
 *
 * A binary tree of partial sums over a ring: each sum is a function of the window's entries and of the minute's index
 * alone, never of the way they came, so a state rebuilt by replay is equal to the last bit and no rounding error ever
 * piles up.
 */
export interface Window extends Stateful {
  /** Moves the window to end before `index`; entries that fall out count as zero from now on. Indices never go back. */
  advance(index: number): void
  /** Sets the entry of a minute inside the window, one number a column. */
  set(index: number, entry: Float64Array): void
  /** The sum of one column over the window. */
  sum(column: number): number
  /** Minutes of the window that have an entry. */
  readonly count: number
  clear(): void
}

/** An empty window. Its memory is fixed: two entries a minute, the minutes rounded up to a power of two. */
export const createWindow = (minutes: number, columns: number): Window => {
  let leaves = 2
  while (leaves < minutes + 1) leaves *= 2
  const mask = leaves - 1
  const tree = new Float64Array(2 * leaves * columns)
  /** 1 for each leaf with an entry. */
  const present = new Uint8Array(leaves)
  let count = 0
  /** The window's end, exclusive; the entry at it may be set already. */
  let end = 0

  const addUp = (node: number) => {
    const at = node * columns
    const left = 2 * at
    for (let c = 0; c < columns; c++) tree[at + c] = tree[left + c]! + tree[left + columns + c]!
  }
  const climb = (leaf: number) => {
    for (let node = leaf >> 1; node >= 1; node >>= 1) addUp(node)
  }
  const erase = (index: number) => {
    const place = index & mask
    if (present[place] === 0) return
    present[place] = 0
    count--
    const leaf = leaves + place
    tree.fill(0, leaf * columns, (leaf + 1) * columns)
    climb(leaf)
  }

  const empty = () => {
    tree.fill(0)
    present.fill(0)
    count = 0
  }

  return {
    advance(index) {
      if (index - end > minutes) empty()
      else for (let i = end; i < index; i++) erase(i - minutes)
      if (index > end) end = index
    },
    set(index, entry) {
      const place = index & mask
      if (present[place] === 0) {
        present[place] = 1
        count++
      }
      const leaf = leaves + place
      for (let c = 0; c < columns; c++) tree[leaf * columns + c] = entry[c]!
      climb(leaf)
    },
    sum: (column) => tree[columns + column]!,
    get count() {
      return count
    },
    clear() {
      empty()
      end = 0
    },
    carry(tape) {
      end = tape.number(end)
      tape.column(present)
      tape.column(tree.subarray(leaves * columns))
      count = present.reduce((sum, one) => sum + one, 0)
      for (let node = leaves - 1; node >= 1; node--) addUp(node)
    },
  }
}

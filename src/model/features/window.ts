import type { Stateful } from './state-tape.ts'

/**
 * Sums over the last `minutes` minutes of a series in which most minutes may be absent, one entry of `columns` numbers
 * a minute.
 *
 * A binary tree of partial sums over a ring: each sum is a function of the window's entries and of the minute's index
 * alone, never of the way they came, so a state rebuilt by replay is equal to the last bit and no rounding error ever
 * piles up. The tree's lowest levels are not stored but added up again: they would take as much memory as the entries.
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

/** Neighbouring minutes whose sum is the lowest that is stored. */
const BLOCK = 8

/** An empty window. Its memory is fixed: one entry a minute and one for every four, the minutes rounded up to 2ⁿ. */
export const createWindow = (minutes: number, columns: number): Window => {
  let leaves = BLOCK
  while (leaves < minutes + 1) leaves *= 2
  const mask = leaves - 1
  const blocks = leaves / BLOCK
  /** One column after another. */
  const entries = new Float64Array(leaves * columns)
  /** Node 1 is the root; the children of node n are 2n and 2n + 1; block b is node `blocks + b`. */
  const tree = new Float64Array(2 * blocks * columns)
  /** 1 for each leaf with an entry. */
  const present = new Uint8Array(leaves)
  let count = 0
  /** The window's end, exclusive; the entry at it may be set already. */
  let end = 0

  const addUpBlock = (block: number) => {
    for (let c = 0; c < columns; c++) {
      const at = c * leaves + BLOCK * block
      const first = entries[at]! + entries[at + 1]! + (entries[at + 2]! + entries[at + 3]!)
      const second = entries[at + 4]! + entries[at + 5]! + (entries[at + 6]! + entries[at + 7]!)
      tree[(blocks + block) * columns + c] = first + second
    }
  }
  const addUpNode = (node: number) => {
    const at = node * columns
    const left = 2 * at
    for (let c = 0; c < columns; c++) tree[at + c] = tree[left + c]! + tree[left + columns + c]!
  }
  /** Adds up what the entry at this place of the ring is part of. */
  const climb = (place: number) => {
    const block = Math.trunc(place / BLOCK)
    addUpBlock(block)
    for (let node = (blocks + block) >> 1; node >= 1; node >>= 1) addUpNode(node)
  }
  const erase = (index: number) => {
    const place = index & mask
    if (present[place] === 0) return
    present[place] = 0
    count--
    for (let c = 0; c < columns; c++) entries[c * leaves + place] = 0
    climb(place)
  }

  const empty = () => {
    entries.fill(0)
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
      for (let c = 0; c < columns; c++) entries[c * leaves + place] = entry[c]!
      climb(place)
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
      tape.column(entries)
      count = present.reduce((sum, one) => sum + one, 0)
      for (let block = 0; block < blocks; block++) addUpBlock(block)
      for (let node = blocks - 1; node >= 1; node--) addUpNode(node)
    },
  }
}

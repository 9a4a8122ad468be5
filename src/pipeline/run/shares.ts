import { createHash } from 'node:crypto'

/** One of several collectors of a series. */
interface Sharer {
  readonly key: string
  /** Symbols that its source keeps up with. */
  readonly capacity: number
}

/**
 * The symbols that one collector collects of all that are watched. Every collector computes the same shares. One that
 * comes or goes moves few symbols, and a full one passes its symbols on; what nobody has room for goes to its first
 * choice, where it is said that there is too much.
 *
 * The choice is by rendezvous hashing: D. Thaler, C. Ravishankar, "A name-based mapping scheme for rendezvous",
 * University of Michigan CSE-TR-316-96 (1996).
 */
export const shareOf = (own: string, sharers: readonly Sharer[], symbols: readonly string[]): string[] => {
  if (sharers.every(({ key }) => key === own)) return [...symbols]
  const room = new Map(sharers.map(({ key, capacity }) => [key, capacity]))
  return symbols.toSorted().filter((symbol) => {
    const choices = [...room.keys()].toSorted((a, b) => (weight(symbol, a) < weight(symbol, b) ? 1 : -1))
    const chosen = choices.find((key) => (room.get(key) ?? 0) > 0) ?? choices[0] ?? own
    room.set(chosen, (room.get(chosen) ?? 0) - 1)
    return chosen === own
  })
}

const weight = (symbol: string, key: string): string => createHash('sha256').update(`${symbol} ${key}`).digest('hex')

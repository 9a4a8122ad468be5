import type { Bar } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { Store } from '../store/contract.ts'

/** Newest bars remembered of each symbol: more than a source corrects or adds late, or the feed watch asks for. */
export const TAIL = 32

/** One symbol's stored bars as far as a live pass needs them: its coverage and its newest bars, oldest first. */
export interface Position {
  readonly coverage: Interval
  readonly tail: readonly Bar[]
  /** Revision of the stored bars, read before the first of the tail. */
  readonly revision: number
}

/** Positions in memory, so that a live pass reads nothing that this process has just written. */
export interface Positions {
  /** The symbol's position; null if nothing of it is stored. */
  of(symbol: string): Promise<Position | null>
  /** Moves a position after its fresh bars have been stored. */
  advance(symbol: string, position: Position, fresh: readonly Bar[], to: number): void
  /** Makes the next `of` ask whether another process has changed the symbol's bars; if none has, the tail stays. */
  doubt(symbol: string): void
  /** Makes the next `of` read the store again. */
  forget(symbol: string): void
}

export const createPositions = ({ bars, states }: Pick<Store, 'bars' | 'states'>, series: string): Positions => {
  const known = new Map<string, Position>()
  const doubted = new Set<string>()

  const read = async (symbol: string, before: Position | undefined): Promise<Position | null> => {
    const revision = await states.revision(series, symbol)
    const coverage = await bars.coverage(series, symbol)
    if (coverage === null) return null
    const { from, to } = coverage
    if (before?.revision === revision && before.coverage.from === from && before.coverage.to === to) return before
    return { coverage, revision, tail: await bars.last(series, symbol, TAIL, Number.MAX_SAFE_INTEGER) }
  }

  return {
    async of(symbol) {
      const position = known.get(symbol)
      if (position && !doubted.has(symbol)) return position
      const found = await read(symbol, position)
      if (found === null) return null
      known.set(symbol, found)
      doubted.delete(symbol)
      return found
    },
    advance(symbol, { coverage, tail, revision }, fresh, to) {
      const first = fresh[0]?.openTime ?? Number.POSITIVE_INFINITY
      const grown = [...tail.filter(({ openTime }) => openTime < first), ...fresh].slice(-TAIL)
      known.set(symbol, { coverage: { from: coverage.from, to: Math.max(coverage.to, to) }, tail: grown, revision })
    },
    doubt: (symbol) => void doubted.add(symbol),
    forget(symbol) {
      known.delete(symbol)
      doubted.delete(symbol)
    },
  }
}

/** True if the tail holds every stored bar from a time on. */
export const reaches = ({ tail }: Position, from: number): boolean =>
  tail.length < TAIL || (tail[0]?.openTime ?? Number.POSITIVE_INFINITY) <= from

/** The bars that are not in the tail, or differ from it. */
export const newOrChanged = ({ tail }: Position, bars: readonly Bar[]): Bar[] =>
  bars.filter((bar) => {
    const stored = tail.find(({ openTime }) => openTime === bar.openTime)
    return (
      stored === undefined ||
      stored.open !== bar.open ||
      stored.high !== bar.high ||
      stored.low !== bar.low ||
      stored.close !== bar.close ||
      stored.volume !== bar.volume
    )
  })

import { FencedError } from '../../errors.ts'
import type { LeaseStore } from '../store/contract.ts'
import type { Fence } from '../store/records.ts'

/**
 * The partitions that this process has claimed in the store, and the symbols that come in them. The group tells members
 * who has a partition, with delay; the store decides who may write.
 */
export interface Fences {
  /**
   * Claims partitions, and gives up all others.
   *
   * @param count - partitions of the topic
   * @returns true for a symbol of which no other process can have stored anything meanwhile
   */
  claim(partitions: readonly number[], count: number): Promise<(symbol: string) => boolean>
  /** Notes the partition in which a symbol's messages come, if it is not the usual one of its key. */
  cameIn(symbol: string, partition: number): void
  /** The task of the symbol's partition. @throws {FencedError} if another process has it */
  of(symbol: string): Fence
  holds(symbol: string): boolean
  /** Symbols that have been asked about. */
  symbols(): string[]
}

interface Dependencies {
  readonly leases: Pick<LeaseStore, 'claim'>
  readonly topic: string
  /** This process's name. */
  readonly holder: string
  /** The hash of a key, of which a message's partition is the remainder. */
  readonly hash: (key: Buffer) => number
}

export const createFences = ({ leases, topic, holder, hash }: Dependencies): Fences => {
  const generations = new Map<number, number>()
  const partitionOf = new Map<string, number>()
  let partitionCount = 1

  const nameOf = (partition: number) => `topic:${topic}:${partition}`
  const partitionFor = (symbol: string): number => {
    const known = partitionOf.get(symbol)
    if (known !== undefined) return known
    const partition = hash(Buffer.from(symbol)) % partitionCount
    partitionOf.set(symbol, partition)
    return partition
  }
  const holds = (symbol: string) => generations.has(partitionFor(symbol))

  return {
    async claim(partitions, count) {
      if (count !== partitionCount) partitionOf.clear()
      partitionCount = count
      const kept = new Set<number>()
      for (const partition of partitions) {
        const before = generations.get(partition)
        const generation = await leases.claim(nameOf(partition), holder)
        generations.set(partition, generation)
        if (generation === (before ?? Number.NaN) + 1) kept.add(partition)
      }
      for (const partition of generations.keys()) if (!partitions.includes(partition)) generations.delete(partition)
      return (symbol) => kept.has(partitionFor(symbol))
    },
    cameIn: (symbol, partition) => void partitionOf.set(symbol, partition),
    of(symbol) {
      const partition = partitionFor(symbol)
      const generation = generations.get(partition)
      const name = nameOf(partition)
      if (generation === undefined) throw new FencedError(`${name} belongs to another process`)
      return { name, generation }
    },
    holds,
    symbols: () => [...partitionOf.keys()],
  }
}

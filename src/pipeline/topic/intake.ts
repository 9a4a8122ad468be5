/** What the intake needs of a message. */
interface Placed {
  readonly partition: number
  readonly offset: bigint
}

/**
 * The messages that have been fetched and not handled, in order by partition. The client goes on from where it had
 * fetched when partitions are assigned anew, and not always from where had been committed; so of a partition that stays
 * every message is kept until it is handled, and of one that comes each is counted.
 */
export interface Intake<Message extends Placed> {
  /** Takes note of an assignment. Of a partition that has gone to another member, nothing is kept. */
  assign(partitions: readonly number[]): void
  /** Adds a message. @returns false if the client has passed over one before it */
  add(message: Message): boolean
  take(most: number): Message[]
  /** Puts messages that were taken last back to the front, those of assigned partitions. */
  giveBack(messages: readonly Message[]): void
  size(): number
}

export const createIntake = <Message extends Placed>(): Intake<Message> => {
  let waiting: Message[] = []
  /** The next offset of each assigned partition; null before its first message. */
  let next = new Map<number, bigint | null>()
  return {
    assign(partitions) {
      next = new Map(partitions.map((partition) => [partition, next.get(partition) ?? null]))
      waiting = waiting.filter(({ partition }) => next.has(partition))
    },
    add(message) {
      const { partition, offset } = message
      const expected = next.get(partition)
      if (expected === undefined || (expected !== null && offset < expected)) return true
      if (expected !== null && offset > expected) return false
      next.set(partition, offset + 1n)
      waiting.push(message)
      return true
    },
    take: (most) => waiting.splice(0, most),
    giveBack(messages) {
      waiting.unshift(...messages.filter(({ partition }) => next.has(partition)))
    },
    size: () => waiting.length,
  }
}

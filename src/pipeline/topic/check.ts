import { connectionOptions, groupOf, loadClient, topicError } from './connection.ts'
import type { TopicSettings } from './settings.ts'

/** Looks at a topic and at the group of its detectors, and changes nothing. */
export interface TopicCheck {
  /**
   * The number of the topic's partitions.
   *
   * @throws {SetupError} if the login is refused, the user may not, or there is no such topic; {RetryableError} without
   * an answer
   */
  partitions(): Promise<number>
  /** The detectors and their work. Rejects as `partitions` does. */
  group(): Promise<GroupState>
  close(): Promise<void>
}

export interface GroupState {
  readonly name: string
  /** Detectors that are in the group now. */
  readonly members: number
  /** Messages that no detector has handled, by partition; 0 included. */
  readonly behind: ReadonlyMap<number, number>
}

/** As Kafka names the ends of a partition in place of a time. */
const OLDEST = -2n
const NEWEST = -1n

/** Makes the client, which connects with the first question. */
export const openTopicCheck = async (settings: TopicSettings): Promise<TopicCheck> => {
  const { topic } = settings
  const { Admin } = await loadClient()
  const admin = new Admin(connectionOptions(settings))
  const name = groupOf(topic)

  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    try {
      return await question()
    } catch (error) {
      throw topicError(error, settings)
    }
  }
  const partitions = async (): Promise<number> => {
    const { topics } = await admin.metadata({ topics: [topic] })
    return topics.get(topic)?.partitionsCount ?? 0
  }
  const offsets = async (count: number, timestamp: bigint): Promise<ReadonlyMap<number, bigint>> => {
    const wanted = Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp }))
    const [found] = await admin.listOffsets({ topics: [{ name: topic, partitions: wanted }] })
    return new Map(found?.partitions.map(({ partitionIndex, offset }) => [partitionIndex, offset]))
  }
  const handled = async (): Promise<ReadonlyMap<number, bigint>> => {
    const [found] = await admin.listConsumerGroupOffsets({ groups: [name] })
    const own = found?.topics.find((one) => one.name === topic)
    return new Map(own?.partitions.map(({ partitionIndex, committedOffset }) => [partitionIndex, committedOffset]))
  }
  const group = async (): Promise<GroupState> => {
    const count = await partitions()
    const members = (await admin.describeGroups({ groups: [name] })).get(name)?.members.size ?? 0
    const [done, first, end] = [await handled(), await offsets(count, OLDEST), await offsets(count, NEWEST)]
    // A detector begins with the oldest message where nothing is handled, and where that is deleted.
    const begin = (partition: number) => {
      const [oldest = 0n, next = 0n] = [first.get(partition), done.get(partition)]
      return next > oldest ? next : oldest
    }
    const behind = [...end].map(([partition, newest]) => [partition, Number(newest - begin(partition))] as const)
    return { name, members, behind: new Map(behind.toSorted(([a], [b]) => a - b)) }
  }

  return {
    partitions: () => ask(partitions),
    group: () => ask(group),
    close: () => admin.close().catch(() => {}),
  }
}

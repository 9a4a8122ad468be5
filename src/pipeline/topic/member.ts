import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from '@platformatic/kafka'
import { endsWithin } from '../../async/time-limits.ts'
import { connectionOptions, groupOf, loadClient } from './connection.ts'
import { createIntake } from './intake.ts'
import type { TopicSettings } from './settings.ts'

/** A member that is not heard from for so long has lost its partitions to the others. */
const SESSION_MS = 8_000
export const HEARTBEAT_MS = 2_000
/** The broker answers a fetch after this time at the latest, and at once when something comes. */
const FETCH_MS = 500
/** Messages that wait in memory before no more are fetched. */
const MOST_WAITING = 20_000
const LAG_EVERY_MS = 5_000
const LEAVE_MS = 1_500
/** Kafka's name for the time before all messages. */
const EARLIEST = -2n

/** A message as the client gives it. */
export type ClientMessage = Message<Buffer, Buffer, string, string>

/** One membership in the group of detectors, until its connection fails or it is closed. */
export interface Member {
  /** Grows with every assignment of partitions. */
  generation(): number
  /** The partitions that are assigned now, in order, and the number of the topic's. */
  assignment(): Promise<{ readonly partitions: readonly number[]; readonly count: number }>
  /** False once the group may have given the partitions of that assignment to others. */
  holds(generation: number): boolean
  /** Takes what has come of the partitions that are assigned now, at most `most` messages. */
  take(most: number): ClientMessage[]
  /** Gives back what was taken last and not handled, unless its partition has gone to another member. */
  giveBack(messages: readonly ClientMessage[]): void
  /** Resolves when something has come or changed. @throws the error that ended the membership */
  next(): Promise<void>
  /** Waits; rejects as `next` does. */
  pause(ms: number): Promise<void>
  /** Marks messages as done. */
  commit(messages: readonly ClientMessage[]): Promise<void>
  close(): Promise<void>
}

interface Events {
  joined(): void
  /** Messages behind, by partition; -1 where nothing is assigned. */
  lag(behind: readonly number[]): void
}

/** Joins the group. */
export const joinGroup = async (settings: TopicSettings, events: Events): Promise<Member> => {
  const { topic } = settings
  const { Consumer, stringDeserializers } = await loadClient()
  const intake = createIntake<ClientMessage>()
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {}) // whoever waits next hears of it
  let news = Promise.withResolvers<void>()
  /** The assignment that the client has told of last, and when. */
  let joined = { generation: Number.NaN, at: Date.now() }
  const { headerKey, headerValue } = stringDeserializers
  const consumer = new Consumer<Buffer, Buffer, string, string>({
    ...connectionOptions(settings),
    groupId: groupOf(topic),
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: 2 * SESSION_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTime: FETCH_MS,
    autocommit: false,
    deserializers: { headerKey, headerValue },
  })
  const close = async () => {
    await endsWithin(
      LEAVE_MS,
      consumer.close(true).catch(() => {}),
    )
  }
  const assigned = () =>
    (consumer.assignments ?? []).flatMap((one) => (one.topic === topic ? one.partitions : [])).toSorted((a, b) => a - b)
  // A member that cannot join again says so by this event, which would end the process if nobody heard it.
  consumer.on('error', failure.reject)
  consumer.on('consumer:group:join', ({ generationId = 0 }) => {
    const hasLapsed = joined.generation < generationId - 1
    joined = { generation: generationId, at: Date.now() }
    // Another member may have had a partition that stays: only a new connection is sure to go on where that stopped.
    if (hasLapsed) failure.reject(new Error('the group has gone on without this process'))
    intake.assign(assigned())
    events.joined()
    news.resolve()
  })
  /**
   * Commits the beginning of partitions of which nothing was ever committed: the client would go on with another
   * member's from where it had once fetched.
   */
  const markBeginnings = async (partitions: readonly number[]): Promise<void> => {
    const asked = { topics: [{ topic, partitions: [...partitions] }] }
    const committed = (await consumer.listCommittedOffsets(asked)).get(topic) ?? []
    const unmarked = partitions.filter((partition) => (committed[partition] ?? -1n) < 0n)
    if (unmarked.length === 0) return
    const earliest = (await consumer.listOffsets({ topics: [topic], timestamp: EARLIEST })).get(topic) ?? []
    await consumer.commit({
      offsets: unmarked.map((partition) => ({ topic, partition, offset: earliest[partition] ?? 0n, leaderEpoch: -1 })),
    })
  }
  consumer.on('consumer:lag', (lag) => events.lag((lag.get(topic) ?? []).map(Number)))
  consumer.on('consumer:lag:error', () => {}) // the next reading comes in some seconds
  try {
    const stream = await consumer.consume({
      topics: [topic],
      mode: 'committed',
      fallbackMode: 'earliest',
      autocommit: false,
    })
    stream.on('error', failure.reject)
    stream.on('close', () => failure.reject(new Error('the connection was closed')))
    stream.on('data', (message) => {
      if (!intake.add(message)) failure.reject(new Error('the client has passed over messages'))
      if (intake.size() >= MOST_WAITING) stream.pause()
      news.resolve()
    })
    consumer.startLagMonitoring({ topics: [topic] }, LAG_EVERY_MS)
    const { topics } = await consumer.metadata({ topics: [topic] })
    const count = topics.get(topic)?.partitionsCount ?? 0

    return {
      generation: () => joined.generation,
      async assignment() {
        const partitions = assigned()
        await markBeginnings(partitions)
        return { partitions, count }
      },
      // The client commits a refused offset once more after it has joined again, so nothing stale may be committed.
      holds: (generation) =>
        generation === joined.generation &&
        generation === consumer.generationId &&
        Date.now() - Math.max(consumer.lastHeartbeat?.getTime() ?? 0, joined.at) <= SESSION_MS,
      take(most) {
        const taken = intake.take(most)
        if (intake.size() < MOST_WAITING) stream.resume()
        return taken
      },
      giveBack: intake.giveBack,
      async next() {
        if (intake.size() > 0) return
        await Promise.race([news.promise, failure.promise])
        news = Promise.withResolvers()
      },
      pause: async (ms) => void (await Promise.race([sleep(ms), failure.promise])),
      commit: (messages) => consumer.commit({ offsets: offsetsAfter(messages) }),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** The offset to go on from in each partition. */
const offsetsAfter = (messages: readonly ClientMessage[]) => {
  const last = new Map(messages.map((message) => [message.partition, message]))
  return [...last.values()].map(({ topic, partition, offset }) => ({
    ...{ topic, partition },
    offset: offset + 1n,
    leaderEpoch: -1,
  }))
}

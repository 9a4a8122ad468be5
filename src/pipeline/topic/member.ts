import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from '@platformatic/kafka'
import { endsWithin } from '../../async/time-limits.ts'
import { connectionOptions, groupOf, loadClient } from './connection.ts'
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

/** A message as the client gives it. */
export type ClientMessage = Message<Buffer, Buffer, string, string>

/** One membership in the group of detectors, until its connection fails or it is closed. */
export interface Member {
  /** Grows with every assignment of partitions. */
  generation(): number
  /** The partitions that are assigned now, in order, and the number of the topic's. */
  assignment(): { readonly partitions: readonly number[]; readonly count: number }
  /** False once the group may have given the partitions of that assignment to others. */
  holds(generation: number): boolean
  /** Takes what has come, at most `most` messages; those of earlier assignments come again and are left out. */
  take(most: number): ClientMessage[]
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
  const waiting: ClientMessage[] = []
  const failure = Promise.withResolvers<never>()
  failure.promise.catch(() => {}) // whoever waits next hears of it
  let news = Promise.withResolvers<void>()
  let joinedAt = Date.now()
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
  consumer.on('consumer:group:join', () => {
    joinedAt = Date.now()
    events.joined()
    news.resolve()
  })
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
      waiting.push(message)
      if (waiting.length >= MOST_WAITING) stream.pause()
      news.resolve()
    })
    consumer.startLagMonitoring({ topics: [topic] }, LAG_EVERY_MS)
    const { topics } = await consumer.metadata({ topics: [topic] })
    const count = topics.get(topic)?.partitionsCount ?? 0

    const generation = () => consumer.generationId
    return {
      generation,
      assignment() {
        const partitions = (consumer.assignments ?? []).flatMap((one) => (one.topic === topic ? one.partitions : []))
        return { partitions: partitions.toSorted((a, b) => a - b), count }
      },
      // The client commits a refused offset once more after it has joined again, so nothing stale may be committed.
      holds: (of) =>
        of === generation() && Date.now() - Math.max(consumer.lastHeartbeat?.getTime() ?? 0, joinedAt) <= SESSION_MS,
      take(most) {
        const taken = waiting.splice(0, most)
        if (waiting.length < MOST_WAITING) stream.resume()
        return taken.filter((message) => generationOf(message) === generation())
      },
      async next() {
        if (waiting.length > 0) return
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

const generationOf = ({ metadata }: ClientMessage): number | undefined =>
  (metadata.consumer as { generationId: number } | undefined)?.generationId

/** The offset to go on from in each partition. */
const offsetsAfter = (messages: readonly ClientMessage[]) => {
  const last = new Map(messages.map((message) => [message.partition, message]))
  return [...last.values()].map(({ topic, partition, offset }) => ({
    ...{ topic, partition },
    offset: offset + 1n,
    leaderEpoch: -1,
  }))
}

import { setTimeout as sleep } from 'node:timers/promises'
import { endsWithin } from '../../async/time-limits.ts'
import { SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { connectionOptions, loadClient, topicError } from './connection.ts'
import type { RawMessage } from './message.ts'
import type { TopicSettings } from './settings.ts'

/** Messages in one request. */
const MOST_AT_ONCE = 2_000
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000
const LAST_CHANCE_MS = 1_000

/** The state of what is to be published. */
export interface OutgoingStatus {
  /** Items that wait. */
  readonly waiting: number
  /** Messages that the brokers took since the start. */
  readonly published: number
  /** One sentence for the operator while nothing can be published, or null. */
  readonly problem: string | null
}

/** A queue of items that become messages. While the brokers are away, it waits and says so. */
export interface Outgoing<Item> {
  /** Never fails and never waits. */
  add(item: Item): void
  status(): OutgoingStatus
  /** Publishes what waits, for a second at most. */
  close(): Promise<void>
}

interface Dependencies<Item> {
  readonly settings: TopicSettings
  readonly messagesOf: (item: Item) => Promise<readonly RawMessage[]>
  /** Called once an item's messages are with the brokers. */
  readonly published: (item: Item) => void
  readonly log: Log
}

export const openOutgoing = async <Item>(dependencies: Dependencies<Item>): Promise<Outgoing<Item>> => {
  const { settings, messagesOf, log } = dependencies
  const { Producer, compatibilityPartitioner, stringSerializers } = await loadClient()
  const producer = new Producer<Buffer, Buffer, string, string>({
    ...connectionOptions(settings),
    idempotent: true,
    // The partition of Java's producers, so that Logstash's messages of a stock come to the same one.
    partitioner: compatibilityPartitioner,
    serializers: { headerKey: stringSerializers.headerKey, headerValue: stringSerializers.headerValue },
  })
  const waiting: Item[] = []
  let published = 0
  let problem: string | null = null
  let ended = false
  let working: Promise<void> | null = null

  /** Sends the oldest items, and removes them once they are with the brokers. */
  const sendSome = async (): Promise<void> => {
    const messages: RawMessage[] = []
    let taken = 0
    while (taken < waiting.length && messages.length < MOST_AT_ONCE)
      messages.push(...(await messagesOf(waiting[taken++]!)))
    for (let start = 0; start < messages.length; start += MOST_AT_ONCE) {
      const some = messages.slice(start, start + MOST_AT_ONCE)
      await producer.send({
        messages: some.map(({ key, value, headers }) => ({
          topic: settings.topic,
          ...{ key, value, headers: new Map(headers) },
        })),
        acks: -1,
      })
      published += some.length
    }
    for (const item of waiting.splice(0, taken)) dependencies.published(item)
  }

  const failed = (error: unknown): void => {
    const told = topicError(error, settings)
    if (problem === null || (told instanceof SetupError && problem !== told.message))
      log.error({ problem: told.message, waiting: waiting.length }, 'minutes are stored and cannot be published yet')
    problem = told.message
  }

  const work = async (): Promise<void> => {
    let waitMs = FIRST_WAIT_MS
    while (waiting.length > 0) {
      try {
        await sendSome()
        if (problem !== null) log.warn({ published }, 'minutes are published again')
        problem = null
        waitMs = FIRST_WAIT_MS
      } catch (error) {
        if (ended) return
        failed(error)
        await sleep(waitMs)
        waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs)
      }
      if (ended && problem !== null) return
    }
  }
  const begin = (): void => {
    working ??= work().finally(() => {
      working = null
      if (waiting.length > 0 && !ended) begin()
    })
  }

  return {
    add(item) {
      waiting.push(item)
      begin()
    },
    status: () => ({ waiting: waiting.length, published, problem }),
    async close() {
      if (working) await endsWithin(LAST_CHANCE_MS, working)
      ended = true
      await endsWithin(
        LAST_CHANCE_MS,
        producer.close(true).catch(() => {}),
      )
    },
  }
}

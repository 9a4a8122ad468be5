import { setTimeout as sleep } from 'node:timers/promises'
import { FencedError, RetryableError, SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { topicError } from './connection.ts'
import { type ClientMessage, HEARTBEAT_MS, joinGroup, type Member } from './member.ts'
import type { RawMessage } from './message.ts'
import type { TopicSettings } from './settings.ts'

/** Messages handled at once. */
const MOST_AT_ONCE = 10_000
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000

/** A message with the partition that it came in. */
export interface Received extends RawMessage {
  readonly partition: number
}

/** Does the work of the partitions that are assigned to this member of the group. */
export interface PartitionWork {
  /**
   * Called before any message of a new assignment, and again if another process had a partition meanwhile.
   *
   * @param partitions - all that are assigned now
   * @param count - partitions of the topic
   */
  assigned(partitions: readonly number[], count: number): Promise<void>
  /**
   * Handles messages, in order by partition; a repeat must change nothing.
   *
   * @throws {RetryableError} to have the same messages handed in again
   * @throws {FencedError} if another process has one of the partitions
   */
  handle(messages: readonly Received[]): Promise<void>
}

/** This process's membership in the group of detectors. */
export interface Subscription {
  status(): SubscriptionStatus
  /** Ends the work in hand, and gives the partitions to the others. */
  close(): Promise<void>
}

export interface SubscriptionStatus {
  readonly partitions: readonly number[]
  /** Messages behind, by partition. */
  readonly lag: ReadonlyMap<number, number>
  readonly rebalances: number
  readonly handled: number
  /** Time since the oldest message in hand was published, ms. */
  readonly behindMs: number
  /** One sentence for the operator while no message can be read or handled, or null. */
  readonly problem: string | null
}

interface Dependencies {
  readonly settings: TopicSettings
  readonly work: PartitionWork
  readonly log: Log
}

/** Joins the group and works until it is closed. Whatever the brokers do, it joins again. */
export const openSubscription = ({ settings, work, log }: Dependencies): Subscription => {
  const closing = new AbortController()
  let partitions: readonly number[] = []
  let lag: ReadonlyMap<number, number> = new Map()
  let rebalances = 0
  let handled = 0
  let oldest: number | null = null
  let problem: string | null = null

  const report = (told: Error): void => {
    if (problem !== told.message) log.error({ problem: told.message }, 'minutes wait in Kafka')
    problem = told.message
  }

  const assign = async (member: Member): Promise<void> => {
    const assignment = await member.assignment()
    await work.assigned(assignment.partitions, assignment.count)
    partitions = assignment.partitions
  }

  /** Handles messages until it works. @returns false if the partitions have gone to others meanwhile */
  const handle = async (member: Member, messages: readonly ClientMessage[], generation: number): Promise<boolean> => {
    for (let waitMs = FIRST_WAIT_MS; member.holds(generation); waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs)) {
      try {
        await work.handle(messages.map(received))
        problem = null
        return member.holds(generation)
      } catch (error) {
        if (error instanceof FencedError) {
          // Either this member has lost the partition and hears of it with its next heartbeat, or the other has.
          await member.pause(HEARTBEAT_MS)
          if (member.holds(generation)) await assign(member)
        } else if (error instanceof RetryableError) {
          report(error)
          await member.pause(waitMs)
        } else throw error
      }
      closing.signal.throwIfAborted()
    }
    return false
  }

  const workAs = async (member: Member): Promise<void> => {
    let assignedAt = Number.NaN
    while (!closing.signal.aborted) {
      const generation = member.generation()
      if (assignedAt !== generation) {
        await assign(member)
        log.info({ topic: settings.topic, partitions, generation }, 'partitions assigned')
        assignedAt = generation
      }
      const messages = member.take(MOST_AT_ONCE)
      oldest = messages[0] ? Number(messages[0].timestamp) : null
      if (messages.length > 0) {
        if (await handle(member, messages, generation)) {
          handled += messages.length
          await member.commit(messages)
        } else member.giveBack(messages)
      }
      oldest = null
      if (messages.length === 0 && assignedAt === member.generation()) await member.next()
    }
  }

  const membership = async (): Promise<void> => {
    const member = await joinGroup(settings, {
      joined: () => {
        rebalances++
        problem = null
      },
      lag: (behind) => {
        lag = new Map([...behind.entries()].filter(([, messages]) => messages >= 0))
      },
    })
    const leave = () => void member.close()
    closing.signal.addEventListener('abort', leave)
    try {
      await workAs(member)
    } finally {
      closing.signal.removeEventListener('abort', leave)
      partitions = []
      await member.close()
    }
  }

  const run = async (): Promise<void> => {
    for (let waitMs = FIRST_WAIT_MS; !closing.signal.aborted; waitMs = Math.min(LONGEST_WAIT_MS, 2 * waitMs)) {
      try {
        await membership()
      } catch (error) {
        if (closing.signal.aborted) return
        const isOwn = error instanceof RetryableError || error instanceof SetupError
        report(isOwn ? error : topicError(error, settings))
        await sleep(waitMs, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
  }
  const running = run()

  return {
    status: () => ({
      ...{ partitions, lag, rebalances, handled, problem },
      behindMs: oldest === null ? 0 : Date.now() - oldest,
    }),
    async close() {
      closing.abort()
      await running
    },
  }
}

const received = ({ key, value, headers, partition }: ClientMessage): Received => ({
  // A message without key or value has none at all.
  key: (key as Buffer | null) ?? Buffer.alloc(0),
  value: (value as Buffer | null) ?? Buffer.alloc(0),
  headers,
  partition,
})

import { setTimeout as sleep } from 'node:timers/promises'
import { endsWithin } from '../../async/time-limits.ts'
import { SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { type Bar, MINUTE } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { BarStore } from '../store/contract.ts'
import { connectionOptions, loadClient, topicError } from './connection.ts'
import { type Piece, toMessage } from './message.ts'
import type { TopicSettings } from './settings.ts'

/** Messages in one request. */
const MOST_AT_ONCE = 2_000
/** Bars that wait in memory; of more, only the stretches are remembered, and their bars are read from the store. */
const MOST_IN_MEMORY = 100_000
const FIRST_WAIT_MS = 500
const LONGEST_WAIT_MS = 10_000
const LAST_CHANCE_MS = 1_000

/** A stretch of one symbol's minutes that is in the store. */
export interface Stretch {
  readonly covered: Interval
  /** Its bars, oldest first; null if they are to be read from the store. */
  readonly bars: readonly Bar[] | null
  /** As in {@link Piece}. */
  readonly again: number | null
}

/** Publishes what a collector has stored, in order by symbol. While the brokers are away, it waits and says so. */
export interface Publisher {
  /** Hands over a stretch. Never fails and never waits. */
  offer(symbol: string, stretch: Stretch): void
  status(): {
    /** Stretches that wait. */
    readonly waiting: number
    /** Messages that the brokers took since the start. */
    readonly published: number
    /** One sentence for the operator while nothing can be published, or null. */
    readonly problem: string | null
  }
  /** Publishes what waits, for a second at most. The next collector begins with what was not published. */
  close(): Promise<void>
}

interface Dependencies {
  readonly settings: TopicSettings
  readonly series: string
  readonly bars: Pick<BarStore, 'range'>
  readonly log: Log
}

export const openPublisher = async ({ settings, series, bars, log }: Dependencies): Promise<Publisher> => {
  const { Producer, compatibilityPartitioner, stringSerializers } = await loadClient()
  const producer = new Producer<Buffer, Buffer, string, string>({
    ...connectionOptions(settings),
    idempotent: true,
    // The partition of Java's producers, so that Logstash's messages of a stock come to the same one.
    partitioner: compatibilityPartitioner,
    serializers: { headerKey: stringSerializers.headerKey, headerValue: stringSerializers.headerValue },
  })
  const waiting: { symbol: string; stretch: Stretch }[] = []
  let inMemory = 0
  let published = 0
  let problem: string | null = null
  let ended = false
  let working: Promise<void> | null = null

  const piecesOf = async (symbol: string, { covered, bars: known, again }: Stretch): Promise<Piece[]> => {
    const found = known ?? (await bars.range(series, symbol, covered))
    const pieces: Piece[] = []
    let from = covered.from
    for (const bar of found) {
      const to = bar.openTime + MINUTE
      pieces.push({ series, symbol, covered: { from, to }, bar, again: pieces.length === 0 ? again : null })
      from = to
    }
    if (from < covered.to || pieces.length === 0)
      pieces.push({
        series,
        symbol,
        covered: { from, to: covered.to },
        bar: null,
        again: pieces.length === 0 ? again : null,
      })
    return pieces
  }

  /** Sends the oldest stretches, and removes them once they are with the brokers. */
  const sendSome = async (): Promise<void> => {
    const pieces: Piece[] = []
    let taken = 0
    while (taken < waiting.length && pieces.length < MOST_AT_ONCE) {
      const { symbol, stretch } = waiting[taken++]!
      pieces.push(...(await piecesOf(symbol, stretch)))
    }
    for (let start = 0; start < pieces.length; start += MOST_AT_ONCE) {
      const messages = pieces.slice(start, start + MOST_AT_ONCE).map((piece) => {
        const { key, value, headers } = toMessage(piece)
        return { topic: settings.topic, key, value, headers: new Map(headers) }
      })
      await producer.send({ messages, acks: -1 })
      published += messages.length
    }
    for (const { stretch } of waiting.splice(0, taken)) inMemory -= stretch.bars?.length ?? 0
  }

  const failed = (error: unknown): void => {
    const told = topicError(error, settings)
    if (problem === null || told instanceof SetupError)
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
    offer(symbol, stretch) {
      const isTooMuch = inMemory + (stretch.bars?.length ?? 0) > MOST_IN_MEMORY
      const kept = isTooMuch ? { ...stretch, bars: null } : stretch
      inMemory += kept.bars?.length ?? 0
      waiting.push({ symbol, stretch: kept })
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

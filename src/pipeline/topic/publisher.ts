import type { Log } from '../../log.ts'
import { type Bar, MINUTE } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import type { BarStore } from '../store/contract.ts'
import { type RawMessage, toMessage } from './message.ts'
import { type OutgoingStatus, openOutgoing } from './outgoing.ts'
import type { TopicSettings } from './settings.ts'

/** Bars that wait in memory; of more, only the stretches are remembered, and their bars are read from the store. */
const MOST_IN_MEMORY = 100_000

/** A stretch of one symbol's minutes that is in the store. */
export interface Stretch {
  readonly covered: Interval
  /** Its bars, oldest first; null if they are to be read from the store. */
  readonly bars: readonly Bar[] | null
  /** Start of the oldest bar before the stretch that is new or has changed, or null. */
  readonly again: number | null
}

/** Publishes what a collector has stored, in order by symbol. The next collector goes on with what it does not. */
export interface Publisher {
  /** Hands over a stretch. Never fails and never waits. */
  offer(symbol: string, stretch: Stretch): void
  status(): OutgoingStatus
  /** Publishes what waits, for a second at most. */
  close(): Promise<void>
}

interface Dependencies {
  readonly settings: TopicSettings
  readonly series: string
  readonly bars: Pick<BarStore, 'range'>
  readonly log: Log
}

export const openPublisher = async ({ settings, series, bars, log }: Dependencies): Promise<Publisher> => {
  let inMemory = 0

  /** One message a bar, and one more for minutes without a trade after the last. */
  const messagesOf = async ({ symbol, covered, bars: known, again }: Stretch & { readonly symbol: string }) => {
    const messages: RawMessage[] = []
    const add = (from: number, to: number, bar: Bar | null) =>
      messages.push(
        toMessage({ series, symbol, covered: { from, to }, bar, again: messages.length === 0 ? again : null }),
      )
    let { from } = covered
    for (const bar of known ?? (await bars.range(series, symbol, covered))) {
      const end = bar.openTime + MINUTE
      add(from, end, bar)
      from = end
    }
    if (from < covered.to || messages.length === 0) add(from, covered.to, null)
    return messages
  }

  const outgoing = await openOutgoing<Stretch & { readonly symbol: string }>({
    settings,
    messagesOf,
    published: (stretch) => {
      inMemory -= stretch.bars?.length ?? 0
    },
    log,
  })
  return {
    offer(symbol, stretch) {
      const isTooMuch = inMemory + (stretch.bars?.length ?? 0) > MOST_IN_MEMORY
      const kept = isTooMuch ? { ...stretch, bars: null } : stretch
      inMemory += kept.bars?.length ?? 0
      outgoing.add({ symbol, ...kept })
    },
    status: outgoing.status,
    close: outgoing.close,
  }
}

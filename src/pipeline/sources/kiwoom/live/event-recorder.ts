import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../../../log.ts'
import { DAY, MINUTE } from '../../../../model/time/bar.ts'
import { touches } from '../../../calendar/interruptions.ts'
import type { MarketEventStore } from '../../../store/contract.ts'
import type { MarketEvent, VolatilityInterruption } from '../../../store/records.ts'

/**
 * Records Kiwoom's events as they come. Every event goes to the store; interruptions also stay in memory, because each
 * minute asks whether a stock was halted.
 */
export interface EventRecorder {
  /** Remembers the interruptions that were stored from an instant on. */
  load(from: number): Promise<void>
  add(event: MarketEvent): void
  /** True if an interruption touches the minute. */
  interrupted(symbol: string, minute: number): boolean
  /** Waits, at most for a moment, until every event is written. */
  close(): Promise<void>
}

/** A database that hangs must not hold up the end. */
const LAST_WRITES_MS = 1_000

export const createEventRecorder = ({
  store,
  series,
  log,
}: {
  store: MarketEventStore
  series: string
  log: Log
}): EventRecorder => {
  const interruptions = new Map<string, readonly VolatilityInterruption[]>()
  /** Writes follow each other, in the order in which the events came. */
  let writing = Promise.resolve()
  let failing = false

  const remember = (newest: VolatilityInterruption): void => {
    const known = interruptions.get(newest.symbol) ?? []
    const same = known.find(({ triggeredAt }) => triggeredAt === newest.triggeredAt)
    if (same && newest.releasedAt === null) return
    const others = known.filter(
      ({ triggeredAt }) => triggeredAt !== newest.triggeredAt && triggeredAt > newest.triggeredAt - DAY,
    )
    interruptions.set(newest.symbol, [...others, newest])
  }

  const write = async (event: MarketEvent): Promise<void> => {
    try {
      await store.save(series, event)
      failing = false
    } catch (err) {
      if (!failing) log.error({ venue: series, err }, 'market facts cannot be kept, a restart will not know of them')
      failing = true
    }
  }

  return {
    async load(from) {
      const events = await store.between(series, { from, to: Number.MAX_SAFE_INTEGER })
      for (const event of events) if (event.kind === 'vi') remember(event)
    },
    add(event) {
      if (event.kind === 'vi') remember(event)
      writing = writing.then(() => write(event))
    },
    interrupted: (symbol, minute) =>
      interruptions.get(symbol)?.some((interruption) => touches(interruption, { from: minute, to: minute + MINUTE })) ??
      false,
    close: () => Promise.race([writing, sleep(LAST_WRITES_MS, undefined, { ref: false })]),
  }
}

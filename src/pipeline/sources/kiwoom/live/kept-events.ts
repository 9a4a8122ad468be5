import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../../../../log.ts'
import { DAY, MINUTE } from '../../../../model/time/bar.ts'
import { touches } from '../../../calendar/interruptions.ts'
import type { MarketEventStore } from '../../../store/contract.ts'
import type { MarketEvent, VolatilityInterruption } from '../../../store/records.ts'

/** The venue's events as they come: all go to the store, interruptions are remembered too, for whether a stock was halted is asked minute by minute. */
export interface KeptEvents {
  /** Remembers what was kept from an instant on. */
  load(from: number): Promise<void>
  add(event: MarketEvent): void
  /** Whether an interruption touches the minute. */
  interrupted(symbol: string, minute: number): boolean
  /** Waits, for a moment at most, until all is written. */
  close(): Promise<void>
}

/** A database that hangs must not hold up the end. */
const LAST_WRITES_MS = 1_000

export const createKeptEvents = ({
  store,
  series,
  log,
}: {
  store: MarketEventStore
  series: string
  log: Log
}): KeptEvents => {
  const interruptions = new Map<string, readonly VolatilityInterruption[]>()
  /** One write after the other: what was told first is written first. */
  let writing = Promise.resolve()
  let failing = false

  const remember = (told: VolatilityInterruption): void => {
    const known = interruptions.get(told.symbol) ?? []
    const same = known.find(({ triggeredAt }) => triggeredAt === told.triggeredAt)
    if (same && told.releasedAt === null) return
    const others = known.filter(
      ({ triggeredAt }) => triggeredAt !== told.triggeredAt && triggeredAt > told.triggeredAt - DAY,
    )
    interruptions.set(told.symbol, [...others, told])
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
    close: () => Promise.race([writing, wait(LAST_WRITES_MS, undefined, { ref: false })]),
  }
}

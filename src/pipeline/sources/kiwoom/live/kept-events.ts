import { setTimeout as wait } from 'node:timers/promises'
import type { Log } from '../../../../log.ts'
import { DAY, MINUTE } from '../../../../model/time/bar.ts'
import { touches } from '../../../calendar/interruptions.ts'
import type { MarketFactStore } from '../../../store/contract.ts'
import type { MarketFact, VolatilityInterruption } from '../../../store/records.ts'

/** The venue's facts as they come: all go to the store, interruptions are remembered too, for whether a stock was halted is asked minute by minute. */
export interface KeptFacts {
  /** Remembers what was kept from an instant on. */
  load(from: number): Promise<void>
  add(fact: MarketFact): void
  /** Whether an interruption touches the minute. */
  interrupted(symbol: string, minute: number): boolean
  /** Waits, for a moment at most, until all is written. */
  close(): Promise<void>
}

/** A database that hangs must not hold up the end. */
const LAST_WRITES_MS = 1_000

export const keepFacts = ({ store, venue, log }: { store: MarketFactStore; venue: string; log: Log }): KeptFacts => {
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

  const write = async (fact: MarketFact): Promise<void> => {
    try {
      await store.save(venue, fact)
      failing = false
    } catch (err) {
      if (!failing) log.error({ venue, err }, 'market facts cannot be kept, a restart will not know of them')
      failing = true
    }
  }

  return {
    async load(from) {
      const facts = await store.between(venue, { from, to: Number.MAX_SAFE_INTEGER })
      for (const fact of facts) if (fact.kind === 'vi') remember(fact)
    },
    add(fact) {
      if (fact.kind === 'vi') remember(fact)
      writing = writing.then(() => write(fact))
    },
    interrupted: (symbol, minute) =>
      interruptions.get(symbol)?.some((interruption) => touches(interruption, { from: minute, to: minute + MINUTE })) ??
      false,
    close: () => Promise.race([writing, wait(LAST_WRITES_MS, undefined, { ref: false })]),
  }
}

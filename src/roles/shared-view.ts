import { setTimeout as sleep } from 'node:timers/promises'
import { untilFree } from '../lease.ts'
import { type ClosedDays, openClosedDays } from '../pipeline/calendar/closed-days.ts'
import type { Pass } from '../pipeline/run/schedule.ts'
import { type AnySource, sources } from '../pipeline/sources/index.ts'
import { createStoredChangesSource } from '../pipeline/sources/kafka/source.ts'
import { createSharedMarket, type SharedMarket } from '../pipeline/sources/shared-market.ts'
import type { Start } from './start.ts'

/** The source as a process sees it that does not collect, with what it must look up now and then. */
export interface SharedView {
  readonly source: AnySource
  /** True if the source has stocks that it does not list. */
  readonly takesAnyStock: boolean
  readonly market: SharedMarket
  readonly days: ClosedDays
  /** The passes that keep it up to date. */
  readonly passes: readonly Pass[]
}

const LOOK_EVERY_MS = 1_000

/** Makes the source without opening it. A market with a clock of its own is waited for until a collector tells it. */
export const openSharedView = async ({ config, store, log, stop, parts }: Start): Promise<SharedView> => {
  await untilFree(store.leases, ['all'], `another minutewatch does everything on ${store.description}`, log, stop)
  const now = Date.now
  const made = await sources[config.SOURCE](config, { store, log, now })
  parts.defer(() => made.close())
  const { series, calendar } = made
  const market = createSharedMarket(
    made.kind === 'bars' ? made : createStoredChangesSource({ series, calendar, changes: store.changes, now }),
    store.keyValues,
  )
  const { source } = market
  await market.refresh()
  const { kind } = source.provenance
  if ((kind === 'simulated' || kind === 'replay') && source.now() === 0) {
    log.warn({ venue: source.series }, 'no collector has run yet: this process waits for its clock')
    while (source.now() === 0) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: stop }).catch(() => stop.throwIfAborted())
      await market.refresh()
    }
  }
  const days = await openClosedDays({ source, store, log })
  return {
    source,
    takesAnyStock: made.lookup !== undefined,
    market,
    days,
    passes: [
      { name: 'market', at: '* * * * * *', run: () => market.refresh() },
      { name: 'closed days', at: '*/10 * * * * *', run: () => days.refresh() },
    ],
  }
}

import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import { ageOf, isLate } from '../model/detector/age.ts'
import { MINUTE } from '../model/time/bar.ts'
import { sources } from '../pipeline/sources/index.ts'
import { collectorsOf, createSharedMarket } from '../pipeline/sources/shared-market.ts'
import type { Source } from '../pipeline/sources/source.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { centersOrigin, clockTime } from './centers-origin.ts'
import type { Checks, Finding } from './checks.ts'
import { counted } from './terminal.ts'

/**
 * Checks what one of several processes needs of the others, as far as the store tells. The source is made and never
 * opened.
 *
 * @returns the series; null if the source could not be made
 */
export const checkRoles = async (config: Config, store: Store, { attempt, tell }: Checks): Promise<string | null> => {
  const market = await attempt('source', async () => {
    const made = await sources[config.SOURCE](config, { store, log: createLog('silent'), now: Date.now })
    const value = createSharedMarket(made, store.keyValues)
    await value.refresh()
    return { value, message: null }
  })
  if (!market) return null
  const { source } = market
  // Minutes that another program publishes have no collector.
  if (config.ROLE !== 'collector' && config.SOURCE !== 'kafka') {
    const collectors = await attempt('collectors', async () => ({
      value: await collectorsFinding(config, store, source),
      message: null,
    }))
    if (collectors) tell({ check: 'collectors', ...collectors })
    if (source.kind === 'bars') {
      const bars = source
      await attempt('centers', async () => ({ value: null, message: await centersOrigin(bars, store) }))
    }
  }
  const judging = await attempt('judging', async () => ({ value: await judgingFinding(store, source), message: null }))
  if (judging) tell({ check: 'judging', ...judging })
  return source.series
}

const collectorsFinding = async (
  { SOURCE }: Config,
  store: Store,
  { series }: Pick<Source, 'series'>,
): Promise<Omit<Finding, 'check'>> => {
  const collectors = await collectorsOf(store.keyValues, series)
  if (collectors.length === 0)
    return {
      ok: false,
      message: `none of ${series} has been heard of for 30 s: start one with ROLE=collector, SOURCE=${SOURCE} and the same database`,
    }
  const capacity = collectors.reduce((sum, one) => sum + one.capacity, 0)
  const watched = (await store.watches.symbols(series)).length
  const places = `${watched} of ${capacity} places for watched stocks used`
  const found = `${counted(collectors.length, 'collector')} of ${series} at work`
  return watched > capacity
    ? { ok: false, message: `${found}, but ${places}: start another one with a key of its own, or unwatch some` }
    : { ok: true, message: `${found}; ${places}` }
}

/** Reports the age by our clock of the oldest stored minute that is not judged. */
const judgingFinding = async (store: Store, source: Source): Promise<Omit<Finding, 'check'>> => {
  const oldest = await store.signals.oldestUnjudged(source.series)
  if (oldest === null) return { ok: true, message: 'every stored minute of the watched stocks is judged' }
  const age = Math.max(0, ageOf(oldest, source.now(), source.speed))
  const minute = `the oldest minute that is not judged, ${clockTime(oldest, source.calendar.utcOffsetMinutes)}, closed ${Math.round(age / MINUTE)} min ago`
  return isLate(age)
    ? { ok: false, message: `${minute}: start a detector, or read in the log of those that run why they wait` }
    : { ok: true, message: minute }
}

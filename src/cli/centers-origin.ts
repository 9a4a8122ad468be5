import { isRemoval } from '../model/detector/market-centers.ts'
import { MINUTE } from '../model/time/bar.ts'
import { storedCenters } from '../pipeline/bars/market-pool.ts'
import type { BarSource } from '../pipeline/sources/source.ts'
import type { Store } from '../pipeline/store/contract.ts'

/** `2026-12-01 09:00` of the market's clock. */
export const clockTime = (time: number, utcOffsetMinutes: number): string =>
  new Date(time + utcOffsetMinutes * MINUTE).toISOString().slice(0, 16).replace('T', ' ')

/**
 * Says where the centers come from that judge the minutes of a source, now or from the next session on; null if none
 * was ever imported.
 */
export const centersOrigin = async (
  { series, calendar, now }: Pick<BarSource, 'series' | 'calendar' | 'now'>,
  store: Pick<Store, 'models'>,
): Promise<string | null> => {
  const [newest] = await storedCenters(store.models, series)
  if (newest === undefined) return null
  const own = 'each stock has centers of its own'
  const begins = clockTime(newest.cutoff, calendar.utcOffsetMinutes)
  const began = newest.cutoff <= now()
  if (isRemoval(newest))
    return began ? `${own}: imported ones were removed` : `from the session of ${begins} on, ${own}`
  const imported = `imported ${clockTime(newest.importedAt, calendar.utcOffsetMinutes)} from ${newest.origin}`
  return `${imported}; they judge ${began ? 'since' : 'from'} the session of ${begins}${began ? '' : ' on'}`
}

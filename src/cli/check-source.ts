import { withPatience } from '../async/time-limits.ts'
import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import { sources } from '../pipeline/sources/index.ts'
import type { Source } from '../pipeline/sources/source.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { centersOrigin } from './centers-origin.ts'
import type { Checks } from './checks.ts'
import { counted } from './terminal.ts'
import { checkWatched } from './watched.ts'

const PATIENCE_MS = 20_000
/** Naver's list is some seventy pages, a second each. */
const LISTINGS_MS = 2 * 60_000

/** @returns the series, known even if the source does not answer; null if the source could not be made */
export const checkSource = async (config: Config, store: Store, { attempt, tell }: Checks): Promise<string | null> => {
  const source = await attempt('source', async () => {
    const value: Source = await sources[config.SOURCE](config, { store, log: createLog('silent'), now: Date.now })
    return { value, message: null }
  })
  if (!source) return null
  try {
    const { name, series } = source
    if (source.kind === 'bars') {
      const bars = source
      await attempt('centers', async () => ({ value: null, message: await centersOrigin(bars, store) }))
    }
    const stocks = await attempt('source', async () => {
      await withPatience(PATIENCE_MS, name, (signal) => source.open(signal))
      const listings = await withPatience(LISTINGS_MS, name, (signal) => source.listings(signal))
      return { value: { listings, watched: await store.watches.symbols(series) }, message: null }
    })
    if (!stocks) return series
    const { listings, watched } = stocks
    const listed =
      listings.length === 0 ? 'which has no list of its stocks' : `${counted(listings.length, 'stock')} listed`
    const places = `${watched.length} of ${source.capacity} places for watched stocks used`
    tell(
      watched.length > source.capacity
        ? {
            check: 'source',
            ok: false,
            message: `${name} answers, but ${places}: minutes come late until some are unwatched`,
          }
        : { check: 'source', ok: true, message: `${name} answers, ${listed}; ${places}` },
    )
    const more = await attempt('source', async () => ({
      value: (await withPatience(PATIENCE_MS, name, async (signal) => source.check?.(signal))) ?? [],
      message: null,
    }))
    for (const finding of more ?? []) tell({ check: 'source', ...finding })
    for (const finding of await checkWatched(watched, listings, source)) tell({ check: 'watched', ...finding })
    return series
  } finally {
    await source.close()
  }
}

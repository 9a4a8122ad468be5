import { withPatience } from '../async/time-limits.ts'
import type { Config } from '../config.ts'
import { kiwoomKeys } from '../kiwoom-keys.ts'
import { createLog } from '../log.ts'
import { type AnySource, sources } from '../pipeline/sources/index.ts'
import type { Source } from '../pipeline/sources/source.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { centersOrigin } from './centers-origin.ts'
import type { Checks } from './checks.ts'
import { counted } from './terminal.ts'
import { checkWatched } from './watched.ts'

const PATIENCE_MS = 20_000
/** Naver's list is some seventy pages, a second each. */
const LISTINGS_MS = 2 * 60_000

/**
 * Checks the source, and with it each key of several.
 *
 * @returns the series, known even if the source does not answer; null if the source could not be made
 */
export const checkSource = async (config: Config, store: Store, checks: Checks): Promise<string | null> => {
  const [first = config, ...others] = settingsOfKeys(config)
  const keys = 1 + others.length
  const series = await checkWithKey(first, keys, store, checks)
  for (const [at, other] of others.entries()) {
    const source = await make(other, store)
    await askMore(source, `key ${at + 2} of ${keys}: `, checks)
    await source.close()
  }
  return series
}

const make = async (config: Config, store: Store): Promise<AnySource> =>
  sources[config.SOURCE](config, { store, log: createLog('silent'), now: Date.now })

/** The checks that the source has of its own. */
const askMore = async (source: Source, prefix: string, { attempt, tell }: Checks): Promise<void> => {
  const found = await attempt('source', async () => ({
    value: (await withPatience(PATIENCE_MS, source.name, async (signal) => source.check?.(signal))) ?? [],
    message: null,
  }))
  for (const { ok, message } of found ?? []) tell({ check: 'source', ok, message: prefix + message })
}

const checkWithKey = async (config: Config, keys: number, store: Store, checks: Checks): Promise<string | null> => {
  const { attempt, tell } = checks
  const source = await attempt('source', async () => ({ value: await make(config, store), message: null }))
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
    const capacity = source.capacity * keys
    const places = `${watched.length} of ${capacity} places for watched stocks used`
    tell(
      watched.length > capacity
        ? {
            check: 'source',
            ok: false,
            message: `${name} answers, but ${places}: minutes come late until some are unwatched`,
          }
        : { check: 'source', ok: true, message: `${name} answers, ${listed}; ${places}` },
    )
    await askMore(source, keys === 1 ? '' : `key 1 of ${keys}: `, checks)
    for (const finding of await checkWatched(watched, listings, source)) tell({ check: 'watched', ...finding })
    return series
  } finally {
    await source.close()
  }
}

/** The settings with one key each, where the source has keys: a collector uses one. */
const settingsOfKeys = (config: Config): Config[] =>
  config.SOURCE === 'kiwoom'
    ? kiwoomKeys(config).map(({ appKey, secretKey }) => ({
        ...config,
        KIWOOM_APP_KEY: appKey,
        KIWOOM_SECRET_KEY: secretKey,
      }))
    : []

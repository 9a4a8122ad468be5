import type { Log } from '../log.ts'
import type { Directory } from './directory.ts'
import { RetryableError } from './errors.ts'
import type { Listing, Source, Store } from './ports.ts'

interface Dependencies {
  readonly source: Pick<Source, 'venue' | 'listings'>
  readonly store: Pick<Store, 'listings'>
  readonly log: Log
  /** Our clock. */
  readonly now: () => number
}

/** The source's stocks, kept as they come. When the source does not answer, those kept last time serve. */
export const listingsOf = async ({ source, store, log, now }: Dependencies, signal: AbortSignal): Promise<readonly Listing[]> => {
  try {
    const listings = await source.listings(signal)
    await store.listings.replace(source.venue, listings, now())
    return listings
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error
    const kept = await store.listings.all(source.venue)
    log.warn({ problem: error.message, kept: kept.listings.length }, 'list of stocks not refreshed; the kept one serves')
    return kept.listings
  }
}

/** Fills the directory anew; an empty answer leaves it as it was. */
export const refreshListings = async (
  dependencies: Dependencies & { readonly directory: Directory },
  signal: AbortSignal,
): Promise<void> => {
  const listings = await listingsOf(dependencies, signal)
  if (listings.length > 0) dependencies.directory.replace(listings)
}

import { RetryableError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { DAY, MINUTE } from '../../model/time/bar.ts'
import type { Source } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { Listing } from '../store/records.ts'
import type { Directory } from './directory.ts'

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'listings'>
  readonly store: Pick<Store, 'listings'>
  readonly log: Log
  /** Our clock. */
  readonly now: () => number
}

interface Answer {
  readonly listings: readonly Listing[]
  /** The source's list, or the last stored one if the source fails. */
  readonly fresh: boolean
}

/** Reads and stores the source's list. If the source fails for any reason, the last stored list serves. */
const readListings = async ({ source, store, log, now }: Dependencies, signal: AbortSignal): Promise<Answer> => {
  try {
    const listings = await source.listings(signal)
    await store.listings.replace(source.series, listings, now())
    return { listings, fresh: true }
  } catch (error) {
    if (signal.aborted) throw error
    const { listings } = await store.listings.all(source.series)
    // A start without any list still works if time can mend the failure; every other failure must be seen.
    if (listings.length === 0 && !(error instanceof RetryableError)) throw error
    const problem = error instanceof Error ? error.message : String(error)
    log.warn({ problem, kept: listings.length }, 'list of stocks not refreshed; the kept one serves')
    return { listings, fresh: false }
  }
}

export const listingsOf = async (dependencies: Dependencies, signal: AbortSignal): Promise<readonly Listing[]> =>
  (await readListings(dependencies, signal)).listings

/** Keeps the directory up to date. */
export interface DailyListings {
  /** Fills the directory anew; an empty answer leaves it as it was. */
  refresh(signal: AbortSignal): Promise<void>
  /** Refreshes unless that has happened since half past seven, when the day's warnings are out. */
  refreshWhenDue(signal: AbortSignal): Promise<void>
}

/** 07:30 in Seoul, from midnight UTC on. */
const DUE = (7.5 - 9) * 60 * MINUTE

export const createDailyListings = (dependencies: Dependencies & { readonly directory: Directory }): DailyListings => {
  const { directory, now } = dependencies
  let freshAt = Number.NEGATIVE_INFINITY
  const refresh = async (signal: AbortSignal): Promise<void> => {
    const at = now()
    const { listings, fresh } = await readListings(dependencies, signal)
    if (listings.length > 0) directory.replace(listings)
    if (fresh) freshAt = at
  }
  return {
    refresh,
    async refreshWhenDue(signal) {
      const due = Math.floor((now() - DUE) / DAY) * DAY + DUE
      if (freshAt < due) await refresh(signal)
    },
  }
}

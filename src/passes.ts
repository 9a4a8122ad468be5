import type { Log } from './log.ts'
import type { Market } from './market.ts'
import { type Schedule, startSchedule } from './pipeline/run/schedule.ts'
import type { SearchSink } from './pipeline/search-sink/sink.ts'
import type { AnySource } from './pipeline/sources/index.ts'
import type { DailyListings } from './pipeline/stocks/listings.ts'

/** The process's recurring work, each pass on a schedule of its own. */
export interface Passes {
  readonly schedule: Schedule
  /** Milliseconds since the last collect pass ended, or since the start. */
  sinceCollectMs(): number
}

interface Parts extends Pick<Market, 'pipeline' | 'feed'> {
  readonly source: AnySource
  /** Posts what is owed. */
  readonly deliver: () => Promise<void>
  readonly listings: DailyListings
  /** Null if no search node is set. */
  readonly search: Pick<SearchSink, 'pass'> | null
  readonly log: Log
}

/**
 * Starts the passes: none waits for another, so a slow Discord delays no minute and a collect pass that hangs does not
 * hide a silent feed.
 */
export const startPasses = ({ source, pipeline, deliver, feed, listings, search, log }: Parts): Passes => {
  /** A monotonic time: the clock can be set. */
  let collectEnded = performance.now()
  const schedule = startSchedule(
    [
      {
        name: 'collect and detect',
        at: source.collectAt,
        run: async (signal) => {
          await pipeline.collectAndDetect(signal)
          collectEnded = performance.now()
        },
      },
      { name: 'deliver', at: '* * * * * *', run: deliver },
      { name: 'feed watch', at: '*/10 * * * * *', run: (signal) => feed.pass(signal) },
      { name: 'train', at: '0 30 3 * * *', run: (signal) => pipeline.train(signal) },
      // More often than once a day, so that a failed refresh is repeated.
      { name: 'listings', at: '0 0,30 * * * *', run: (signal) => followListings(listings, pipeline, signal) },
      ...(search ? [{ name: 'search', at: '*/5 * * * * *', run: search.pass }] : []),
    ],
    log,
  )
  return { schedule, sinceCollectMs: () => performance.now() - collectEnded }
}

/** Watches of whole markets follow the listings, also those that another process has read. */
const followListings = async (
  listings: DailyListings,
  { followListings }: Market['pipeline'],
  signal: AbortSignal,
): Promise<void> => {
  await listings.refreshWhenDue(signal)
  await followListings()
}

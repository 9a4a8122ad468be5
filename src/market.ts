import type { Log } from './log.ts'
import { createDetection, DETECTOR, type Detection } from './pipeline/bars/detection.ts'
import { createBarsFeedMinutes } from './pipeline/bars/feed-minutes.ts'
import { createBarsKeeper } from './pipeline/bars/keeper.ts'
import { createPositions } from './pipeline/bars/positions.ts'
import { createReader } from './pipeline/bars/reader.ts'
import { createRereads } from './pipeline/bars/rereads.ts'
import { type ClosedDays, openClosedDays } from './pipeline/calendar/closed-days.ts'
import { createChangesDetection } from './pipeline/changes/detection.ts'
import { createChangesFeedMinutes } from './pipeline/changes/feed-minutes.ts'
import { createChangesKeeper } from './pipeline/changes/keeper.ts'
import { createChangesReader } from './pipeline/changes/reader.ts'
import { type FeedWatch, openFeedWatch } from './pipeline/feed/watch.ts'
import { createPipeline, type Pipeline } from './pipeline/run/pipeline.ts'
import type { AnySource } from './pipeline/sources/index.ts'
import type { BarSource, ChangesSource } from './pipeline/sources/source.ts'
import type { Directory } from './pipeline/stocks/directory.ts'
import { createMarketWatches } from './pipeline/stocks/market-watches.ts'
import type { Store } from './pipeline/store/contract.ts'
import type { Read } from './pipeline/views/views.ts'

/** The parts that work on one source's minutes: they update them, answer about them, and watch that they come. */
export interface Market {
  readonly pipeline: Pipeline
  readonly read: Read
  readonly feed: FeedWatch
}

interface Parts<S> {
  readonly source: S
  readonly store: Store
  readonly directory: Directory
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
  /** Called when posts have been decided, so that none waits for the next pass. */
  readonly owed?: () => void
}

/** Composes the parts that fit the source: of bars, or of the old system's rows. */
export const openMarket = ({ source, ...rest }: Parts<AnySource>): Promise<Market> =>
  source.kind === 'bars' ? openBarsMarket({ source, ...rest }) : openChangesMarket({ source, ...rest })

/** The market of a source of bars, with the parts that its own tests look into. */
export interface BarsMarket extends Market {
  readonly days: ClosedDays
  readonly detection: Detection
}

/** @param passMs - longest wait of a pass for slow symbols */
export const openBarsMarket = async (parts: Parts<BarSource> & { readonly passMs?: number }): Promise<BarsMarket> => {
  const { source, store, directory, log, now, owed, passMs } = parts
  const days = await openClosedDays({ source, store, log })
  const positions = createPositions(store, source.series)
  const minutes = createBarsFeedMinutes({ source, store, positions })
  const feed = await openFeedWatch({ source, minutes, days, store, directory, log, now })
  const rereads = createRereads({ days, missingSince: feed.missingSince })
  const detection = createDetection({ source, rereads, store, settings: DETECTOR, log, now, ...(owed ? { owed } : {}) })
  const markets = createMarketWatches({ source, store, directory, now })
  const keeper = createBarsKeeper({ source, rereads, store, positions, detection, log })
  return {
    pipeline: createPipeline({ source, store, keeper, markets, log, now, ...(passMs === undefined ? {} : { passMs }) }),
    read: createReader({ source, calendar: days.calendar, store, detection, directory }),
    feed,
    days,
    detection,
  }
}

const openChangesMarket = async ({
  source,
  store,
  directory,
  log,
  now,
  owed,
}: Parts<ChangesSource>): Promise<Market> => {
  const detection = createChangesDetection({ source, store, log, now, ...(owed ? { owed } : {}) })
  const days = await openClosedDays({ source, store, log })
  const minutes = createChangesFeedMinutes({ source, store, detection })
  const feed = await openFeedWatch({ source, minutes, days, store, directory, log, now })
  const markets = createMarketWatches({ source, store, directory, now })
  return {
    pipeline: createPipeline({ source, store, keeper: createChangesKeeper(detection), markets, log, now }),
    read: createChangesReader({ source, store, detection, directory }),
    feed,
  }
}

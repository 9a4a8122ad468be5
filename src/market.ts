import type { Log } from './log.ts'
import { createDetection, DETECTOR } from './pipeline/bars/detection.ts'
import { createBarsFeedMinutes } from './pipeline/bars/feed-minutes.ts'
import { createBarsKeeper } from './pipeline/bars/keeper.ts'
import { createReader } from './pipeline/bars/reader.ts'
import { createRereads } from './pipeline/bars/rereads.ts'
import { openClosedDays } from './pipeline/calendar/closed-days.ts'
import { createChangesDetection } from './pipeline/changes/detection.ts'
import { createChangesFeedMinutes } from './pipeline/changes/feed-minutes.ts'
import { createChangesKeeper } from './pipeline/changes/keeper.ts'
import { createChangesReader } from './pipeline/changes/reader.ts'
import { type FeedWatch, openFeedWatch } from './pipeline/feed/watch.ts'
import { createPipeline, type Pipeline } from './pipeline/run/pipeline.ts'
import type { AnySource } from './pipeline/sources/index.ts'
import type { ChangesSource } from './pipeline/sources/source.ts'
import type { Directory } from './pipeline/stocks/directory.ts'
import type { Store } from './pipeline/store/contract.ts'
import type { Read } from './pipeline/views/views.ts'

/** One source's minutes: what brings them up to date, what answers about them, and what watches whether they come. */
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
  /** Our clock. */
  readonly now: () => number
}

/** Composes the pipeline that fits the source: bars, or the old system's rows. */
export const openMarket = async ({ source, ...rest }: Parts<AnySource>): Promise<Market> => {
  if (!('fetchBars' in source)) return changesMarket({ source, ...rest })
  const { store, directory, log, now } = rest
  const days = await openClosedDays({ source, store, log })
  const minutes = createBarsFeedMinutes({ source, store })
  const feed = await openFeedWatch({ source, minutes, days, store, directory, log, now })
  const rereads = createRereads({ days, missingSince: feed.missingSince })
  const detection = createDetection({ source, rereads, store, settings: DETECTOR, log, now })
  const keeper = createBarsKeeper({ source, rereads, store, detection, log })
  return {
    pipeline: createPipeline({ source, store, keeper, log, now }),
    read: createReader({ source, calendar: days.calendar, store, detection, directory }),
    feed,
  }
}

const changesMarket = async ({ source, store, directory, log, now }: Parts<ChangesSource>): Promise<Market> => {
  const detection = createChangesDetection({ source, store, log, now })
  const days = await openClosedDays({ source, store, log })
  const minutes = createChangesFeedMinutes({ source, store, detection })
  const feed = await openFeedWatch({ source, minutes, days, store, directory, log, now })
  return {
    pipeline: createPipeline({ source, store, keeper: createChangesKeeper(detection), log, now }),
    read: createChangesReader({ source, store, detection, directory }),
    feed,
  }
}

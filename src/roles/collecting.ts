import { createBarsFeedMinutes } from '../pipeline/bars/feed-minutes.ts'
import { createBarsKeeper } from '../pipeline/bars/keeper.ts'
import { createPositions } from '../pipeline/bars/positions.ts'
import { createPublishing } from '../pipeline/bars/publishing.ts'
import { createRereads } from '../pipeline/bars/rereads.ts'
import { openClosedDays } from '../pipeline/calendar/closed-days.ts'
import { changeMessage, createChangesPublishing, type OutgoingChange } from '../pipeline/changes/publishing.ts'
import { openFeedWatch } from '../pipeline/feed/watch.ts'
import type { SeriesKeeper } from '../pipeline/run/pipeline.ts'
import type { AnySource } from '../pipeline/sources/index.ts'
import type { BarSource, ChangesSource } from '../pipeline/sources/source.ts'
import type { Directory } from '../pipeline/stocks/directory.ts'
import { type OutgoingStatus, openOutgoing } from '../pipeline/topic/outgoing.ts'
import { openPublisher } from '../pipeline/topic/publisher.ts'
import type { TopicSettings } from '../pipeline/topic/settings.ts'
import type { Start } from './start.ts'

/** A collector's work on its source. */
export interface Collecting {
  readonly keeper: SeriesKeeper
  status(): OutgoingStatus
  /** One pass of the feed watch. */
  watchFeed(signal: AbortSignal): Promise<void>
  /** Reads what another collector's feed watch has found. */
  refresh(): Promise<void>
}

interface Dependencies<S> extends Pick<Start, 'store' | 'log' | 'parts'> {
  readonly source: S
  readonly settings: TopicSettings
  readonly directory: Directory
  /** True for a symbol that this collector collects, not another one. */
  readonly isOwn: (symbol: string) => boolean
}

/** Composes the collecting that fits the source: of bars, or of the old system's rows. */
export const openCollecting = ({ source, ...rest }: Dependencies<AnySource>): Promise<Collecting> =>
  source.kind === 'bars' ? collectBars({ source, ...rest }) : collectChanges({ source, ...rest })

const collectBars = async (dependencies: Dependencies<BarSource>): Promise<Collecting> => {
  const { source, store, log, parts, settings, directory, isOwn } = dependencies
  const { series } = source
  const publisher = await openPublisher({ settings, series, bars: store.bars, log })
  parts.defer(() => publisher.close())
  const days = await openClosedDays({ source, store, log })
  const positions = createPositions(store, series)
  // Another collector moves the positions of its symbols on.
  const everyPosition = {
    of: (symbol: string) => {
      if (!isOwn(symbol)) positions.forget(symbol)
      return positions.of(symbol)
    },
  }
  const minutes = createBarsFeedMinutes({ source, store, positions: everyPosition })
  const feed = await openFeedWatch({ source, minutes, days, store, directory, log, now: Date.now })
  const rereads = createRereads({ days, missingSince: feed.missingSince })
  const detection = createPublishing({ series, store, publisher })
  return {
    keeper: createBarsKeeper({ source, rereads, store, positions, detection, log }),
    status: publisher.status,
    watchFeed: feed.pass,
    async refresh() {
      await days.refresh()
      await feed.refresh()
    },
  }
}

const collectChanges = async ({
  source,
  store,
  log,
  parts,
  settings,
}: Dependencies<ChangesSource>): Promise<Collecting> => {
  const outgoing = await openOutgoing<OutgoingChange>({
    settings,
    messagesOf: async (change) => [changeMessage(change)],
    published: () => {},
    log,
  })
  parts.defer(() => outgoing.close())
  return {
    keeper: createChangesPublishing({ source, store, outgoing }),
    status: outgoing.status,
    // A table that another program fills says nothing of the exchange.
    watchFeed: async () => {},
    refresh: async () => {},
  }
}

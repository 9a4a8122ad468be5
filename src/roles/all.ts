import { firstWatches } from '../first-start.ts'
import { claimHome, isShared } from '../home.ts'
import { holdLease, untilFree } from '../lease.ts'
import { openMarket } from '../market.ts'
import { openMonitoring } from '../monitoring.ts'
import { startPasses } from '../passes.ts'
import type { Schedule } from '../pipeline/run/schedule.ts'
import { sources } from '../pipeline/sources/index.ts'
import { createDirectoryOf } from '../pipeline/stocks/directory.ts'
import { createDailyListings } from '../pipeline/stocks/listings.ts'
import { openSearch } from '../search.ts'
import { openDiscordSide } from './discord-side.ts'
import { leave, type Start, type Started } from './start.ts'

/** Everything in one process: lease → search → source → pipeline → Discord → schedule. */
export const startAll = async (start: Start): Promise<Started> => {
  const { config, store, log, stop, parts } = start
  const now = Date.now
  parts.defer(claimHome(config, store.description))
  if (isShared(config))
    await untilFree(store.leases, ['collector:', 'detector:', 'bot:'], `roles work on ${store.description}`, log, stop)
  const lease = isShared(config)
    ? await holdLease(
        { leases: store.leases, names: ['all'], other: `another minutewatch works on ${store.description}`, log },
        stop,
      )
    : null
  if (lease) parts.defer(() => lease.release())
  const search = await openSearch(config, store, log)
  if (search) parts.defer(() => search.close())

  const source = await sources[config.SOURCE](config, { store, log, now })
  parts.defer(() => source.close())
  await source.open(stop)
  const directory = createDirectoryOf(source.calendar)
  const listings = createDailyListings({ source, store, directory, log, now })
  await listings.refresh(stop)

  let deliver = (): void => {}
  const { pipeline, read, feed } = await openMarket({ source, store, directory, log, now, owed: () => deliver() })
  let stopped: Promise<void> | null = null
  const stopPipeline = () => {
    stopped ??= leave('work on a stock', pipeline.stop(), log)
    return stopped
  }
  parts.defer(stopPipeline)
  await pipeline.follow()

  const { watching } = pipeline
  const side = await openDiscordSide({ ...start, source, read, watching, board: feed })
  const { discord, client, sandbox, shards } = side
  deliver = () => {
    side.deliver().catch((error: unknown) => log.error({ err: error }, 'delivery failed'))
  }
  let schedule: Schedule | null = null
  // All at once: each begins nothing more and waits for what has begun. People who wait for a history read that the
  // bot stops.
  parts.defer(async () => {
    await Promise.all([side.endTalks(), schedule && leave('passes', schedule.stop(), log), stopPipeline()])
  })
  stop.throwIfAborted()

  const ending = new AbortController()
  parts.defer(() => ending.abort())
  const firstWatched = sandbox
    ? await firstWatches({ source, store, directory, watching, sandbox, log, ending: ending.signal })
    : []
  const passes = startPasses({ source, pipeline, deliver: side.deliver, feed, listings, search, log })
  schedule = passes.schedule
  const monitoring = await openMonitoring({
    port: config.HTTP_PORT,
    source,
    store,
    pipeline,
    search,
    discord,
    shards,
    passes,
  })
  if (monitoring) parts.defer(() => monitoring.close())
  return {
    source,
    client,
    sandbox,
    firstWatched,
    healthUrl: monitoring?.url ?? null,
    ended: lease ? Promise.race([discord.ended, lease.lost]) : discord.ended,
  }
}

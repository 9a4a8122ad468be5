import { holdLease, inOneProcess, untilFree } from '../lease.ts'
import { collectorMetrics, openRoleMonitoring } from '../monitoring.ts'
import { createPipeline } from '../pipeline/run/pipeline.ts'
import { startSchedule } from '../pipeline/run/schedule.ts'
import { shareOf } from '../pipeline/run/shares.ts'
import { createWishes } from '../pipeline/run/wishes.ts'
import { sources } from '../pipeline/sources/index.ts'
import { collectorsOf, tellMarket } from '../pipeline/sources/shared-market.ts'
import { createDirectoryOf } from '../pipeline/stocks/directory.ts'
import { createDailyListings } from '../pipeline/stocks/listings.ts'
import { createMarketWatches } from '../pipeline/stocks/market-watches.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { openSearch, searchPasses } from '../search.ts'
import { openCollecting } from './collecting.ts'
import { sourceKeys } from './source-keys.ts'
import { leave, type Start, type Started } from './start.ts'
import { topicOf } from './topic.ts'

/** Collects the minutes of the watched stocks, stores them and publishes them. */
export const startCollector = async (start: Start): Promise<Started> => {
  const { config, store, log, stop, parts } = start
  const now = Date.now
  const keys = sourceKeys(config)
  await untilFree(store.leases, ['all'], `another minutewatch does everything on ${store.description}`, log, stop)
  const lease = await holdLease(
    {
      leases: store.leases,
      names: [...keys.keys()],
      other: `other collectors use every key of ${config.SOURCE} on ${store.description}`,
      log,
    },
    stop,
  )
  parts.defer(() => lease.release())
  const search = await openSearch(config, store, log)
  if (search) parts.defer(() => search.close())

  const source = await sources[config.SOURCE]({ ...config, ...keys.get(lease.name) }, { store, log, now })
  const { series } = source
  parts.defer(() => source.close())
  await source.open(stop)
  const key = lease.name.split(':').at(-1) ?? ''
  const tell = () => tellMarket(store.keyValues, source, key)
  await tell()
  const directory = createDirectoryOf(source.calendar)
  const listings = createDailyListings({ source, store, directory, log, now })
  await listings.refresh(stop)

  const own = await openShare(store, series, key)
  const collecting = await openCollecting({
    ...{ source, store, log, parts, directory },
    settings: topicOf(config),
    isOwn: (symbol) => own.symbols().has(symbol),
  })
  const markets = createMarketWatches({ source, store, directory, now })
  const pipeline = createPipeline({
    source,
    store: { ...store, watches: { ...store.watches, symbols: async () => [...own.symbols()] } },
    keeper: collecting.keeper,
    markets,
    log,
    now,
  })
  parts.defer(() => leave('work on a stock', pipeline.stop(), log))
  await pipeline.follow()
  const lookForWishes = createWishes({ series, store, symbols: () => own.symbols(), pipeline })

  let collectedAt = performance.now()
  const schedule = startSchedule(
    [
      {
        name: 'collect',
        at: source.collectAt,
        run: async (signal) => {
          await pipeline.collectAndDetect(signal)
          collectedAt = performance.now()
        },
      },
      {
        name: 'wishes',
        at: '* * * * * *',
        run: async () => {
          await tell()
          await own.refresh()
          await pipeline.follow()
          await lookForWishes()
        },
      },
      {
        name: 'feed watch',
        at: '*/10 * * * * *',
        run: inOneProcess(store.leases, `feed:${series}`, collecting.watchFeed),
      },
      { name: 'feed', at: '*/10 * * * * *', run: () => collecting.refresh() },
      {
        name: 'listings',
        at: '0 0,30 * * * *',
        run: async (signal) => {
          await listings.refreshWhenDue(signal)
          await markets.followListings()
        },
      },
      ...searchPasses(search, store.leases),
    ],
    log,
  )
  parts.defer(() => leave('passes', schedule.stop(), log))
  const monitoring = await openRoleMonitoring({
    port: config.HTTP_PORT,
    search,
    store,
    problem: () => collecting.status().problem ?? pipeline.trouble(),
    metrics: async () => collectorMetrics({ symbols: own.symbols().size, collectedAt, ...collecting.status() }),
  })
  if (monitoring) parts.defer(() => monitoring.close())
  return {
    source,
    client: null,
    sandbox: null,
    firstWatched: [],
    healthUrl: monitoring?.url ?? null,
    ended: lease.lost,
  }
}

/** The watched symbols that this collector collects, read anew by `refresh`. */
const openShare = async (store: Store, series: string, key: string) => {
  let symbols: ReadonlySet<string> = new Set()
  const refresh = async (): Promise<void> => {
    const watched = await store.watches.symbols(series)
    symbols = new Set(shareOf(key, await collectorsOf(store.keyValues, series), watched))
  }
  await refresh()
  return { symbols: () => symbols, refresh }
}

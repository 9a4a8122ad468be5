import type { Client } from 'discord.js'
import { commands } from '../commands/index.ts'
import { endsWithin, unlessAborted } from './async/time-limits.ts'
import { createCharts } from './bot/charts/index.ts'
import { createAlertMail } from './bot/deliver/alerts.ts'
import { createChannelKeeper } from './bot/deliver/channels.ts'
import { createDelivery } from './bot/deliver/delivery.ts'
import { createNoticeMail, wasPostedIn } from './bot/deliver/notices.ts'
import { createClient } from './bot/discord/client.ts'
import { registerCommands } from './bot/discord/register.ts'
import { isOwnGuild } from './bot/discord/shards.ts'
import { createDispatcher } from './bot/interaction/dispatch.ts'
import type { Config } from './config.ts'
import { firstWatches } from './first-start.ts'
import { claimHome, isShared, openHomeSandbox } from './home.ts'
import { holdLease } from './lease.ts'
import type { Log } from './log.ts'
import { openMarket } from './market.ts'
import { openMonitoring } from './monitoring.ts'
import { startPasses } from './passes.ts'
import type { Schedule } from './pipeline/run/schedule.ts'
import { type AnySource, sources } from './pipeline/sources/index.ts'
import { createDirectory } from './pipeline/stocks/directory.ts'
import { createDailyListings } from './pipeline/stocks/listings.ts'
import type { Store } from './pipeline/store/contract.ts'
import { openStore } from './pipeline/store/index.ts'
import type { Sandbox } from './sandbox/index.ts'
import { openSearch } from './search.ts'

/** Longest wait at the end for work that is under way. */
const LONGEST_END_MS = 1_500

/** The running bot. */
export interface App {
  readonly source: AnySource
  readonly store: Store
  readonly client: Client
  /** The local Discord; null if a token names the real one. */
  readonly sandbox: Sandbox | null
  /** Symbols that the first start watches by itself; empty later. */
  readonly firstWatched: readonly string[]
  /** Address of `/health` and `/metrics`; null if they are not served. */
  readonly healthUrl: string | null
  /** Resolves when the bot can do nothing more, with an error that says what the operator must do. */
  readonly ended: Promise<Error>
  /**
   * Ends everything in reverse order, within about 4 s however slow Discord and the source are; unfinished work is
   * left.
   */
  stop(): Promise<void>
}

/**
 * Starts every part in order: store → source → pipeline → Discord → schedule. If a later part fails, or `stop` is
 * aborted before all of it runs, the started parts are ended again.
 */
export const startApp = async (
  config: Config,
  log: Log,
  stop: AbortSignal = new AbortController().signal,
): Promise<App> => {
  const parts = new AsyncDisposableStack()
  try {
    const now = Date.now
    const store = await openStore(config.DATABASE_URL, { log })
    parts.defer(() => store.close())
    stop.throwIfAborted()
    parts.defer(claimHome(config, store.description))
    const lease = isShared(config)
      ? await holdLease({ leases: store.leases, name: 'all', description: store.description, log }, stop)
      : null
    if (lease) parts.defer(() => lease.release())
    const search = await openSearch(config, store, log)
    if (search) parts.defer(() => search.close())

    const source = await sources[config.SOURCE](config, { store, log, now })
    parts.defer(() => source.close())
    await source.open(stop)
    const directory = createDirectory(source.calendar.name === '24h' ? 'any' : 'krx')
    const listings = createDailyListings({ source, store, directory, log, now })
    await listings.refresh(stop)

    const { pipeline, read, feed } = await openMarket({ source, store, directory, log, now })
    let stopped: Promise<void> | null = null
    const stopPipeline = () => {
      stopped ??= leave('work on a stock', pipeline.stop(), log)
      return stopped
    }
    parts.defer(stopPipeline)
    await pipeline.follow()

    const sandbox = config.DISCORD_TOKEN === undefined ? await openHomeSandbox(config) : null
    if (sandbox) parts.defer(() => sandbox.close())
    const shards = { ids: config.SHARDS, count: config.SHARD_COUNT }
    const discord = createClient({
      token: config.DISCORD_TOKEN ?? sandbox?.token ?? '',
      api: sandbox?.apiUrl ?? config.DISCORD_API,
      applicationId: sandbox?.applicationId ?? config.DISCORD_APPLICATION_ID,
      shards,
      log,
      now,
    })
    parts.defer(() => discord.stop())
    await unlessAborted(discord.start(), stop)
    const client = discord.client as Client<true>
    await registerCommands({
      client,
      commands: commands.map(({ data }) => data),
      guildId: config.DISCORD_GUILD_ID,
      keyValues: store.keyValues,
    })
    const charts = createCharts({ quickChartUrl: config.QUICKCHART_URL ?? null, log })
    const dispatcher = createDispatcher({ client, commands, read, watching: pipeline.watching, charts, log })
    const delivery = createDelivery({
      client,
      mails: [
        createAlertMail({ outbox: store.outbox, read, charts, shards, log, now, speed: source.speed ?? 1 }),
        createNoticeMail({
          board: feed,
          read,
          isOwn: (id) => isOwnGuild(client, id),
          wasPosted: wasPostedIn(client),
          now,
        }),
      ],
      channels: createChannelKeeper({ client, read, watching: pipeline.watching, log }),
      tokenWorks: discord.tokenWorks,
      log,
      now,
    })
    let schedule: Schedule | null = null
    // All at once: each begins nothing more and waits for what has begun. People who wait for a history read that the
    // bot stops.
    parts.defer(async () => {
      const talking = [dispatcher.close(), delivery.close()]
      await Promise.all([...talking, schedule && leave('passes', schedule.stop(), log), stopPipeline()])
    })
    stop.throwIfAborted()

    const ending = new AbortController()
    parts.defer(() => ending.abort())
    const { watching } = pipeline
    const firstWatched = sandbox
      ? await firstWatches({ source, store, directory, watching, sandbox, log, ending: ending.signal })
      : []
    const passes = startPasses({ source, pipeline, delivery, feed, listings, search, log })
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
    const started = parts.move()
    return {
      source,
      store,
      client,
      sandbox,
      firstWatched,
      healthUrl: monitoring?.url ?? null,
      ended: lease ? Promise.race([discord.ended, lease.lost]) : discord.ended,
      stop: () => started.disposeAsync(),
    }
  } catch (error) {
    await parts.disposeAsync()
    throw error
  }
}

const leave = async (what: string, ending: Promise<void>, log: Log): Promise<void> => {
  if (!(await endsWithin(LONGEST_END_MS, ending)))
    log.info({ what, waitMs: LONGEST_END_MS }, 'did not end in time and is left: the next start goes on with it')
}

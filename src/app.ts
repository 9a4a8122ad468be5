import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Client } from 'discord.js'
import { commands } from '../commands/index.ts'
import { endsWithin } from './async/ends-within.ts'
import { unlessAborted } from './async/unless-aborted.ts'
import { createCharts } from './bot/charts/index.ts'
import { alertMail } from './bot/deliver/alerts.ts'
import { channelKeeper } from './bot/deliver/channels.ts'
import { createDelivery } from './bot/deliver/delivery.ts'
import { noticeMail, wasPostedIn } from './bot/deliver/notices.ts'
import { createClient } from './bot/discord/client.ts'
import { registerCommands } from './bot/discord/register.ts'
import { createDispatcher } from './bot/interaction/dispatch.ts'
import { claim } from './claim.ts'
import type { Config } from './config.ts'
import { SetupError } from './errors.ts'
import { firstWatches } from './first-start.ts'
import { type Metric, serveHealth } from './health.ts'
import type { Log } from './log.ts'
import { openMarket } from './market.ts'
import { type Schedule, startSchedule } from './pipeline/run/schedule.ts'
import { type AnySource, sources } from './pipeline/sources/index.ts'
import { createDirectory } from './pipeline/stocks/directory.ts'
import { dailyListings } from './pipeline/stocks/listings.ts'
import type { Store } from './pipeline/store/contract.ts'
import { openStore } from './pipeline/store/index.ts'
import { parsePlace } from './pipeline/store/url.ts'
import { createSandbox, type Sandbox } from './sandbox/index.ts'

const LONGEST_PASS_MS = 10 * 60_000
/** What is under way may end by itself for so long. */
const LONGEST_END_MS = 1_500

/** The running bot. */
export interface App {
  readonly source: AnySource
  readonly store: Store
  readonly client: Client
  /** The local Discord, when no token names the real one. */
  readonly sandbox: Sandbox | null
  /** Symbols followed by the first start itself; empty later. */
  readonly firstWatched: readonly string[]
  /** Where `/health` and `/metrics` are, when they are. */
  readonly healthUrl: string | null
  /** Resolves, with what the operator must do, when the bot can do nothing more. */
  readonly ended: Promise<Error>
  /** Ends everything in reverse order, within about 4 s however slow Discord and the source are: what is then under way is left. */
  stop(): Promise<void>
}

/**
 * Starts every part in order: store → source → pipeline → Discord → schedule. What was started is ended again when a later part fails,
 * and when `stop` comes before all of it runs.
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

    const source = await sources[config.SOURCE](config, { store, log, now })
    parts.defer(() => source.close())
    await source.open(stop)
    const directory = createDirectory(source.calendar.name === '24h' ? 'any' : 'krx')
    const listings = dailyListings({ source, store, directory, log, now })
    await listings.refresh(stop)

    const { pipeline, read, feed } = await openMarket({ source, store, directory, log, now })
    let stopped: Promise<void> | null = null
    const stopPipeline = () => {
      stopped ??= leave('work on a stock', pipeline.stop(), log)
      return stopped
    }
    parts.defer(stopPipeline)
    await pipeline.follow()

    const sandbox = config.DISCORD_TOKEN === undefined ? await openSandbox(config) : null
    if (sandbox) parts.defer(() => sandbox.close())
    const discord = createClient({
      token: config.DISCORD_TOKEN ?? sandbox?.token ?? '',
      api: sandbox?.apiUrl ?? config.DISCORD_API,
      applicationId: sandbox?.applicationId ?? config.DISCORD_APPLICATION_ID,
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
        alertMail({ outbox: store.outbox, read, charts, log, now, speed: source.speed ?? 1 }),
        noticeMail({ board: feed, read, wasPosted: wasPostedIn(client), now }),
      ],
      channels: channelKeeper({ client, read, watching: pipeline.watching, log }),
      tokenWorks: discord.tokenWorks,
      log,
      now,
    })
    let schedule: Schedule | null = null
    // All at once: each tells its part to begin nothing more, and waits for what has begun. Who waits for a stock's history is told that the bot stops.
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
    let lastPass = performance.now()
    /** Not by the clock, which can be set. */
    const sincePassMs = () => performance.now() - lastPass
    schedule = startSchedule(
      [
        {
          name: 'collect and detect',
          at: source.collectAt,
          run: async (signal) => {
            await pipeline.collectAndDetect(signal)
            lastPass = performance.now()
          },
        },
        // Of its own: a channel that Discord slows down must not delay the next minute.
        { name: 'deliver', at: '* * * * * *', run: () => delivery.pass() },
        // Of its own: a collect pass that hangs is silence too.
        { name: 'feed watch', at: '*/10 * * * * *', run: (signal) => feed.look(signal) },
        { name: 'train', at: '0 30 3 * * *', run: (signal) => pipeline.train(signal) },
        // More often than once a day: one that failed is tried again.
        { name: 'listings', at: '0 0,30 * * * *', run: (signal) => listings.refreshWhenDue(signal) },
      ],
      log,
    )

    let healthUrl: string | null = null
    if (config.HTTP_PORT !== undefined) {
      const serving = await serveHealth({
        port: config.HTTP_PORT,
        async health() {
          const problem =
            discord.problem() ??
            (sincePassMs() > LONGEST_PASS_MS ? 'no pass has ended for ten minutes' : null) ??
            pipeline.trouble()
          return { ok: problem === null, problem, note: liveNote(source) }
        },
        async metrics() {
          return [
            {
              name: 'minutewatch_watched_symbols',
              help: 'Symbols watched',
              value: (await store.watches.symbols(source.series)).length,
            },
            {
              name: 'minutewatch_source_capacity',
              help: 'Symbols the source can keep up to date',
              value: source.capacity,
            },
            ...liveMetric(source),
            { name: 'minutewatch_posts_due', help: 'Posts and edits owed', value: await store.outbox.countDue() },
            {
              name: 'minutewatch_last_pass_age_seconds',
              help: 'Since the last collect pass ended',
              value: sincePassMs() / 1_000,
            },
            {
              name: 'minutewatch_discord_ok',
              help: '1 while the connection is healthy',
              value: discord.problem() === null ? 1 : 0,
            },
            { name: 'process_resident_memory_bytes', help: 'Resident memory', value: process.memoryUsage().rss },
          ]
        },
      })
      parts.defer(() => serving.close())
      healthUrl = serving.url
    }
    const started = parts.move()
    return {
      source,
      store,
      client,
      sandbox,
      firstWatched,
      healthUrl,
      ended: discord.ended,
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

const liveMetric = ({ live }: AnySource): Metric[] =>
  live
    ? [
        {
          name: 'minutewatch_live_symbols',
          help: 'Symbols whose minutes come over the live feed now',
          value: live().registered,
        },
      ]
    : []

/** Without its live feed a source is still asked for every minute. */
const liveNote = ({ live }: AnySource): string | null => {
  const reason = live?.().reason ?? null
  return reason && `no live feed, minutes are asked for one by one: ${reason}`
}

/** The embedded database's file, or where it would be; null when nothing is to be kept. */
const homeFile = (config: Config): string | null => {
  const place = parsePlace(config.DATABASE_URL)
  if (place.engine === 'mariadb') return resolve('data/minutewatch.db')
  return place.path === ':memory:' ? null : place.path
}

/** Two processes on one embedded database or one local Discord would post everything twice and overwrite each other's messages. */
const claimHome = (config: Config, description: string): (() => void) => {
  const home = homeFile(config)
  const shared = config.DATABASE_URL.startsWith('sqlite:')
  if (home === null || (!shared && config.DISCORD_TOKEN !== undefined)) return () => {}
  makeFolder(dirname(home))
  const release = claim(`${home}.lock`)
  if (release !== null) return release
  throw new SetupError(
    shared
      ? `DATABASE_URL names ${description}, which another minutewatch is using: stop that one, or name another file.`
      : `another minutewatch is running with the local Discord in ${dirname(home)}: stop that one, or start this one in another folder.`,
  )
}

/** The local Discord, its state beside the embedded database, so that one folder holds all that a demonstration remembers. */
const openSandbox = async (config: Config): Promise<Sandbox> => {
  const home = homeFile(config)
  const statePath = home === null ? null : join(dirname(home), 'local-discord')
  if (statePath !== null) makeFolder(statePath)
  return createSandbox({ port: config.SANDBOX_PORT, statePath }).catch((error: unknown) => {
    throw unwritable(error) ?? error
  })
}

const makeFolder = (folder: string): void => writing(() => void mkdirSync(folder, { recursive: true }))

const writing = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw unwritable(error) ?? error
  }
}

/** What the operator can mend about a file, as a sentence; null for anything else. */
const unwritable = (error: unknown): SetupError | null => {
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return null
  return new SetupError(
    `${error.path} cannot be written (${error.code}): let this user write there, or start in another folder.`,
    {
      cause: error,
    },
  )
}

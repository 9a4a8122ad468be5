import type { Client } from 'discord.js'
import { withPatience } from '../async/time-limits.ts'
import { createClient } from '../bot/discord/client.ts'
import { lackedPermissions } from '../bot/discord/posting-permissions.ts'
import { isOwnGuild } from '../bot/discord/shards.ts'
import { type Config, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { sources } from '../pipeline/sources/index.ts'
import type { Source } from '../pipeline/sources/source.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { openStore } from '../pipeline/store/index.ts'
import { openCheckedNode } from '../search.ts'
import { centersOrigin } from './centers-origin.ts'
import { counted, type Terminal } from './terminal.ts'
import { checkWatched } from './watched.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  /** The finding, and, if not ok, what to do. */
  readonly message: string
}

interface Checks {
  tell(finding: Finding): void
  /** Prints the result of the work, or why it failed; a `message` of null prints nothing. Returns null if it failed. */
  attempt<T>(check: string, work: () => Promise<{ message: string | null; value: T }>): Promise<T | null>
}

/** Tolerated difference between our clock and another's. */
const SKEW_S = 5
const PATIENCE_MS = 20_000
/** Naver's list is some seventy pages, a second each. */
const LISTINGS_MS = 2 * 60_000

/** Runs every check by itself, so that one that fails never hides the next. */
export const doctor = async (
  { env, json }: { env: NodeJS.ProcessEnv; json: boolean },
  terminal: Terminal,
): Promise<void> => {
  const checks = createChecks(json, terminal)
  const config = await checks.attempt('configuration', async () => {
    const value = readConfig(env)
    return { value, message: `source ${value.SOURCE}, ${value.DISCORD_TOKEN ? 'Discord' : 'local Discord'}` }
  })
  if (!config) return
  const log = createLog('silent')
  const opened = await checks.attempt('database', async () => {
    const value = await openStore(config.DATABASE_URL, { log })
    return { value, message: `${value.description} opens, and its schema is of this version` }
  })
  // A source reads from the store. If that cannot be opened, the source is checked with an empty one.
  const store = opened ?? (await openStore('sqlite::memory:', { log }))
  try {
    const series = await checkSource(config, store, checks)
    const lead = await checkDiscord(config, store, series, checks)
    await checkSearch(config, store, checks)
    const ownClock = config.SOURCE === 'simulated' || config.SOURCE === 'csv'
    checks.tell(
      ownClock
        ? { check: 'clock', ok: true, message: `not needed: the ${config.SOURCE} market has its own` }
        : clockFinding(lead),
    )
  } finally {
    await store.close()
  }
}

const createChecks = (json: boolean, terminal: Terminal): Checks => {
  const tell = (finding: Finding) => {
    if (json) terminal.json(finding)
    else terminal.line(`${finding.ok ? '✔' : '✘'} ${finding.check.padEnd(14)} ${finding.message}`)
    if (!finding.ok) terminal.failed()
  }
  return {
    tell,
    async attempt(check, work) {
      try {
        const { message, value } = await work()
        if (message !== null) tell({ check, ok: true, message })
        return value
      } catch (error) {
        tell({
          check,
          ok: false,
          message: error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ') : String(error),
        })
        return null
      }
    },
  }
}

/** @returns the series, known even if the source does not answer; null if the source could not be made */
const checkSource = async (config: Config, store: Store, { attempt, tell }: Checks): Promise<string | null> => {
  const source = await attempt('source', async () => {
    const value: Source = await sources[config.SOURCE](config, { store, log: createLog('silent'), now: Date.now })
    return { value, message: null }
  })
  if (!source) return null
  try {
    const { name, series } = source
    if (source.kind === 'bars') {
      const bars = source
      await attempt('centers', async () => ({ value: null, message: await centersOrigin(bars, store) }))
    }
    const stocks = await attempt('source', async () => {
      await withPatience(PATIENCE_MS, name, (signal) => source.open(signal))
      const listings = await withPatience(LISTINGS_MS, name, (signal) => source.listings(signal))
      return { value: { listings, watched: await store.watches.symbols(series) }, message: null }
    })
    if (!stocks) return series
    const { listings, watched } = stocks
    const listed =
      listings.length === 0 ? 'which has no list of its stocks' : `${counted(listings.length, 'stock')} listed`
    const places = `${watched.length} of ${source.capacity} places for watched stocks used`
    tell(
      watched.length > source.capacity
        ? {
            check: 'source',
            ok: false,
            message: `${name} answers, but ${places}: minutes come late until some are unwatched`,
          }
        : { check: 'source', ok: true, message: `${name} answers, ${listed}; ${places}` },
    )
    const more = await attempt('source', async () => ({
      value: (await withPatience(PATIENCE_MS, name, async (signal) => source.check?.(signal))) ?? [],
      message: null,
    }))
    for (const finding of more ?? []) tell({ check: 'source', ...finding })
    for (const finding of await checkWatched(watched, listings, source)) tell({ check: 'watched', ...finding })
    return series
  } finally {
    await source.close()
  }
}

/** @returns our clock's lead over Discord's in ms, up to a second too large; null without an answer */
const checkDiscord = async (
  config: Config,
  store: Store,
  series: string | null,
  { attempt, tell }: Checks,
): Promise<number | null> => {
  const token = config.DISCORD_TOKEN
  if (token === undefined) {
    const message = `no DISCORD_TOKEN: npm start opens a local Discord on port ${config.SANDBOX_PORT}`
    tell({ check: 'Discord', ok: true, message })
    return null
  }
  const { SHARDS: ids, SHARD_COUNT: count } = config
  const discord = createClient({
    token,
    api: config.DISCORD_API,
    applicationId: config.DISCORD_APPLICATION_ID,
    shards: { ids, count },
    log: createLog('silent'),
    now: Date.now,
  })
  let lead: number | null = null
  discord.client.rest.on('response', (_request, { headers }) => {
    const date = Date.parse(headers.get('date') ?? '')
    if (Number.isFinite(date)) lead = Math.min(lead ?? Infinity, Date.now() - date)
  })
  try {
    const client = await attempt('Discord', async () => {
      await discord.start()
      const value = discord.client as Client<true>
      const servers = value.guilds.cache.size
      const all = ids.length === count
      if (servers === 0 && all)
        throw new Error(`signed in as ${value.user.tag}, but in no server: invite the bot to one`)
      const where = `${counted(servers, 'server')}${all ? '' : `, on ${ids.length} of ${count} shards`}`
      return { value, message: `signed in as ${value.user.tag} in ${where}` }
    })
    if (!client || series === null) return lead
    const channels = new Set<string>()
    for (const symbol of await store.watches.symbols(series))
      for (const { channelId, guildId } of await store.watches.ofSymbol(series, symbol))
        if (isOwnGuild(client, guildId)) channels.add(channelId)
    for (const id of channels)
      await attempt('permissions', async () => ({ value: null, message: await mayPost(client, id) }))
    return lead
  } finally {
    await discord.stop()
  }
}

const checkSearch = async (config: Config, store: Store, { attempt }: Checks): Promise<void> => {
  if (config.ELASTICSEARCH_URL === undefined) return
  await attempt('search', async () => {
    const node = await openCheckedNode(config)
    try {
      const product = await node?.describe()
      const lacked = (await node?.lackedTemplates()) ?? []
      const templates = lacked.length === 0 ? 'its index templates are there' : 'the bot makes its index templates'
      const waiting = `${counted(await store.unsent.count(), 'day')} of a stock not sent yet`
      return { value: null, message: `${product} answers at ${node?.address}; ${templates}; ${waiting}` }
    } finally {
      await node?.close()
    }
  })
}

const mayPost = async (client: Client<true>, id: string): Promise<string> => {
  const channel = await client.channels.fetch(id).catch((cause: unknown) => {
    throw new Error(
      `channel ${id}: ${cause instanceof Error ? cause.message : cause}; let the bot see it, or unwatch its stocks`,
      {
        cause,
      },
    )
  })
  if (!channel || !('permissionsFor' in channel)) throw new Error(`channel ${id} is gone: unwatch its stocks`)
  const place = `#${channel.name} in ${channel.guild.name}`
  const missing = lackedPermissions(channel.permissionsFor(client.user), channel.isThread()).join(', ')
  if (missing !== '') throw new Error(`${place}: give the bot ${missing} in the channel's settings`)
  return `${place}: the bot may post there`
}

const clockFinding = (lead: number | null): Finding => {
  if (lead === null)
    return {
      check: 'clock',
      ok: true,
      message: 'not compared: Discord gave no time; minutes close by this clock, so keep it set by NTP',
    }
  const seconds = Math.abs(lead / 1_000)
  return seconds <= SKEW_S
    ? {
        check: 'clock',
        ok: true,
        message: `agrees with Discord's (within ${Math.ceil(seconds)} s); minutes close by this clock`,
      }
    : {
        check: 'clock',
        ok: false,
        message: `this computer's clock is ${seconds.toFixed(0)} s ${lead > 0 ? 'ahead of' : 'behind'} Discord's: switch on time synchronisation (NTP)`,
      }
}

import type { Client } from 'discord.js'
import { createClient } from '../bot/discord/client.ts'
import { lackedPermissions } from '../bot/discord/posting-permissions.ts'
import { isOwnGuild } from '../bot/discord/shards.ts'
import { type Config, readConfig } from '../config.ts'
import { createLog } from '../log.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { openStore } from '../pipeline/store/index.ts'
import { openCheckedNode } from '../search.ts'
import { checkRoles } from './check-roles.ts'
import { checkSource } from './check-source.ts'
import { checkTopic } from './check-topic.ts'
import { type Checks, createChecks, type Finding } from './checks.ts'
import { counted, type Terminal } from './terminal.ts'

/** Tolerated difference between our clock and another's. */
const SKEW_S = 5

/** Runs every check by itself, so that one that fails never hides the next. */
export const doctor = async (
  { env, json }: { env: NodeJS.ProcessEnv; json: boolean },
  terminal: Terminal,
): Promise<void> => {
  const checks = createChecks(json, terminal)
  const config = await checks.attempt('configuration', async () => {
    const value = readConfig(env)
    return { value, message: describe(value) }
  })
  if (!config) return
  const log = createLog('silent')
  const opened = await checks.attempt('database', async () => {
    const value = await openStore(config.DATABASE_URL, { log })
    return { value, message: `${value.description} opens, and its schema is of this version` }
  })
  // A source reads from the store. If that cannot be opened, the source is checked with an empty one.
  const store = opened ?? (await openStore('sqlite::memory:', { log }))
  const { ROLE: role, KAFKA_BROKERS: brokers } = config
  try {
    const collected = role === 'all' || role === 'collector' ? await checkSource(config, store, checks) : null
    const shared = role !== 'all' && opened ? await checkRoles(config, store, checks) : null
    const lead = talks(role) ? await checkDiscord(config, store, collected ?? shared, checks) : null
    // The client is loaded only where brokers are named.
    if (brokers !== undefined) await checkTopic(config, checks)
    if (role !== 'bot') await checkSearch(config, store, checks)
    const ownClock = config.SOURCE === 'simulated' || config.SOURCE === 'csv'
    checks.tell(
      ownClock
        ? { check: 'clock', ok: true, message: `not needed: the ${config.SOURCE} market has its own` }
        : clockFinding(lead, role),
    )
  } finally {
    await store.close()
  }
}

/** True for a role that talks to Discord. */
const talks = (role: Config['ROLE']): boolean => role === 'all' || role === 'bot'

const describe = ({ ROLE: role, SOURCE, DISCORD_TOKEN }: Config): string => {
  const parts = [`source ${SOURCE}`]
  if (role !== 'all') parts.unshift(`role ${role}`)
  if (talks(role)) parts.push(DISCORD_TOKEN ? 'Discord' : 'local Discord')
  return parts.join(', ')
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

const clockFinding = (lead: number | null, role: Config['ROLE']): Finding => {
  if (lead === null) {
    const why = talks(role) ? 'Discord gave no time' : `a ${role} does not ask Discord for the time`
    return {
      check: 'clock',
      ok: true,
      message: `not compared: ${why}; minutes close by this clock, so keep it set by NTP`,
    }
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

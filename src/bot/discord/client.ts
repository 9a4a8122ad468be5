import { Client, DiscordAPIError, Events, GatewayIntentBits, Routes, Status } from 'discord.js'
import { Agent } from 'undici'
import { endsWithin } from '../../async/time-limits.ts'
import { SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Shards } from '../../pipeline/store/records.ts'
import { loggable } from './api-errors.ts'

/** Discord asks for a heartbeat about every 41 s. After three missed ones the connection counts as dead. */
const HEARTBEAT_SILENCE_MS = 130_000
/** Close codes of the gateway. */
const TOKEN_REFUSED = 4004
const SHARDING_REQUIRED = 4011
const READY_WAIT_MS = 60_000
/**
 * Discord lets a bot open one session in five seconds (very large bots several), and discord.js adds up to 1.5 s: each
 * further shard makes the start so much slower.
 */
const READY_WAIT_PER_SHARD_MS = 6_500
const STOP_WAIT_MS = 1_000

export interface Discord {
  readonly client: Client
  /**
   * Resolves once guilds and channels of all own shards are known.
   *
   * @throws {SetupError} if the token, its application or the address is wrong
   */
  start(): Promise<void>
  /**
   * One sentence that says why the bot cannot receive or send and what to do about it, or null. It is derived from
   * token, shards and heartbeat, because discord.js calls a connection ready that receives nothing.
   */
  problem(): string | null
  /**
   * Asks Discord if it still takes the token, as a single refusal can be a passing fault of a server before Discord.
   * Any answer other than a refusal counts as yes. Only one such request runs at a time.
   */
  tokenWorks(): Promise<boolean>
  /** Resolves once the bot, or one of its shards, can do nothing more until its operator acts. */
  readonly ended: Promise<SetupError>
  /** Takes at most 1 s. */
  stop(): Promise<void>
}

interface Options {
  readonly token: string
  /** The `rest.api` option of discord.js, without a trailing slash or a version. */
  readonly api?: string | undefined
  /** The application that the token must belong to. */
  readonly applicationId?: string | undefined
  /** The shards that this client connects; by default the only one. */
  readonly shards?: Shards
  readonly log: Log
  readonly now: () => number
}

const ONE_SHARD: Shards = { ids: [0], count: 1 }

export const createClient = ({ token, api, applicationId, shards = ONE_SHARD, log, now }: Options): Discord => {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    ...(api === undefined ? {} : { rest: { api, cdn: new URL('/cdn', api).href } }),
    shards: shards.ids,
    // If the count equals its default, 1, discord.js reads SHARD_COUNT from the environment, where an empty value would
    // count as 0. Therefore it gets another number here, and the real count below.
    shardCount: Number.MAX_SAFE_INTEGER,
  })
  client.options.shardCount = shards.count
  // The agent comes from the undici that discord.js uses. Without it discord.js may get the dispatcher of Node's
  // bundled copy, and then an upload that is answered before it has been read ends the process.
  client.rest.setAgent(new Agent())
  /** For each shard, the time at which its present connection became ready. */
  const connectedAt = new Map<number, number>()
  let refused = false
  const { promise: ended, resolve: end } = Promise.withResolvers<SetupError>()
  /** The first shard whose connection Discord ended for good, and the code. */
  let endedFirst: { readonly shard: number; readonly code: number } | null = null

  client.on(Events.Error, (error) => log.error({ err: loggable(error) }, 'discord client error'))
  client.on(Events.Warn, (message) => log.warn({ message }, 'discord client warning'))
  client.on(Events.ShardError, (error, shard) => log.warn({ err: loggable(error), shard }, 'discord connection error'))
  client.on(Events.ShardReconnecting, (shard) => log.info({ shard }, 'discord reconnecting'))
  client.on(Events.ShardResume, (shard) => {
    connectedAt.set(shard, now())
    log.info({ shard }, 'discord resumed')
  })
  client.on(Events.ShardReady, (shard) => connectedAt.set(shard, now()))
  client.on(Events.ShardDisconnect, ({ code }, shard) => {
    log.error({ code, shard }, 'discord connection ended for good')
    if (code === TOKEN_REFUSED) {
      refused = true
      end(tokenRefused())
    } else {
      endedFirst ??= { shard, code }
      end(code === SHARDING_REQUIRED ? tooFewShards() : endedForGood(code))
    }
  })
  let asking: Promise<boolean> | null = null
  const askForToken = async (): Promise<boolean> => {
    client.rest.setToken(token) // discord.js forgets it with the first refusal
    try {
      await client.rest.get(Routes.user())
      return true
    } catch (error) {
      if (!(error instanceof DiscordAPIError && error.status === 401)) return true
      refused = true
      end(tokenRefused())
      return false
    }
  }
  const tokenWorks = (): Promise<boolean> => {
    asking ??= askForToken().finally(() => {
      asking = null
    })
    return asking
  }
  client.rest.on('response', ({ data }, { status }) => {
    // Without `auth` the refused token is an interaction's.
    if (status === 401 && data.auth) void tokenWorks()
  })

  /** Names shards of several; the only one needs no name. */
  const onShards = (ids: readonly number[]): string =>
    shards.ids.length === 1 || ids.length === 0 ? '' : ` on shard${ids.length === 1 ? '' : 's'} ${ids.join(', ')}`

  const problem = (): string | null => {
    if (refused) return 'Discord refused the token: put a good one into DISCORD_TOKEN and start again'
    if (endedFirst !== null)
      return `Discord ended the connection${onShards([endedFirst.shard])} for good (code ${endedFirst.code}): start again`
    const connections = [...client.ws.shards.values()]
    const away = connections.filter(({ status }) => status !== Status.Ready)
    if (away.length > 0 || connections.length === 0) {
      const state = Status[away[0]?.status ?? Status.Idle] ?? 'Unknown'
      return `no connection to Discord${onShards(away.map(({ id }) => id))} (${state}): it comes back by itself; check the network if it does not`
    }
    const beats = connections.map(({ id, lastPingTimestamp }) => Math.max(lastPingTimestamp, connectedAt.get(id) ?? 0))
    const silence = now() - Math.min(...beats)
    if (silence < HEARTBEAT_SILENCE_MS) return null
    return `Discord has been silent for ${Math.round(silence / 1_000)} s: check the network, and start again if it stays so`
  }

  return {
    client,
    problem,
    tokenWorks,
    ended,
    async start() {
      const wait = readyOrRefused(client, READY_WAIT_MS + (shards.ids.length - 1) * READY_WAIT_PER_SHARD_MS)
      try {
        await Promise.all([client.login(token), wait.promise])
      } catch (error) {
        throw setupError(error, api)
      } finally {
        wait.end()
      }
      const signedIn = client.application?.id
      if (applicationId !== undefined && signedIn !== applicationId)
        throw new SetupError(
          `DISCORD_TOKEN belongs to application ${signedIn}, and DISCORD_APPLICATION_ID names another: copy both from the same application in the developer portal, or leave DISCORD_APPLICATION_ID empty.`,
        )
    },
    async stop() {
      if (!(await endsWithin(STOP_WAIT_MS, client.destroy())))
        log.info({ waitMs: STOP_WAIT_MS }, 'discord client did not close in time')
    },
  }
}

/**
 * Waits for the ready event, which follows those of all shards, or for a refusal, because `login()` resolves before guilds are known and reports no refusal of
 * the gateway.
 */
const readyOrRefused = (client: Client, waitMs: number): { promise: Promise<void>; end: () => void } => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  promise.catch(() => {}) // login() may have failed first
  const onReady = () => resolve()
  const onEnd = ({ code }: { code: number }) => reject(new GatewayRefusal(code))
  client.once(Events.ClientReady, onReady)
  client.once(Events.ShardDisconnect, onEnd)
  const timer = setTimeout(() => reject(new Error(`not ready within ${waitMs / 1000} s`)), waitMs)
  const end = () => {
    clearTimeout(timer)
    client.off(Events.ClientReady, onReady)
    client.off(Events.ShardDisconnect, onEnd)
  }
  return { promise, end }
}

const tokenRefused = (): SetupError =>
  new SetupError(
    'Discord refused DISCORD_TOKEN, and nothing can be posted: put a good one in its place and start again.',
  )

const tooFewShards = (): SetupError =>
  new SetupError(
    'Discord refused SHARD_COUNT: the bot is in too many servers for so few shards. Raise it, in all processes alike, then start again.',
  )

const endedForGood = (code: number): SetupError =>
  new SetupError(
    `Discord ended the connection for good (code ${code}): look up the code in Discord's documentation, then start again.`,
  )

class GatewayRefusal extends Error {
  readonly code: number
  constructor(code: number) {
    super(`gateway closed with ${code}`)
    this.code = code
  }
}

const setupError = (error: unknown, api: string | undefined): SetupError => {
  const options = { cause: error }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'TokenInvalid' || code === TOKEN_REFUSED)
    return new SetupError(
      'DISCORD_TOKEN was refused by Discord: copy it again from the developer portal, page Bot.',
      options,
    )
  if (code === SHARDING_REQUIRED) return tooFewShards()
  if (code === 4013 || code === 4014)
    return new SetupError(
      'Discord refused the intents of the bot: allow the Guilds intent for DISCORD_TOKEN’s application.',
      options,
    )
  const where = api === undefined ? 'Discord' : `Discord at ${api} (DISCORD_API)`
  const why = error instanceof Error ? error.message || String(code) : String(error)
  return new SetupError(
    `${where} does not answer: ${why}. Check the network and the address, then start again.`,
    options,
  )
}

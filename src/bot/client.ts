import { Client, Events, GatewayIntentBits, Status } from 'discord.js'
import type { Log } from '../log.ts'
import { loggable } from './api-errors.ts'
import { endsWithin } from './ends-within.ts'
import { BotSetupError } from './errors.ts'

/** Discord asks for a heartbeat every 41 s or so; three missed ones are a dead line. */
const HEARTBEAT_SILENCE_MS = 130_000
const READY_WAIT_MS = 60_000
const STOP_WAIT_MS = 1_000

export interface Health {
  readonly ok: boolean
  /** discord.js's name of the first unhealthy shard's status, else `Ready`. */
  readonly shard: string
  /** Age of the last heartbeat answer, or of the connection while there was none. */
  readonly heartbeatAgeMs: number | null
  /** Age of the last answer of Discord's REST interface that was not a refusal of the token or a server's failure. */
  readonly restAgeMs: number | null
  /** False once Discord has refused the token. */
  readonly authorised: boolean
}

export interface Discord {
  readonly client: Client
  /** Resolves once guilds and channels are known. @throws {BotSetupError} when the token or the address is wrong */
  start(): Promise<void>
  /** A connection can be deaf while discord.js calls it ready, so this asks for shard, heartbeat and REST. */
  health(): Health
  /** Never takes longer than 1 s. */
  stop(): Promise<void>
}

interface Options {
  readonly token: string
  /** discord.js's `rest.api`: no trailing slash, no version. */
  readonly api?: string | undefined
  readonly log: Log
  readonly now: () => number
}

export const createClient = ({ token, api, log, now }: Options): Discord => {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    ...(api === undefined ? {} : { rest: { api, cdn: new URL('/cdn', api).href } }),
  })
  let connectedAt: number | null = null
  let lastRestAt: number | null = null
  let refused = false

  client.on(Events.Error, (error) => log.error({ err: loggable(error) }, 'discord client error'))
  client.on(Events.Warn, (message) => log.warn({ message }, 'discord client warning'))
  client.on(Events.ShardError, (error, shard) => log.warn({ err: loggable(error), shard }, 'discord connection error'))
  client.on(Events.ShardReconnecting, (shard) => log.info({ shard }, 'discord reconnecting'))
  client.on(Events.ShardResume, (shard) => log.info({ shard }, 'discord resumed'))
  client.on(Events.ShardDisconnect, ({ code }, shard) => log.error({ code, shard }, 'discord connection ended for good'))
  client.on(Events.ClientReady, () => {
    connectedAt = now()
  })
  client.rest.on('response', (_request, { status }) => {
    if (status === 401) refused = true
    else if (status < 500 && status !== 429) lastRestAt = now()
  })

  const health = (): Health => {
    const shards = [...client.ws.shards.values()]
    const deaf = shards.find((shard) => shard.status !== Status.Ready)
    const beats = shards.map((shard) => (shard.lastPingTimestamp > 0 ? shard.lastPingTimestamp : connectedAt)).filter((at) => at !== null)
    const heartbeatAgeMs = beats.length === 0 ? null : now() - Math.min(...beats)
    const shard = shards.length === 0 ? 'Idle' : (Status[deaf?.status ?? Status.Ready] ?? 'Unknown')
    return {
      ok: shards.length > 0 && deaf === undefined && !refused && heartbeatAgeMs !== null && heartbeatAgeMs < HEARTBEAT_SILENCE_MS,
      shard,
      heartbeatAgeMs,
      restAgeMs: lastRestAt === null ? null : now() - lastRestAt,
      authorised: !refused,
    }
  }

  return {
    client,
    health,
    async start() {
      const wait = readyOrRefused(client)
      try {
        await Promise.all([client.login(token), wait.promise])
      } catch (error) {
        throw setupError(error, api)
      } finally {
        wait.end()
      }
    },
    async stop() {
      if (!(await endsWithin(STOP_WAIT_MS, client.destroy()))) log.info({ waitMs: STOP_WAIT_MS }, 'discord client did not close in time')
    },
  }
}

/** `login()` resolves before guilds are known and stays silent when the gateway turns the bot away. */
const readyOrRefused = (client: Client): { promise: Promise<void>; end: () => void } => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  promise.catch(() => {}) // login() may have failed first
  const onReady = () => resolve()
  const onEnd = ({ code }: { code: number }) => reject(new GatewayRefusal(code))
  client.once(Events.ClientReady, onReady)
  client.once(Events.ShardDisconnect, onEnd)
  const timer = setTimeout(() => reject(new Error(`not ready within ${READY_WAIT_MS / 1000} s`)), READY_WAIT_MS)
  const end = () => {
    clearTimeout(timer)
    client.off(Events.ClientReady, onReady)
    client.off(Events.ShardDisconnect, onEnd)
  }
  return { promise, end }
}

class GatewayRefusal extends Error {
  readonly code: number
  constructor(code: number) {
    super(`gateway closed with ${code}`)
    this.code = code
  }
}

const setupError = (error: unknown, api: string | undefined): BotSetupError => {
  const options = { cause: error }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'TokenInvalid' || code === 4004)
    return new BotSetupError('DISCORD_TOKEN was refused by Discord: copy it again from the developer portal, page Bot.', options)
  if (code === 4013 || code === 4014)
    return new BotSetupError('Discord refused the intents of the bot: allow the Guilds intent for DISCORD_TOKEN’s application.', options)
  const where = api === undefined ? 'Discord' : `Discord at ${api} (DISCORD_API)`
  const why = error instanceof Error ? error.message || String(code) : String(error)
  return new BotSetupError(`${where} does not answer: ${why}. Check the network and the address, then start again.`, options)
}

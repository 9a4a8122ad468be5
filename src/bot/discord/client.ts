import { Client, DiscordAPIError, Events, GatewayIntentBits, Routes, Status } from 'discord.js'
import { Agent } from 'undici'
import { endsWithin } from '../../async/ends-within.ts'
import { SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { loggable } from './api-errors.ts'

/** Discord asks for a heartbeat every 41 s or so; three missed ones are a dead line. */
const HEARTBEAT_SILENCE_MS = 130_000
/** Of the gateway. */
const TOKEN_REFUSED = 4004
const READY_WAIT_MS = 60_000
const STOP_WAIT_MS = 1_000

export interface Discord {
  readonly client: Client
  /** Resolves once guilds and channels are known. @throws {SetupError} when the token, its application or the address is wrong */
  start(): Promise<void>
  /**
   * What keeps the bot from hearing or speaking, and what to do about it: one sentence, or null. A connection can be deaf while discord.js calls it
   * ready, so this asks for token, shards and heartbeat.
   */
  problem(): string | null
  /**
   * Whether Discord still takes the token, asked of Discord: one refusal can be a passing fault of a server before it. One call at a time. An answer other than
   * a refusal counts as yes.
   */
  tokenWorks(): Promise<boolean>
  /** Resolves when the bot can do nothing more until its operator acts. */
  readonly ended: Promise<SetupError>
  /** Never takes longer than 1 s. */
  stop(): Promise<void>
}

interface Options {
  readonly token: string
  /** discord.js's `rest.api`: no trailing slash, no version. */
  readonly api?: string | undefined
  /** The application that the token should belong to. */
  readonly applicationId?: string | undefined
  readonly log: Log
  readonly now: () => number
}

export const createClient = ({ token, api, applicationId, log, now }: Options): Discord => {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    ...(api === undefined ? {} : { rest: { api, cdn: new URL('/cdn', api).href } }),
  })
  // An agent of discord.js' own undici. Without it the process may use Node's copy beside it, and an upload that is answered before it has been read then ends the process.
  client.rest.setAgent(new Agent())
  let connectedAt: number | null = null
  let refused = false
  const { promise: ended, resolve: end } = Promise.withResolvers<SetupError>()
  /** The code with which Discord ended the connection for good. */
  let endedWith: number | null = null

  client.on(Events.Error, (error) => log.error({ err: loggable(error) }, 'discord client error'))
  client.on(Events.Warn, (message) => log.warn({ message }, 'discord client warning'))
  client.on(Events.ShardError, (error, shard) => log.warn({ err: loggable(error), shard }, 'discord connection error'))
  client.on(Events.ShardReconnecting, (shard) => log.info({ shard }, 'discord reconnecting'))
  client.on(Events.ShardResume, (shard) => log.info({ shard }, 'discord resumed'))
  client.on(Events.ShardDisconnect, ({ code }, shard) => {
    log.error({ code, shard }, 'discord connection ended for good')
    if (code === TOKEN_REFUSED) {
      refused = true
      end(tokenRefused())
    } else {
      endedWith = code
      end(
        new SetupError(
          `Discord ended the connection for good (code ${code}): look up the code in Discord's documentation, then start again.`,
        ),
      )
    }
  })
  client.on(Events.ClientReady, () => {
    connectedAt = now()
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
    // Without `auth` it is an interaction's own token that was refused.
    if (status === 401 && data.auth) void tokenWorks()
  })

  const problem = (): string | null => {
    if (refused) return 'Discord refused the token: put a good one into DISCORD_TOKEN and start again'
    if (endedWith !== null) return `Discord ended the connection for good (code ${endedWith}): start again`
    const shards = [...client.ws.shards.values()]
    const away = shards.find(({ status }) => status !== Status.Ready)
    const beats = shards
      .map(({ lastPingTimestamp }) => (lastPingTimestamp > 0 ? lastPingTimestamp : connectedAt))
      .filter((at) => at !== null)
    if (away || beats.length === 0) {
      const state = Status[away?.status ?? Status.Idle] ?? 'Unknown'
      return `no connection to Discord (${state}): it comes back by itself; check the network if it does not`
    }
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
      const wait = readyOrRefused(client)
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

const tokenRefused = (): SetupError =>
  new SetupError(
    'Discord refused DISCORD_TOKEN, and nothing can be posted: put a good one in its place and start again.',
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

import { Client, DiscordAPIError, Events, GatewayIntentBits, Routes, Status } from 'discord.js'
import { Agent } from 'undici'
import { endsWithin } from '../../async/time-limits.ts'
import { SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { loggable } from './api-errors.ts'

/** Discord asks for a heartbeat about every 41 s. After three missed ones the connection counts as dead. */
const HEARTBEAT_SILENCE_MS = 130_000
/** Close code of the gateway. */
const TOKEN_REFUSED = 4004
const READY_WAIT_MS = 60_000
const STOP_WAIT_MS = 1_000

export interface Discord {
  readonly client: Client
  /**
   * Resolves once guilds and channels are known.
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
  /** Resolves once the bot can do nothing more until its operator acts. */
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
  readonly log: Log
  readonly now: () => number
}

export const createClient = ({ token, api, applicationId, log, now }: Options): Discord => {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds],
    allowedMentions: { parse: [] },
    ...(api === undefined ? {} : { rest: { api, cdn: new URL('/cdn', api).href } }),
  })
  // The agent comes from the undici that discord.js uses. Without it discord.js may get the dispatcher of Node's
  // bundled copy, and then an upload that is answered before it has been read ends the process.
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
    // Without `auth` the refused token is an interaction's.
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

/**
 * Waits for the ready event or a refusal, because `login()` resolves before guilds are known and reports no refusal of
 * the gateway.
 */
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

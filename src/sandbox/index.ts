import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { APIUser } from 'discord-api-types/v10'
import { Hono } from 'hono'
import { WebSocketServer } from 'ws'
import { Faults } from './faults.ts'
import { acceptConnection } from './gateway/connection.ts'
import { Hub } from './gateway/hub.ts'
import { Interactions } from './interactions/interactions.ts'
import { createFileJournal, createMemoryJournal } from './journal.ts'
import { RateLimits } from './limits/rates.ts'
import { listen } from './listen.ts'
import type { LocalDiscord } from './local-discord.ts'
import { Posting } from './posting.ts'
import { createApi } from './rest/api.ts'
import { addFileRoutes } from './rest/files.ts'
import { refuseStranger } from './rest/guard.ts'
import type { Env } from './rest/request.ts'
import { createSnowflakes } from './snowflake.ts'
import { createState, type SandboxState } from './state.ts'
import type { SandboxLog } from './types.ts'
import { createWorld, FIXED } from './world.ts'

export type { RestFault } from './faults.ts'
export { Faults } from './faults.ts'
export { PortError } from './listen.ts'
export type { SandboxState } from './state.ts'
export type { SandboxLog } from './types.ts'

export interface SandboxOptions {
  /** 0 takes a free port. */
  readonly port: number
  /** The bot's token; random by default. */
  readonly token?: string
  readonly applicationId?: string
  readonly log?: SandboxLog
  /** The folder in which messages, uploads and commands survive a restart; null or undefined: all stays in memory. */
  readonly statePath?: string | null
  /** The language of a new guild, and of a visitor who has not chosen one yet. */
  readonly locale?: 'ko' | 'en-US'
}

/** A local Discord with one guild, one visitor and one bot. It listens on 127.0.0.1 only. */
export interface Sandbox {
  readonly url: string
  /** For `rest.api` of discord.js. */
  readonly apiUrl: string
  /** For `rest.cdn` of discord.js. */
  readonly cdnUrl: string
  readonly token: string
  readonly applicationId: string
  readonly guildId: string
  readonly alertsChannelId: string
  readonly generalChannelId: string
  readonly faults: Faults
  readonly state: SandboxState
  close(): Promise<void>
}

const SILENT: SandboxLog = { debug() {}, info() {}, warn() {}, error() {} }
const SESSION_STARTS = 1_000

export const openSandbox = async (options: SandboxOptions): Promise<Sandbox> => {
  const now = Date.now
  const app = new Hono<Env>()
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  const port = await listen(server, options.port)
  const url = `http://127.0.0.1:${port}`
  const cdnUrl = `${url}/cdn`
  const applicationId = options.applicationId ?? FIXED.application
  const snowflakes = createSnowflakes(now)
  const cast = {
    applicationId,
    bot: user(applicationId, 'minutewatch', { bot: true, discriminator: '0000' }),
    visitor: user(FIXED.visitor, 'you', { global_name: 'You' }),
  }
  const openWorld = () => {
    const journal = options.statePath ? createFileJournal(options.statePath, cdnUrl) : createMemoryJournal()
    return createWorld({ cast, journal, snowflakes, locale: options.locale ?? 'en-US', now })
  }
  let world: ReturnType<typeof createWorld>
  try {
    world = openWorld()
  } catch (cause) {
    server.close()
    const { code } = cause as NodeJS.ErrnoException
    if (code === undefined) throw cause
    throw new Error(
      `The local Discord cannot use its folder ${options.statePath} (${code}): ` +
        'make it a folder that this user may write to.',
      { cause },
    )
  }
  let identifies = 0
  const hub = new Hub(now)
  const discord: LocalDiscord = {
    now,
    log: options.log ?? SILENT,
    token:
      options.token ??
      `${Buffer.from(applicationId).toString('base64url')}.local.${randomBytes(20).toString('base64url')}`,
    snowflakes,
    world,
    hub,
    faults: new Faults(hub),
    rates: new RateLimits(now),
    posting: new Posting({ world, hub, snowflakes, now, cdnUrl: () => cdnUrl }),
    interactions: new Interactions({ world, hub, snowflakes, now }),
    requests: [],
    gatewayUrl: () => `ws://127.0.0.1:${port}/gateway`,
    cdnUrl: () => cdnUrl,
    countIdentify: () => {
      identifies += 1
    },
    sessionStarts: () => ({
      total: SESSION_STARTS,
      remaining: Math.max(0, SESSION_STARTS - identifies),
      reset_after: 86_400_000,
      max_concurrency: 1,
    }),
  }

  app.use(async (c, next) => {
    const refusal = refuseStranger(c.env.incoming.headers)
    return refusal === null ? next() : c.json({ message: refusal, code: 0 }, 403)
  })
  addFileRoutes(discord, app)
  app.route('/api/v10', createApi(discord))
  const sockets = acceptSockets(discord, server)
  discord.log.info({ url, statePath: options.statePath ?? null }, 'local Discord is up')

  let closing: Promise<void> | null = null
  const close = () => {
    closing ??= new Promise<void>((done) => {
      discord.interactions.close()
      hub.shutDown()
      server.close(() => {
        hub.terminateAll()
        sockets.close()
        world.journal.close()
        done()
      })
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), 500).unref()
    })
    return closing
  }

  return {
    url,
    apiUrl: `${url}/api`,
    cdnUrl,
    token: discord.token,
    applicationId,
    guildId: FIXED.guild,
    alertsChannelId: FIXED.alerts,
    generalChannelId: FIXED.general,
    faults: discord.faults,
    state: createState(discord, FIXED.guild),
    close,
  }
}

const user = (id: string, username: string, more: Partial<APIUser>): APIUser => ({
  id,
  username,
  discriminator: '0',
  global_name: null,
  avatar: null,
  ...more,
})

const acceptSockets = (discord: LocalDiscord, server: Server): WebSocketServer => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => {
    const address = new URL(request.url ?? '/', 'http://127.0.0.1')
    const refusal = refuseStranger(request.headers)
    if (refusal !== null || !address.pathname.startsWith('/gateway')) {
      socket.end(`HTTP/1.1 ${refusal === null ? '404 Not Found' : '403 Forbidden'}\r\nConnection: close\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => acceptConnection(discord, client, address.searchParams))
  })
  return sockets
}

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
import { Posting } from './posting.ts'
import { createApi } from './rest/api.ts'
import { fileRoutes } from './rest/files.ts'
import { refuseStranger } from './rest/guard.ts'
import type { Env } from './rest/request.ts'
import { createSnowflakes } from './snowflake.ts'
import type { Stand } from './stand.ts'
import { createState, type SandboxState } from './state.ts'
import type { SandboxLog } from './types.ts'
import { createWorld, FIXED } from './world.ts'

export type { FaultHandle, FaultRule, RestFault } from './faults.ts'
export { Faults } from './faults.ts'
export { PortError } from './listen.ts'
export type { PermissionName } from './permissions.ts'
export type { RequestRecord } from './stand.ts'
export type { SandboxState } from './state.ts'
export type { SandboxLog } from './types.ts'

export interface SandboxOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** The bot's token; a random one unless given. */
  readonly token?: string
  readonly applicationId?: string
  readonly log?: SandboxLog
  /** A folder in which messages, uploads and commands survive a restart; absent or null keeps everything in memory. */
  readonly statePath?: string | null
  /** Language of a new guild and of a visitor who has not chosen yet. */
  readonly locale?: 'ko' | 'en-US'
}

/** A Discord of one's own: one guild, one visitor, one bot; on 127.0.0.1 only. */
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
      `The local Discord cannot use its folder ${options.statePath} (${code}): make it a folder that this user may write to.`,
      { cause },
    )
  }
  let identifies = 0
  const hub = new Hub(now)
  const stand: Stand = {
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
    identified: () => {
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
  fileRoutes(stand, app)
  app.route('/api/v10', createApi(stand))
  const sockets = acceptSockets(stand, server)
  stand.log.info({ url, statePath: options.statePath ?? null }, 'local Discord is up')

  let closing: Promise<void> | null = null
  const close = () => {
    closing ??= new Promise<void>((done) => {
      stand.interactions.close()
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
    token: stand.token,
    applicationId,
    guildId: FIXED.guild,
    alertsChannelId: FIXED.alerts,
    generalChannelId: FIXED.general,
    faults: stand.faults,
    state: createState(stand, FIXED.guild),
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

const acceptSockets = (stand: Stand, server: Server): WebSocketServer => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024, perMessageDeflate: false })
  server.on('upgrade', (request, socket, head) => {
    const address = new URL(request.url ?? '/', 'http://127.0.0.1')
    const refusal = refuseStranger(request.headers)
    if (refusal !== null || !address.pathname.startsWith('/gateway')) {
      socket.end(`HTTP/1.1 ${refusal === null ? '404 Not Found' : '403 Forbidden'}\r\nConnection: close\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (client) => acceptConnection(stand, client, address.searchParams))
  })
  return sockets
}

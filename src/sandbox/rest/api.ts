import { setTimeout } from 'node:timers/promises'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { ApiError, notFound, tooLarge, unauthorized } from '../api-error.ts'
import type { RestFault } from '../faults.ts'
import { GLOBAL_RATE } from '../limits/rates.ts'
import type { LocalDiscord } from '../local-discord.ts'
import { addCommandRoutes } from './commands.ts'
import { addGuildRoutes } from './guilds.ts'
import { addInteractionRoutes } from './interactions.ts'
import { addMessageRoutes } from './messages.ts'
import { tooMany } from './rate-limit.ts'
import type { Env, Request } from './request.ts'

/** Ten files of ten MiB each, and the rest of their form. */
const MAX_BODY_BYTES = 101 * 1024 * 1024
const MAX_VISITOR_BODY_BYTES = 256 * 1024
const MAX_RECORDED_REQUESTS = 2_000

/** The REST API below `/api/v10`. */
export const createApi = (discord: LocalDiscord): Hono<Env> => {
  const api = new Hono<Env>()

  api.use(async (c, next) => {
    const authorization = c.req.header('authorization')
    const asBot = authorization?.startsWith('Bot ') ?? false
    c.set('actor', asBot ? 'bot' : 'visitor')
    const path = pathOf(c)
    // Answers to interactions carry a token of their own instead of the bot's; they come from the program too.
    const fromProgram = asBot || /^\/(webhooks|interactions\/\d+)\//.test(path)
    if (!fromProgram) return next()

    const record = (status: number) => {
      discord.requests.push({ method: c.req.method, path, status, at: discord.now() })
      if (discord.requests.length > MAX_RECORDED_REQUESTS) discord.requests.shift()
    }
    if (discord.faults.offline) return cut(c)
    const fault = discord.faults.take(c.req.method, path)
    const early = fault && (await faultBefore(c, fault))
    if (early) {
      record(early.status)
      return early
    }
    if (asBot) {
      if (discord.faults.tokenRevoked || authorization !== `Bot ${discord.token}`) throw unauthorized()
      const verdict = discord.rates.take('global', GLOBAL_RATE)
      if (!verdict.allowed) return tooMany(c, verdict.resetAfterMs, { global: true })
    }
    await next()
    const late = fault && (await faultAfter(c, fault))
    record((late ?? c.res).status)
    if (late) {
      // Hono would copy the headers of the first answer, such as its rate limit, to the faulty one that replaces it.
      c.res = undefined
      c.res = late
    }
    return
  })

  const large = bodyLimit({ maxSize: MAX_BODY_BYTES, onError: () => errorResponse(tooLarge()) })
  const small = bodyLimit({ maxSize: MAX_VISITOR_BODY_BYTES, onError: () => errorResponse(tooLarge()) })
  api.use((c, next) =>
    (c.var.actor === 'bot' || pathOf(c).startsWith('/webhooks/') || pathOf(c).endsWith('/callback') ? large : small)(
      c,
      next,
    ),
  )

  addGuildRoutes(discord, api)
  addMessageRoutes(discord, api)
  addCommandRoutes(discord, api)
  addInteractionRoutes(discord, api)
  api.all('*', () => {
    throw notFound()
  })
  api.onError((error) => {
    if (error instanceof ApiError) return errorResponse(error)
    discord.log.error({ err: error }, 'local Discord: a request failed')
    return Response.json({ message: '500: Internal Server Error', code: 0 }, { status: 500 })
  })
  return api
}

const errorResponse = (error: ApiError): Response => Response.json(error.toBody(), { status: error.status })

const pathOf = (c: Request): string => c.req.path.replace(/^\/api\/v10/, '')

const faultBefore = async (c: Request, fault: RestFault): Promise<Response | null> => {
  if (fault.kind === 'rate-limit')
    return tooMany(c, fault.retryAfterMs, { global: fault.global ?? false, header: fault.header ?? true })
  if (fault.kind === 'html') return c.html('<!doctype html><title>Attention required</title>')
  if (fault.when === 'after') return null
  return misbehave(c, fault)
}

const faultAfter = async (c: Request, fault: RestFault): Promise<Response | null> =>
  'when' in fault && fault.when === 'after' ? misbehave(c, fault) : null

const misbehave = async (c: Request, fault: RestFault): Promise<Response | null> => {
  if (fault.kind === 'status') return c.json({ message: `${fault.status}: Fault`, code: 0 }, fault.status as 500)
  if (fault.kind === 'cut') return cut(c)
  if (fault.kind === 'delay') await setTimeout(fault.ms)
  return null
}

/** Ends the connection; the returned response never arrives. */
const cut = (c: Request): Response => {
  c.env.incoming.socket.destroy()
  return c.body(null, 500)
}

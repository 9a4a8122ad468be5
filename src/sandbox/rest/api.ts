import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { ApiError, notFound, tooLarge, unauthorized } from '../api-error.ts'
import type { RestFault } from '../faults.ts'
import { GLOBAL_RATE } from '../limits/rates.ts'
import type { Stand } from '../stand.ts'
import { commandRoutes } from './commands.ts'
import { guildRoutes } from './guilds.ts'
import { interactionRoutes } from './interactions.ts'
import { tooMany } from './limited.ts'
import { messageRoutes } from './messages.ts'
import type { Env, Request } from './request.ts'

/** Ten files of ten mebibytes and their form. */
const MAX_BODY_BYTES = 101 * 1024 * 1024
const MAX_VISITOR_BODY_BYTES = 256 * 1024
const KEPT_REQUESTS = 2_000

/** The REST API below `/api/v10`. */
export const createApi = (stand: Stand): Hono<Env> => {
  const api = new Hono<Env>()

  api.use(async (c, next) => {
    const authorization = c.req.header('authorization')
    const asBot = authorization?.startsWith('Bot ') ?? false
    c.set('actor', asBot ? 'bot' : 'visitor')
    const path = pathOf(c)
    // Answers to interactions carry their own token; they are the program's all the same.
    const fromProgram = asBot || /^\/(webhooks|interactions\/\d+)\//.test(path)
    if (!fromProgram) return next()

    const record = (status: number) => {
      stand.requests.push({ method: c.req.method, path, status, at: stand.now() })
      if (stand.requests.length > KEPT_REQUESTS) stand.requests.shift()
    }
    if (stand.faults.offline) return cut(c)
    const fault = stand.faults.take(c.req.method, path)
    const early = fault && (await before(c, fault))
    if (early) {
      record(early.status)
      return early
    }
    if (asBot) {
      if (stand.faults.tokenRevoked || authorization !== `Bot ${stand.token}`) throw unauthorized()
      const verdict = stand.rates.take('global', GLOBAL_RATE)
      if (!verdict.allowed) return tooMany(c, verdict.resetAfterMs, { global: true })
    }
    await next()
    const late = fault && (await after(c, fault))
    record((late ?? c.res).status)
    if (late) {
      // Assigning over an answer keeps its headers; a faulty answer must not look rate-limit aware.
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

  guildRoutes(stand, api)
  messageRoutes(stand, api)
  commandRoutes(stand, api)
  interactionRoutes(stand, api)
  api.all('*', () => {
    throw notFound()
  })
  api.onError((error) => {
    if (error instanceof ApiError) return errorResponse(error)
    stand.log.error({ err: error }, 'local Discord: a request failed')
    return Response.json({ message: '500: Internal Server Error', code: 0 }, { status: 500 })
  })
  return api
}

const errorResponse = (error: ApiError): Response => Response.json(error.toBody(), { status: error.status })

const pathOf = (c: Request): string => c.req.path.replace(/^\/api\/v10/, '')

const before = async (c: Request, fault: RestFault): Promise<Response | null> => {
  if (fault.kind === 'rate-limit')
    return tooMany(c, fault.retryAfterMs, { global: fault.global ?? false, header: fault.header ?? true })
  if (fault.kind === 'html') return c.html('<!doctype html><title>Attention required</title>')
  if (fault.when === 'after') return null
  return misbehave(c, fault)
}

const after = async (c: Request, fault: RestFault): Promise<Response | null> =>
  'when' in fault && fault.when === 'after' ? misbehave(c, fault) : null

const misbehave = async (c: Request, fault: RestFault): Promise<Response | null> => {
  if (fault.kind === 'status') return c.json({ message: `${fault.status}: Fault`, code: 0 }, fault.status as 500)
  if (fault.kind === 'cut') return cut(c)
  if (fault.kind === 'delay') await new Promise((done) => setTimeout(done, fault.ms))
  return null
}

/** Breaks the connection; the response that is returned never arrives. */
const cut = (c: Request): Response => {
  c.env.incoming.socket.destroy()
  return c.body(null, 500)
}

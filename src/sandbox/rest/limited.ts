import { createHash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Rate, Verdict } from '../limits/rates.ts'
import type { Stand } from '../stand.ts'
import type { Env, Request } from './request.ts'

/** Puts a route into a bucket: per channel, guild or webhook, as the path names one. Only programs are limited. */
export const limited =
  (stand: Stand, name: string, rate: Rate): MiddlewareHandler<Env> =>
  async (c, next) => {
    const byToken = c.req.param('token') !== undefined
    if (c.var.actor !== 'bot' && !byToken) return next()
    const major = c.req.param('channel') ?? c.req.param('guild') ?? c.req.param('token') ?? ''
    const bucket = createHash('sha1').update(name).digest('hex')
    const verdict = stand.rates.take(`${name} ${major}`, rate)
    if (!verdict.allowed)
      return tooMany(c, verdict.resetAfterMs, { global: false, headers: headersOf(verdict, bucket, stand.now()) })
    await next()
    for (const [header, value] of Object.entries(headersOf(verdict, bucket, stand.now())))
      c.res.headers.set(header, value)
  }

const headersOf = (verdict: Verdict, bucket: string, now: number): Record<string, string> => ({
  'x-ratelimit-limit': String(verdict.limit),
  'x-ratelimit-remaining': String(verdict.remaining),
  'x-ratelimit-reset': ((now + verdict.resetAfterMs) / 1000).toFixed(3),
  'x-ratelimit-reset-after': (verdict.resetAfterMs / 1000).toFixed(3),
  'x-ratelimit-bucket': bucket,
})

export const tooMany = (
  c: Request,
  retryAfterMs: number,
  how: { global: boolean; header?: boolean; headers?: Record<string, string> },
): Response => {
  const seconds = retryAfterMs / 1000
  return c.json({ message: 'You are being rate limited.', retry_after: seconds, global: how.global }, 429, {
    ...how.headers,
    ...(how.header === false ? {} : { 'retry-after': String(seconds) }),
    ...(how.global ? { 'x-ratelimit-global': 'true' } : {}),
    'x-ratelimit-scope': how.global ? 'global' : 'user',
  })
}

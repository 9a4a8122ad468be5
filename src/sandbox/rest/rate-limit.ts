import { createHash } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import type { Rate, Verdict } from '../limits/rates.ts'
import type { LocalDiscord } from '../local-discord.ts'
import type { Env, Request } from './request.ts'

/**
 * Limits the rate of a route. Each channel, guild or webhook in the path has a bucket of its own. Only requests of
 * programs are limited.
 */
export const rateLimit =
  (discord: LocalDiscord, name: string, rate: Rate): MiddlewareHandler<Env> =>
  async (c, next) => {
    const byToken = c.req.param('token') !== undefined
    if (c.var.actor !== 'bot' && !byToken) return next()
    const major = c.req.param('channel') ?? c.req.param('guild') ?? c.req.param('token') ?? ''
    const bucket = createHash('sha1').update(name).digest('hex')
    const verdict = discord.rates.take(`${name} ${major}`, rate)
    if (!verdict.allowed)
      return tooMany(c, verdict.resetAfterMs, { global: false, headers: headersOf(verdict, bucket, discord.now()) })
    await next()
    for (const [header, value] of Object.entries(headersOf(verdict, bucket, discord.now())))
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

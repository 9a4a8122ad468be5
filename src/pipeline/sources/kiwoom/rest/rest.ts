import { RetryableError } from '../../../../errors.ts'
import type { Log } from '../../../../log.ts'
import type { KiwoomTimings } from '../timings.ts'
import { type CallSettings, postJson, type Reply } from './http.ts'
import type { ServerClock } from './server-clock.ts'
import type { TokenKeeper } from './token.ts'
import { verdictOf } from './verdict.ts'

export interface RestRequest {
  readonly apiId: string
  readonly path: string
  readonly body: Readonly<Record<string, string>>
  /** The stock that the call asks about; errors name it. */
  readonly symbol?: string
  /** `next-key` of the page before, opaque. */
  readonly nextKey?: string | null
}

export interface RestPage {
  /** Null if Kiwoom says that there is nothing. */
  readonly body: Readonly<Record<string, unknown>> | null
  /** The key that asks for the next page, or null on the last. */
  readonly nextKey: string | null
}

export interface Rest {
  call(request: RestRequest, signal: AbortSignal): Promise<RestPage>
}

interface Settings extends CallSettings {
  readonly tokens: TokenKeeper
  readonly clock: ServerClock
  readonly timings: KiwoomTimings
  readonly log: Log
}

/**
 * Calls Kiwoom's REST service. After a refused token the call asks once for another; after too many calls it waits and
 * tries again; every other refusal is an error at once.
 */
export const createRestClient = ({ restUrl, tokens, pacing, clock, now, timings, log, scrub }: Settings): Rest => ({
  async call({ apiId, path, body, symbol, nextKey = null }, signal) {
    const url = new URL(path, restUrl)
    let reissued = false
    let refusals = 0
    for (;;) {
      // The token comes first: calls that waited for it after their turn would all go at once.
      await tokens.get(signal)
      await pacing.take(apiId, signal)
      const token = await tokens.get(signal)
      const usedAt = performance.now()
      const headers: Record<string, string> = { 'api-id': apiId, authorization: `Bearer ${token}` }
      if (nextKey !== null) Object.assign(headers, { 'cont-yn': 'Y', 'next-key': nextKey })
      const reply = await postJson(url, headers, body, { timeoutMs: timings.requestTimeoutMs, signal })
      noteDate(reply, clock, now())
      const verdict = verdictOf(reply, { apiId, symbol, url, scrub })
      switch (verdict.kind) {
        case 'data':
          return { body: verdict.body, nextKey: nextKeyOf(reply.headers) }
        case 'empty':
          return { body: null, nextKey: null }
        case 'error':
          throw verdict.error
        case 'token':
          tokens.drop(token, usedAt)
          if (reissued) throw verdict.error
          reissued = true
          log.info({ apiId }, 'kiwoom token refused, issuing another')
          break
        case 'limited': {
          refusals += 1
          const wait = Math.max(verdict.retryAfterMs, rateLimitWait(timings.rateLimitMs, refusals))
          pacing.pause(apiId, wait)
          if (refusals >= timings.rateLimitAttempts)
            throw new RetryableError(
              `Kiwoom wants fewer calls of ${apiId}, ${refusals} times in a row; it is asked again later`,
              {
                retryAfterMs: wait,
              },
            )
          log.warn({ apiId, refusals, waitMs: Math.round(wait) }, 'kiwoom wants fewer calls, waiting')
        }
      }
    }
  },
})

/**
 * The wait after so many refusals: 1.3, 2.6, 5.2 s …, never less and up to a quarter more, so that several programs do
 * not come back together.
 */
export const rateLimitWait = (firstMs: number, refusals: number): number =>
  firstMs * 2 ** (refusals - 1) * (1 + Math.random() / 4)

/** Passes the answer's date on to the clock: the date shows how far our clock is off. */
export const noteDate = (reply: Reply, clock: ServerClock, receivedAt: number): void => {
  const date = Date.parse(reply.headers.get('date') ?? '')
  if (Number.isFinite(date)) clock.sample('answer', date, receivedAt)
}

const nextKeyOf = (headers: Headers): string | null => {
  const key = headers.get('next-key')
  return headers.get('cont-yn') === 'Y' && key ? key : null
}

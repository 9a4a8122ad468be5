import { RetryableError, SetupError } from '../../errors.ts'
import { postJson, type Reply } from './http.ts'
import { kstInstant } from './numbers.ts'
import type { Pacing } from './pacing.ts'
import { keyError, verdictOf } from './verdict.ts'

export interface TokenKeeper {
  /** A token that is good for a while; issues one when there is none. Calls at the same time share one request. */
  get(signal: AbortSignal): Promise<string>
  /** The venue refuses this token: the next `get` issues another. A token that has been replaced meanwhile stays. */
  drop(token: string): void
  /** The token in hand, to keep it out of logs. */
  held(): string | null
  /** When the token in hand ends (our clock), or null without one. */
  expiresAt(): number | null
}

interface Settings {
  readonly appKey: string
  readonly secretKey: string
  readonly restUrl: URL
  readonly now: () => number
  readonly pacing: Pacing
  readonly timeoutMs: number
  readonly onReply: (reply: Reply) => void
  readonly scrub: (text: string) => string
}

const RENEW_BEFORE_MS = 10 * 60_000
/** Before the old one ends the venue hands the same token out again; asking more often than this changes nothing. */
const ASK_AGAIN_MS = 60_000
/** A token without a readable end is renewed after this. */
const UNREADABLE_MS = 60 * 60_000

/**
 * Issues and renews the token. It is never revoked: the venue gives every program of one key the same token, so a revocation would cut the others off.
 */
export const tokenKeeper = ({ appKey, secretKey, restUrl, now, pacing, timeoutMs, onReply, scrub }: Settings): TokenKeeper => {
  let held: { token: string; expiresAt: number; renewAt: number } | null = null
  let issuing: Promise<string> | null = null

  const issue = async (): Promise<string> => {
    // Shared by every caller, so no single caller's signal may end it; the request has its own time limit.
    const signal = new AbortController().signal
    const url = new URL('/oauth2/token', restUrl)
    await pacing.take('au10001', signal)
    const body = { grant_type: 'client_credentials', appkey: appKey, secretkey: secretKey }
    const reply = await postJson(url, {}, body, { timeoutMs, signal })
    onReply(reply)
    const verdict = verdictOf(reply, { apiId: 'au10001', url, scrub })
    switch (verdict.kind) {
      case 'data':
        break
      case 'limited':
        throw new RetryableError('Kiwoom issues no token because of too many calls', { retryAfterMs: verdict.retryAfterMs || 60_000 })
      case 'token':
        throw verdict.error instanceof SetupError ? verdict.error : keyError(8001, '')
      case 'error':
        throw verdict.error
      case 'empty':
        throw new RetryableError('Kiwoom answered the request for a token without one')
    }
    const token = verdict.body.token
    if (typeof token !== 'string' || token === '') throw new RetryableError('Kiwoom answered the request for a token without one')
    const asked = now()
    const expiresAt = kstInstant(verdict.body.expires_dt) ?? asked + UNREADABLE_MS
    held = { token, expiresAt, renewAt: Math.max(expiresAt - RENEW_BEFORE_MS, asked + ASK_AGAIN_MS) }
    return token
  }

  return {
    get(signal) {
      if (signal.aborted) return Promise.reject(signal.reason)
      if (held && now() < held.renewAt) return Promise.resolve(held.token)
      issuing ??= issue()
        .catch((error: unknown) => {
          // Renewing early has failed: the old token is still good.
          if (error instanceof RetryableError && held && now() < held.expiresAt) return held.token
          throw error
        })
        .finally(() => {
          issuing = null
        })
      const shared = issuing
      return new Promise((resolve, reject) => {
        const stop = () => reject(signal.reason)
        signal.addEventListener('abort', stop, { once: true })
        shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
      })
    },
    drop(token) {
      if (held?.token === token) held = null
    },
    held: () => held?.token ?? null,
    expiresAt: () => held?.expiresAt ?? null,
  }
}

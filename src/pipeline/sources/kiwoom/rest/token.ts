import { unlessAborted } from '../../../../async/time-limits.ts'
import { RetryableError, SetupError } from '../../../../errors.ts'
import { kstInstant } from '../numbers.ts'
import { type CallSettings, postJson, type Reply } from './http.ts'
import { keyError, verdictOf } from './verdict.ts'

export interface TokenKeeper {
  /** Gives a token that is good for a while, and issues one if there is none. Simultaneous calls share one request. */
  get(signal: AbortSignal): Promise<string>
  /**
   * Kiwoom refused this token to a call that began at `usedAt` (`performance.now`): the next `get` issues another. A
   * token that has been issued since stays.
   */
  drop(token: string, usedAt: number): void
  /** The newest tokens, to keep them out of logs. */
  secrets(): readonly string[]
  /** The end of the current token, by our clock, or null without one. */
  expiresAt(): number | null
}

interface Settings extends CallSettings {
  readonly appKey: string
  readonly secretKey: string
  readonly timeoutMs: number
  readonly onReply: (reply: Reply) => void
}

const RENEW_BEFORE_MS = 10 * 60_000
/** Until the old token ends Kiwoom gives out the same one, so asking more often than this changes nothing. */
const ASK_AGAIN_MS = 60_000
/** A refused key is not tried again for this long, because every stock would ask. */
const REFUSED_MS = 60_000
const REMEMBERED = 3
/** A token whose end cannot be read is renewed after this. */
const UNREADABLE_MS = 60 * 60_000

/**
 * Issues and renews the token. It is never revoked: Kiwoom gives every program of one key the same token, so a
 * revocation would cut the others off.
 */
export const createTokenKeeper = ({
  appKey,
  secretKey,
  restUrl,
  now,
  pacing,
  timeoutMs,
  onReply,
  scrub,
}: Settings): TokenKeeper => {
  let held: { token: string; issuedAt: number; expiresAt: number; renewAt: number } | null = null
  let refused: { error: SetupError; until: number } | null = null
  const secrets: string[] = []
  let issuing: Promise<string> | null = null

  const issue = async (): Promise<string> => {
    // Every caller shares this request, so no single caller's signal may end it; the request has a time limit.
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
        throw new RetryableError('Kiwoom issues no token because of too many calls', {
          retryAfterMs: verdict.retryAfterMs || 60_000,
        })
      case 'token':
        throw verdict.error instanceof SetupError ? verdict.error : keyError(8001, '')
      case 'error':
        throw verdict.error
      case 'empty':
        throw new RetryableError('Kiwoom answered the request for a token without one')
    }
    const token = verdict.body.token
    if (typeof token !== 'string' || token === '')
      throw new RetryableError('Kiwoom answered the request for a token without one')
    const asked = now()
    const expiresAt = kstInstant(verdict.body.expires_dt) ?? asked + UNREADABLE_MS
    held = {
      token,
      issuedAt: performance.now(),
      expiresAt,
      renewAt: Math.max(expiresAt - RENEW_BEFORE_MS, asked + ASK_AGAIN_MS),
    }
    if (!secrets.includes(token)) secrets.unshift(token)
    secrets.length = Math.min(secrets.length, REMEMBERED)
    return token
  }

  return {
    get(signal) {
      if (signal.aborted) return Promise.reject(signal.reason)
      if (held && now() < held.renewAt) return Promise.resolve(held.token)
      if (refused && now() < refused.until) return Promise.reject(refused.error)
      issuing ??= issue()
        .catch((error: unknown) => {
          if (error instanceof SetupError) refused = { error, until: now() + REFUSED_MS }
          // If an early renewal fails, the old token is still good.
          if (error instanceof RetryableError && held && now() < held.expiresAt) return held.token
          throw error
        })
        .finally(() => {
          issuing = null
        })
      return unlessAborted(issuing, signal)
    },
    drop(token, usedAt) {
      // Kiwoom gives out the same token again: if several calls were refused at once, the first has already renewed it.
      if (held?.token === token && held.issuedAt <= usedAt) held = null
    },
    secrets: () => secrets,
    expiresAt: () => held?.expiresAt ?? null,
  }
}

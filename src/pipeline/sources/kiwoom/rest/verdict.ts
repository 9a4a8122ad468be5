import { RetryableError, SetupError, UnknownSymbolError } from '../../../../errors.ts'
import type { Reply } from './http.ts'

/**
 * The meaning of an answer for the caller. `token`: issue a new one and ask again once. `limited`: too many calls, wait
 * and ask again.
 */
export type Verdict =
  | { readonly kind: 'data'; readonly body: Readonly<Record<string, unknown>> }
  | { readonly kind: 'empty' }
  | { readonly kind: 'token'; readonly error: Error }
  | { readonly kind: 'limited'; readonly retryAfterMs: number }
  | { readonly kind: 'error'; readonly error: Error }

interface Question {
  /** `ka10080`, or `au10001` for the token. */
  readonly apiId: string
  readonly symbol?: string | undefined
  readonly url: URL
  /** Takes secrets out of Kiwoom's messages. */
  readonly scrub: (text: string) => string
}

/**
 * The token has ended, is of the other environment or is not accepted. A new one is asked for once, and that answer
 * shows whether the key is wrong.
 */
const TOKEN_CODES = new Set([8005, 8031, 8103])
const CODE = /\[(?:CODE=)?(\d{4})\b/

/** The number in brackets inside Kiwoom's message: the one part of an error that distinguishes errors. */
export const bracketCode = (message: string): number | null => {
  const match = CODE.exec(message)
  return match ? Number(match[1]) : null
}

/**
 * Decides by the bracketed number first, then by `return_code`, then by the HTTP status: Kiwoom answers 200 with an
 * error inside, and uses `return_code` 5 for two different errors.
 */
export const verdictOf = (reply: Reply, question: Question): Verdict => {
  const body = record(reply.json)
  if (!body && reply.status === 429) return { kind: 'limited', retryAfterMs: retryAfter(reply.headers) }
  // A gateway before the service gives only the status. If it refuses a request for a token, the address is more likely
  // wrong than the key.
  if (!body && reply.status === 401 && question.apiId !== 'au10001') return { kind: 'token', error: keyError(null, '') }
  if (!body) return { kind: 'error', error: notJson(reply, question) }
  const message = typeof body.return_msg === 'string' ? question.scrub(body.return_msg) : ''
  const code = bracketCode(message)
  const returned = body.return_code === undefined ? null : Number(body.return_code)

  if (reply.status === 429 || code === 1700) return { kind: 'limited', retryAfterMs: retryAfter(reply.headers) }
  if ((code !== null && TOKEN_CODES.has(code)) || (code === null && reply.status === 401))
    return { kind: 'token', error: keyError(code, message) }
  if (code === 1687)
    return {
      kind: 'error',
      error: new RetryableError('Kiwoom saw a loop of calls (1687) and wants a long pause', { retryAfterMs: 60_000 }),
    }
  if ((code === 1901 || code === 1902) && question.symbol !== undefined)
    return { kind: 'error', error: new UnknownSymbolError(question.symbol) }
  if (code !== null && code >= 8000 && code < 9000) return { kind: 'error', error: keyError(code, message) }
  if (message.includes('RC9000'))
    return {
      kind: 'error',
      error: new SetupError(
        `Kiwoom's mock server does not offer ${question.apiId} (RC9000): ` +
          'use a real key and KIWOOM_REST_URL=https://api.kiwoom.com',
      ),
    }
  if (reply.status >= 500)
    return {
      kind: 'error',
      error: new RetryableError(`Kiwoom answered ${question.apiId} with HTTP ${reply.status}; it is asked again later`),
    }
  if (returned === 20) return { kind: 'empty' }
  if (returned === 0 && reply.status < 300) return { kind: 'data', body }
  if (returned === null && reply.status < 300)
    return {
      kind: 'error',
      error: new RetryableError(`Kiwoom answered ${question.apiId} without a return_code; it is asked again later`),
    }
  return { kind: 'error', error: refused(reply.status, returned, message, question) }
}

/** The error of a key, token, address or environment, in one sentence. */
export const keyError = (code: number | null, message: string): Error => {
  switch (code) {
    case 8001:
    case 8002:
    case 8020:
      return new SetupError(
        `Kiwoom does not accept the key (${code}): ` +
          'copy KIWOOM_APP_KEY and KIWOOM_SECRET_KEY again from openapi.kiwoom.com',
      )
    case 8010:
      return new SetupError(
        "Kiwoom does not accept this computer's internet address for the key (8010): " +
          'register it at openapi.kiwoom.com, or run where the token was issued',
      )
    case 8030:
    case 8031:
      return new SetupError(
        `the Kiwoom key is for the other environment (${code}): ` +
          'a real key needs KIWOOM_REST_URL=https://api.kiwoom.com, a mock key https://mockapi.kiwoom.com, ' +
          'and KIWOOM_WS_URL must match',
      )
    case 8040:
    case 8050:
      return new SetupError(
        `Kiwoom does not accept this device (${code}): register it for the key at openapi.kiwoom.com`,
      )
    case 8005:
    case 8103:
    case null:
      return new RetryableError(
        `Kiwoom refuses the token it has just issued${code === null ? '' : ` (${code})`}; ` +
          'if this goes on, another program revokes it: give each program its own app key',
      )
    default:
      return new SetupError(
        `Kiwoom refuses the key or its token (${code}): ${plain(message)}; ` +
          "check KIWOOM_APP_KEY, KIWOOM_SECRET_KEY and the key's state at openapi.kiwoom.com",
      )
  }
}

const refused = (status: number, returned: number | null, message: string, { apiId, symbol, url }: Question): Error => {
  const about = symbol === undefined ? apiId : `${apiId} for ${symbol}`
  if (status === 404 || (status >= 300 && status < 400))
    return new SetupError(`${url.origin} has no ${url.pathname} (HTTP ${status}): check KIWOOM_REST_URL`)
  if (apiId === 'au10001')
    return new SetupError(
      `Kiwoom issues no token: ${plain(message) || `HTTP ${status}`}; check KIWOOM_APP_KEY and KIWOOM_SECRET_KEY`,
    )
  // An unknown refusal concerns this request alone, and only Kiwoom can mend it.
  return new RetryableError(
    `Kiwoom refused ${about} (HTTP ${status}, return_code ${returned ?? 'absent'}): ` +
      (plain(message) || 'no reason given'),
  )
}

const notJson = ({ status, text }: Reply, { apiId, url }: Question): Error => {
  const html = /^\s*</.test(text)
  if (status === 404 || (status >= 300 && status < 400) || (html && status < 500 && status >= 400))
    return new SetupError(
      `${url.origin}${url.pathname} is not Kiwoom's REST service (HTTP ${status}): check KIWOOM_REST_URL`,
    )
  const what = text.trim() === '' ? 'nothing' : html ? 'an HTML page instead of JSON' : 'JSON that is cut short'
  return new RetryableError(
    `Kiwoom answered ${apiId} with ${what} (HTTP ${status}): ` +
      'maintenance, or a proxy between; if it stays so, check KIWOOM_REST_URL',
  )
}

const record = (json: unknown): Readonly<Record<string, unknown>> | null =>
  typeof json === 'object' && json !== null && !Array.isArray(json) ? (json as Record<string, unknown>) : null

const retryAfter = (headers: Headers): number => {
  const seconds = Number(headers.get('retry-after') ?? 0)
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 600) * 1000 : 0
}

/** Kiwoom's message in one line, cut at 200 characters. */
const plain = (message: string): string => message.replace(/\s+/g, ' ').trim().slice(0, 200)

/** Makes the function that takes the secrets out of a text that may be shown or logged. */
export const scrubber =
  (secrets: () => readonly string[]) =>
  (text: string): string =>
    secrets().reduce((rest, secret) => rest.replaceAll(secret, '***'), text)

import { RetryableError } from '../../../../errors.ts'
import type { Pacing } from './pacing.ts'

/** An answer as it came; `json` is undefined if the text is no JSON. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

/** The settings that calls for a token and calls for data share. */
export interface CallSettings {
  readonly restUrl: URL
  readonly now: () => number
  readonly pacing: Pacing
  /** Takes secrets out of Kiwoom's messages. */
  readonly scrub: (text: string) => string
}

/**
 * Sends one POST with a JSON body. Every answer counts as one, whatever its status; only a missing answer is an error.
 */
export const postJson = async (
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: unknown,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<Reply> => {
  signal.throwIfAborted()
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json;charset=UTF-8', ...headers },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      redirect: 'manual',
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parsed(text) }
  } catch (cause) {
    signal.throwIfAborted()
    const timedOut = cause instanceof Error && cause.name === 'TimeoutError'
    throw new RetryableError(
      timedOut
        ? `Kiwoom at ${url.origin} did not answer within ${timeoutMs / 1000} s; it is asked again later`
        : `Kiwoom at ${url.origin} cannot be reached (${reasonOf(cause)}); check the network and KIWOOM_REST_URL`,
      { cause },
    )
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The reason of the innermost cause; `fetch failed` says nothing. */
const reasonOf = (error: unknown): string => {
  let inner = error
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
  if (!(inner instanceof Error)) return 'no reason given'
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message
}

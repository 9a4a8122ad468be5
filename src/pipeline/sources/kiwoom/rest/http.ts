import { RetryableError } from '../../../../errors.ts'

/** An answer as it came: `json` is undefined when the text is none. */
export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: unknown
}

/** One POST with a JSON body. Any answer is an answer; only no answer at all is an error. */
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

/** `fetch failed` says nothing; its innermost cause does. */
const reasonOf = (error: unknown): string => {
  let inner = error
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause
  if (!(inner instanceof Error)) return 'no reason given'
  return 'code' in inner && typeof inner.code === 'string' ? inner.code : inner.message
}

import pThrottle from 'p-throttle'
import { unlessAborted } from '../../async/time-limits.ts'
import { RetryableError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { DAY, MINUTE } from '../../model/time/bar.ts'
import type { Calendar } from '../../model/time/session.ts'

/** The limits that we keep towards a site that never promised us anything. */
export interface Manners {
  /** The least time between the starts of any two requests. */
  readonly intervalMs: number
  /** No request is sent for this long after the site refused one (429, 401, 403), or longer if it asked for that. */
  readonly pauseMs: number
  /** An answer that takes longer counts as none. */
  readonly timeoutMs: number
}

const MANNERS: Manners = { intervalMs: 1000, pauseMs: 15 * MINUTE, timeoutMs: 10_000 }

/** The longest pause that a site's header can impose, so that a nonsense header does not end the day. */
const LONGEST_PAUSE_MS = DAY

export interface JsonAnswer {
  readonly status: number
  readonly body: unknown
}

export interface PoliteHttp {
  /**
   * Returns JSON answers of any status below 500 for the caller to judge, except refusals.
   *
   * @throws {RetryableError} when the site refuses us, is out of order or silent, or answers with something other than
   * JSON
   */
  get(url: URL, signal: AbortSignal): Promise<JsonAnswer>
  close(): void
}

/** The options of every source that reads a web site. */
export interface SiteOptions {
  readonly calendar: Calendar
  /** Wall clock, epoch ms. */
  readonly now: () => number
  readonly log: Log
  readonly userAgent?: string | undefined
  readonly manners?: Partial<Manners> | undefined
}

interface HttpOptions extends Pick<SiteOptions, 'userAgent' | 'manners' | 'log'> {
  readonly name: string
  /** Sent with every request, beside `user-agent` and `accept`. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * GET for sites without an agreement: requests start at a steady pace, and a refusal is followed by a long pause.
 * Pauses run on a clock that cannot be set.
 */
export const createPoliteHttp = (options: HttpOptions): PoliteHttp => {
  const { name, log } = options
  const manners: Manners = { ...MANNERS, ...options.manners }
  const headers = {
    'user-agent': options.userAgent ?? 'Mozilla/5.0 (compatible; minutewatch)',
    accept: 'application/json',
    ...options.headers,
  }
  const closing = new AbortController()
  const turn = pThrottle({ limit: 1, interval: manners.intervalMs, strict: true, signal: closing.signal })(
    async () => {},
  )
  let pausedUntil = 0

  const checkPause = () => {
    const left = Math.ceil(pausedUntil - performance.now())
    if (left > 0)
      throw new RetryableError(`${name} told us to slow down: no request to it for another ${minutes(left)}`, {
        retryAfterMs: left,
      })
  }

  const refused = (response: Response): RetryableError => {
    const pause = Math.min(Math.max(manners.pauseMs, retryAfter(response)), LONGEST_PAUSE_MS)
    pausedUntil = performance.now() + pause
    log.warn({ source: name, status: response.status, pauseMs: pause }, 'source refused a request: pausing')
    return new RetryableError(
      `${name} refused the request (${response.status}): no request to it for ${minutes(pause)}`,
      {
        retryAfterMs: pause,
      },
    )
  }

  return {
    async get(url, signal) {
      signal.throwIfAborted()
      checkPause()
      await unlessAborted(turn(), signal)
      checkPause()
      const deadline = AbortSignal.timeout(manners.timeoutMs)
      try {
        const response = await fetch(url, { headers, signal: AbortSignal.any([signal, closing.signal, deadline]) })
        if ([401, 403, 429].includes(response.status)) {
          await response.body?.cancel()
          throw refused(response)
        }
        const text = await response.text()
        if (response.status >= 500)
          throw new RetryableError(`${name}: ${url.host} is out of order (${response.status})`)
        return { status: response.status, body: parse(text, `${name}: ${url.host}`, response.status) }
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof RetryableError) throw error
        const why = deadline.aborted ? `within ${manners.timeoutMs} ms` : `(${reason(error)})`
        throw new RetryableError(`${name}: no answer from ${url.host} ${why}`, { cause: error })
      }
    },
    close: () => closing.abort(new RetryableError(`${name} was closed`)),
  }
}

const parse = (text: string, place: string, status: number): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    const what = /^\s*</.test(text)
      ? 'a web page'
      : text.trim() === ''
        ? 'nothing'
        : `broken JSON (${text.length} characters)`
    throw new RetryableError(`${place} answered ${what} where JSON was expected (${status})`, { cause: error })
  }
}

/** Milliseconds that the header asks us to wait, written as seconds or as a date; 0 when absent or neither. */
const retryAfter = ({ headers }: Response): number => {
  const text = headers.get('retry-after') ?? ''
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now()
  return Number.isFinite(ms) ? Math.max(0, ms) : 0
}

const reason = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.message : String(cause)
}

const minutes = (ms: number): string => (ms < MINUTE ? `${Math.ceil(ms / 1000)} s` : `${Math.ceil(ms / MINUTE)} min`)

import { ExponentialBackoff, halfJitterGenerator } from 'cockatiel'
import { SetupError } from '../../../../errors.ts'
import type { Log } from '../../../../log.ts'
import { MINUTE } from '../../../../model/time/bar.ts'
import type { Calendar } from '../../../../model/time/session.ts'
import { nextKnownSession, unknownDays } from '../../../calendar/known-days.ts'
import type { TokenKeeper } from '../rest/token.ts'
import { keyError } from '../rest/verdict.ts'
import type { KiwoomTimings } from '../timings.ts'
import { sleep } from '../wait.ts'
import { type Ending, LoginRefused, openConnection, type RealEntry } from './connection.ts'
import { keepRegistered, type RegistrationLimits } from './registrar.ts'

export interface LiveState {
  /**
   * `idle`: nothing to follow, or no session near. `unreachable`: several connections in a row failed. `standing back`:
   * another program uses the key, or it was refused.
   */
  readonly kind: 'idle' | 'connecting' | 'unreachable' | 'open' | 'standing back'
  /** The number of stocks whose ticks come now. */
  readonly registered: number
  readonly reason: string | null
}

export interface Feed {
  follow(symbols: readonly string[]): void
  state(): LiveState
  close(): Promise<void>
}

interface Settings {
  readonly url: URL
  readonly suffix: string
  readonly tokens: TokenKeeper
  readonly calendar: Calendar
  readonly now: () => number
  readonly timings: KiwoomTimings
  readonly log: Log
  readonly limits: RegistrationLimits
  readonly scrub: (text: string) => string
  readonly onReal: (entry: RealEntry, receivedAt: number) => void
  readonly onRegistered: (symbols: readonly string[]) => void
  readonly onRemoved: (symbols: readonly string[]) => void
  /** The connection has ended, and with it every registration. */
  readonly onEnd: () => void
}

/**
 * The feed is connected from this long before a session's open until this long after its close, so every day begins
 * with a fresh registration.
 */
const BEFORE_OPEN = 20 * MINUTE
const AFTER_CLOSE = 5 * MINUTE
/** If so many connections in a row fail, the feed counts as unreachable. */
const UNREACHABLE = 3
/**
 * The token has ended or is not accepted, and another one may be. 8031 is not among them: it means that address and key
 * are of different environments, whatever the token.
 */
const LOGIN_TOKEN_CODES = new Set([8005, 8103])

/**
 * Keeps one connection open while the market is open and there is something to follow, and opens it again if it breaks.
 */
export const createLiveFeed = (settings: Settings): Feed => {
  const { url, tokens, calendar, now, timings, log } = settings
  const stop = new AbortController()
  let symbols: readonly string[] = []
  let state: LiveState = { kind: 'idle', registered: 0, reason: null }
  let wake = Promise.withResolvers<void>()
  const backoff = new ExponentialBackoff({
    initialDelay: timings.reconnectMs,
    maxDelay: timings.reconnectLimitMs,
    exponent: 2,
    generator: halfJitterGenerator,
  })
  let delay = backoff.next()
  let standBack = timings.standBackMs
  let tokenRetried = false
  let failures = 0

  const changed = (signal: AbortSignal) => Promise.race([wake.promise, sleep(timings.reconnectLimitMs, signal)])

  /** The end of the window around the instant; null outside of one, and beyond the years that the calendar knows. */
  const windowEnd = (time: number): number | null => {
    if (unknownDays(calendar, time) !== null) return null
    const last = calendar.lastSession(time)
    if (time < last.close + AFTER_CLOSE) return last.close + AFTER_CLOSE
    const next = nextKnownSession(calendar, time)
    return next !== null && time >= next.open - BEFORE_OPEN ? next.close + AFTER_CLOSE : null
  }

  const session = async (until: number): Promise<Ending> => {
    const token = await tokens.get(stop.signal)
    const usedAt = performance.now()
    const connection = await openConnection({ ...settings, token, signal: stop.signal }).catch((error: unknown) => {
      if (error instanceof LoginRefused && error.code !== null) tokens.drop(token, usedAt)
      throw error
    })
    tokenRetried = false
    const over = new AbortController()
    const watch = setInterval(() => {
      if (now() >= until) connection.leave('the session is over')
      else if (symbols.length === 0) connection.leave('nothing to follow')
    }, timings.watchMs)
    let registered = 0
    failures = 0
    const count = (difference: number) => {
      registered += difference
      state = { kind: 'open', registered, reason: null }
    }
    count(0)
    log.info({ url: url.origin }, 'kiwoom live connected')
    const registering = keepRegistered({
      ...settings,
      connection,
      wanted: () => symbols,
      changed,
      onRegistered(batch) {
        count(batch.length)
        settings.onRegistered(batch)
        log.info({ stocks: batch.length, registered }, 'kiwoom live registered')
      },
      onRemoved(batch) {
        count(-batch.length)
        settings.onRemoved(batch)
      },
      signal: over.signal,
    }).catch((error: unknown) => {
      if (!over.signal.aborted) connection.fail(error instanceof Error ? error.message : 'registration failed')
    })
    const openedAt = now()
    const ending = await connection.ended
    clearInterval(watch)
    settings.onEnd()
    over.abort(new Error('the connection has ended'))
    await registering
    if (now() - openedAt >= timings.silenceMs) delay = backoff.next()
    return ending
  }

  const rest = async (kind: LiveState['kind'], reason: string | null, ms: number) => {
    state = { kind, registered: 0, reason }
    await sleep(ms, stop.signal)
  }

  const trying = () => (failures < UNREACHABLE ? 'connecting' : 'unreachable')

  const reconnectLater = async (reason: string) => {
    const wait = delay.duration
    delay = delay.next(undefined)
    failures += 1
    log.warn(
      { reason, waitMs: Math.round(wait) },
      'kiwoom live ended, connecting again; the gap is read from the chart',
    )
    await rest(trying(), reason, wait)
  }

  const standAside = async (reason: string) => {
    log.error({ reason, waitMs: standBack }, 'kiwoom live stands back, minutes are read from the chart')
    const wait = standBack
    standBack = Math.min(standBack * 2, timings.standBackLimitMs)
    await rest('standing back', reason, wait)
  }

  const step = async (): Promise<void> => {
    const until = symbols.length === 0 ? null : windowEnd(now())
    if (until === null) {
      state = { kind: 'idle', registered: 0, reason: null }
      return changed(stop.signal)
    }
    state = { kind: trying(), registered: 0, reason: state.reason }
    const startedAt = now()
    const ending = await session(until)
    if (now() - startedAt >= timings.standBackLimitMs) standBack = timings.standBackMs
    if (ending.kind === 'taken over')
      return standAside('another program uses this Kiwoom app key (R10001): stop it, or give it a key of its own')
    if (ending.kind !== 'left') await reconnectLater(ending.detail)
  }

  const onFailure = async (error: unknown): Promise<void> => {
    if (stop.signal.aborted) return
    if (error instanceof LoginRefused) {
      if (error.code === null) return reconnectLater(`login refused: ${error.message.slice(0, 200)}`)
      const meant = keyError(error.code, error.message)
      // A token may have ended between its issue and the login: a new one is tried at once, but only one.
      if (LOGIN_TOKEN_CODES.has(error.code) && !tokenRetried) {
        tokenRetried = true
        return
      }
      return meant instanceof SetupError ? standAside(meant.message) : reconnectLater(meant.message)
    }
    if (error instanceof SetupError) return standAside(error.message)
    return reconnectLater(error instanceof Error ? error.message : 'unknown')
  }

  const run = async () => {
    while (!stop.signal.aborted)
      await step()
        .catch(onFailure)
        .catch(() => undefined)
  }
  const running = run()

  return {
    follow(wanted) {
      symbols = wanted
      wake.resolve()
      wake = Promise.withResolvers<void>()
    },
    state: () => state,
    async close() {
      stop.abort(new Error('the source is closed'))
      await running
    },
  }
}

import { RetryableError, SetupError, UnknownSymbolError } from '../../../errors.ts'
import type { Log } from '../../../log.ts'
import { type Bar, MINUTE, minuteOf } from '../../../model/time/bar.ts'
import type { Calendar } from '../../../model/time/session.ts'
import { krxSymbol } from '../../../model/time/symbol.ts'
import type { MarketEventStore } from '../../store/contract.ts'
import type { BarSource } from '../source.ts'
import { createSteadyClock } from '../steady-clock.ts'
import { checkKiwoom, type Finding } from './check.ts'
import type { RealEntry } from './live/connection.ts'
import { createEventRecorder } from './live/event-recorder.ts'
import { createLiveFeed, type Feed, type LiveState } from './live/feed.ts'
import { createLiveMinutes, type LiveCounts } from './live/live-minutes.ts'
import { readMarketEvent } from './live/market-events.ts'
import type { RegistrationLimits } from './live/registrar.ts'
import { sessionMinutes } from './live/session-minutes.ts'
import { readTick } from './live/ticks.ts'
import { createMinuteChart } from './rest/chart.ts'
import { fetchListings } from './rest/listings.ts'
import { createPacer } from './rest/pacing.ts'
import { createRestClient, noteDate } from './rest/rest.ts'
import { createServerClock } from './rest/server-clock.ts'
import { createTokenKeeper } from './rest/token.ts'
import { scrubber } from './rest/verdict.ts'
import { KIWOOM_TIMINGS, type KiwoomTimings } from './timings.ts'
import { sleep } from './wait.ts'

/** The series that is read: KRX's bars (KRX), Nextrade's (NX), or both merged (AL). One process reads one. */
export type KiwoomMarket = 'KRX' | 'NX' | 'AL'

export interface KiwoomOptions {
  readonly appKey: string
  readonly secretKey: string
  /** `https://api.kiwoom.com`, or `https://mockapi.kiwoom.com` with a mock key. */
  readonly restUrl: string | URL
  /** `wss://api.kiwoom.com:10000/api/dostk/websocket`. */
  readonly wsUrl: string | URL
  readonly market: KiwoomMarket
  readonly calendar: Calendar
  /** Stores volatility interruptions and market states. */
  readonly marketEvents: MarketEventStore
  readonly now: () => number
  /** Monotonic, milliseconds; `performance.now` when absent. */
  readonly monotonic?: () => number
  readonly log: Log
  /** The most stocks to register, if the server is known to take another number than the usual one. */
  readonly liveStocks?: number
  readonly timings?: Partial<KiwoomTimings>
}

export interface KiwoomSource extends BarSource {
  follow(symbols: readonly string[]): void
  /** The state of the live feed, and counts of the trades that came over it. */
  live(): LiveState & { readonly counts: Readonly<LiveCounts> }
  check(signal: AbortSignal): Promise<Finding[]>
}

/**
 * The most stocks registered on one connection: 100 items, of which the market-wide frames may count as two. One key
 * allows one connection.
 */
const LIVE_STOCKS = 98
/** The most stocks read from the chart: one call for each stock and minute, 1.1 s apart, with a margin. */
const CHART_STOCKS = 50

/**
 * Reads Kiwoom Securities: minute bars over REST, and live minutes from ticks over WebSocket. A minute is answered from
 * ticks if every tick of it is known to have come, else from Kiwoom's chart.
 */
export const createKiwoomSource = (options: KiwoomOptions): KiwoomSource => {
  const { market, calendar, log } = options
  const restUrl = new URL(options.restUrl)
  const wsUrl = new URL(options.wsUrl)
  const timings: KiwoomTimings = { ...KIWOOM_TIMINGS, ...options.timings }
  const series = market === 'KRX' ? 'kiwoom' : `kiwoom:${market}`
  const suffix = market === 'KRX' ? '' : `_${market}`
  const mock = restUrl.hostname.startsWith('mockapi.')
  const now = createSteadyClock(options.now, log)

  const scrub = scrubber(() => [options.appKey, options.secretKey, ...tokens.secrets()])
  const clock = createServerClock({ now, monotonic: options.monotonic ?? (() => performance.now()), ...timings })
  const pace = createPacer(timings)
  const tokens = createTokenKeeper({
    appKey: options.appKey,
    secretKey: options.secretKey,
    restUrl,
    now,
    pacing: pace,
    timeoutMs: timings.requestTimeoutMs,
    onReply: (reply) => noteDate(reply, clock, now()),
    scrub,
  })
  const rest = createRestClient({ restUrl, tokens, pacing: pace, clock, now, timings, log, scrub })
  const chart = createMinuteChart({ rest, calendar, series, suffix, now, log })
  const minutes = createLiveMinutes({ series, calendar, clock, now, timings, sharesBeforeOpen: market === 'KRX' })
  const events = createEventRecorder({ store: options.marketEvents, series, log })
  const limits: RegistrationLimits = {
    items: options.liveStocks ?? LIVE_STOCKS,
    group: 100,
    refused: new Set(),
    marketEvents: true,
    nextAt: 0,
  }
  const closing = new AbortController()
  let proving: Promise<void> | null = null
  let feed: Feed | null = null
  let following: readonly string[] = []

  const onReal = ({ type, item, values }: RealEntry, receivedAt: number) => {
    if (type !== '0B') {
      const event = readMarketEvent(type, item, values, receivedAt)
      if (event) events.add(event)
      return
    }
    const symbol = krxSymbol(item.endsWith('_NX') || item.endsWith('_AL') ? item.slice(0, -3) : item)
    if (symbol === null) return
    const tick = readTick(values, clock.earliest(receivedAt))
    if (typeof tick === 'string') {
      minutes.unreadable(symbol, receivedAt)
      if (minutes.counts.refused === 1)
        log.warn(
          { venue: series, symbol, problem: tick },
          'kiwoom trade not understood, its minute is read from the chart',
        )
    } else if (market !== 'KRX' || tick.exchange === null || tick.exchange === 1) minutes.tick(symbol, tick, receivedAt)
  }

  /**
   * Waits until Kiwoom's clock has passed the instant. `ask` brings an answer with Kiwoom's date, which corrects a
   * wrong idea of its clock.
   */
  const waitUntil = async (time: number, ask: () => Promise<unknown>, signal: AbortSignal) => {
    const tooFar = () => time - clock.earliest() > timings.skewLimitMs + timings.chartDelayMs
    if (tooFar()) await ask()
    if (tooFar())
      throw new SetupError(
        `this computer's clock is ${Math.round((now() - clock.earliest()) / 1000)} s ahead of Kiwoom's: ` +
          'switch on time synchronisation (NTP)',
      )
    for (let missing = time - clock.earliest(); missing > 0; missing = time - clock.earliest())
      await sleep(Math.min(missing, timings.pollMs), signal)
  }

  /**
   * Asks the chart in the background, one stock at a time, whether a stock without trades on the live feed had none.
   */
  const proveSilence = (symbol: string) => {
    const asked = proving ? [] : minutes.unproven(symbol)
    const [from, last] = [asked[0], asked.at(-1)]
    if (from === undefined || last === undefined) return
    proving = chart
      .bars(symbol, { from, to: last + MINUTE }, closing.signal)
      .then(({ bars, whole }) => {
        const missed = whole ? minutes.prove(symbol, asked, bars) : 0
        if (missed > 0)
          log.warn(
            { venue: series, symbol, minutes: missed },
            'kiwoom live does not bring the stock, it is read from the chart',
          )
      })
      // The stock's next reading meets the same error and reports it.
      .catch((error: unknown) => void log.debug({ venue: series, symbol, err: error }, 'kiwoom chart did not answer'))
      .finally(() => {
        proving = null
      })
  }

  const fetchBars: BarSource['fetchBars'] = async (symbol, { from, to }, signal): Promise<Bar[]> => {
    signal.throwIfAborted()
    if (krxSymbol(symbol) !== symbol) throw new UnknownSymbolError(symbol)
    // These minutes have closed by our clock. The frames of the feed or Kiwoom's clock show below whether they really
    // have.
    const asked = sessionMinutes(calendar, { from, to: Math.min(to, minuteOf(now())) })
    const [first, last] = [asked[0], asked.at(-1)]
    if (first === undefined || last === undefined) return []
    const live = await minutes.answer(symbol, asked, signal)
    if (live) {
      proveSilence(symbol)
      return live
    }
    const end = last + MINUTE
    const read = () => chart.bars(symbol, { from: first, to: end }, signal)
    for (;;) {
      await waitUntil(end + timings.chartDelayMs, read, signal)
      const askedAt = now()
      const { bars, whole } = await read()
      // If the answer shows that our clock is ahead, its newest row was still forming: the chart is asked again, later.
      if (clock.earliest(askedAt) < end) continue
      if (whole) minutes.applyChart(symbol, asked, bars)
      return bars
    }
  }

  return {
    name: 'kiwoom',
    kind: 'bars',
    series,
    provenance: mock ? { kind: 'simulated' } : { kind: 'real' },
    calendar,
    get capacity() {
      const kind = feed?.state().kind
      return kind === 'standing back' || kind === 'unreachable' ? CHART_STOCKS : Math.max(CHART_STOCKS, limits.items)
    },
    collectAt: '2 * * * * *',
    sessionsPerFetch: 2,
    historySessions: 20,
    now,
    listings: (signal) => fetchListings(rest, market === 'NX', signal),
    fetchBars,
    follow(symbols) {
      following = symbols
      feed?.follow(symbols)
    },
    halted(symbol, minute) {
      if (events.interrupted(symbol, minute)) return true
      // Only an open feed reports interruptions.
      return limits.marketEvents && feed?.state().kind === 'open' ? false : null
    },
    live: () => ({ ...(feed?.state() ?? { kind: 'idle', registered: 0, reason: null }), counts: minutes.counts }),
    check: (signal) => checkKiwoom({ tokens, rest, clock, wsUrl, suffix, timeoutMs: timings.answerMs }, signal),
    async open(signal) {
      if (mock && market !== 'KRX')
        throw new SetupError(`Kiwoom's mock server knows only KRX, not ${market}: use a real key, or the KRX series`)
      try {
        await tokens.get(signal)
      } catch (error) {
        // If Kiwoom is down, it comes back by itself; a wrong key does not.
        if (!(error instanceof RetryableError)) throw error
        log.warn({ venue: series, problem: error.message }, 'kiwoom not reached at start, trying again with every pass')
      }
      await events.load(calendar.lastSession(now()).open)
      feed = createLiveFeed({
        url: wsUrl,
        suffix,
        tokens,
        calendar,
        now,
        timings,
        log,
        limits,
        scrub,
        onReal,
        onRegistered(symbols) {
          for (const symbol of symbols) minutes.begin(symbol)
        },
        onRemoved(symbols) {
          for (const symbol of symbols) minutes.forget(symbol)
        },
        onEnd: minutes.endAll,
      })
      feed.follow(following)
    },
    async close() {
      closing.abort(new Error('the source is closed'))
      await Promise.all([feed?.close(), proving])
      feed = null
      await events.close()
    },
  }
}

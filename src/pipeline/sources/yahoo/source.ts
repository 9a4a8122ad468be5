import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError, UnknownSymbolError } from '../../../errors.ts'
import { type Bar, DAY, MINUTE, minuteOf, type Ohlcv } from '../../../model/time/bar.ts'
import type { Interval } from '../../../model/time/interval.ts'
import type { Listing } from '../../store/records.ts'
import { createPoliteHttp, type SiteOptions } from '../polite-http.ts'
import type { BarSource } from '../source.ts'
import { createSteadyClock } from '../steady-clock.ts'
import { validBars } from '../valid-bars.ts'
import { chartListing, chartRows, isHollow, type Suffix, type YahooChart, yahooAnswer } from './wire.ts'

interface Options extends SiteOptions {
  readonly baseUrl?: string
  /** Yahoo's delay for KRX. */
  readonly delayMinutes?: number
  /** The least time between two requests for one stock's newest minutes. */
  readonly pollGapMs?: number
}

/** Yahoo refuses a request for a longer interval of one-minute bars. */
const LONGEST_INTERVAL = 7 * DAY
/** Yahoo keeps one-minute bars for 30 days and refuses a request that begins before; one day is left as a margin. */
const DEPTH = 29 * DAY

/** Yahoo's last answer about a stock's newest minutes. */
interface Snapshot {
  readonly interval: Interval
  readonly rows: readonly Ohlcv[]
  /** Monotonic, milliseconds. */
  readonly takenAt: number
}

/**
 * Reads Yahoo's chart data: one-minute bars without a key, about 20 minutes late, 30 days back. For KRX the last half
 * hour of a day (15:00 to 15:30 with the closing auction) is missing, and volumes are not those of the exchange. The
 * data is unofficial: it may change or be refused at any time.
 *
 * The market clock is the wall clock less the delay: a minute has closed when Yahoo can know it.
 */
export const createYahooSource = ({
  calendar,
  now: wall,
  log,
  delayMinutes = 20,
  pollGapMs = MINUTE,
  ...options
}: Options): BarSource => {
  const baseUrl = options.baseUrl ?? 'https://query1.finance.yahoo.com'
  const http = createPoliteHttp({ ...options, name: 'Yahoo', log })
  const now = createSteadyClock(() => wall() - delayMinutes * MINUTE, log)
  const suffixes = new Map<string, Suffix>()
  const snapshots = new Map<string, Snapshot>()
  /** Every listing that `lookup` has read, by symbol. */
  const listed = new Map<string, Listing>()
  let followed: readonly string[] = []

  const ask = async (
    symbol: string,
    suffix: Suffix,
    { from, to }: Interval,
    signal: AbortSignal,
  ): Promise<YahooChart | null> => {
    const url = new URL(`/v8/finance/chart/${symbol}.${suffix}`, baseUrl)
    url.searchParams.set('interval', '1m')
    url.searchParams.set('period1', String(from / 1000))
    url.searchParams.set('period2', String(to / 1000))
    // Yahoo may have the last half hour of the session here; `validBars` drops minutes outside of the session.
    url.searchParams.set('includePrePost', 'true')
    const { status, body } = await http.get(url, signal)
    const answer = yahooAnswer(status, body)
    if (answer.kind === 'unknown') return null
    if (answer.kind === 'error') throw new Error(`Yahoo refused a request for ${symbol}.${suffix}: ${answer.reason}`)
    const granularity = answer.chart.meta.dataGranularity
    if (granularity && granularity !== '1m')
      throw new SetupError(`Yahoo sent ${granularity} bars of ${symbol} for one-minute bars. Use another SOURCE.`)
    return answer.chart
  }

  /**
   * The chart from the market that has the stock. The remembered market is asked first, then the other: a stock can
   * move from KOSDAQ to KOSPI.
   */
  const chartOf = async (
    symbol: string,
    interval: Interval,
    signal: AbortSignal,
  ): Promise<{ chart: YahooChart; suffix: Suffix } | null> => {
    const order: Suffix[] = suffixes.get(symbol) === 'KQ' ? ['KQ', 'KS'] : ['KS', 'KQ']
    let hollow: { chart: YahooChart; suffix: Suffix } | null = null
    for (const suffix of order) {
      const chart = await ask(symbol, suffix, interval, signal)
      if (!chart) continue
      if (suffixes.get(symbol) !== suffix && isHollow(chart)) {
        hollow ??= { chart, suffix }
        continue
      }
      suffixes.set(symbol, suffix)
      return { chart, suffix }
    }
    if (!hollow) suffixes.delete(symbol)
    return hollow
  }

  const rowsOf = async (symbol: string, interval: Interval, signal: AbortSignal): Promise<Ohlcv[]> => {
    const answer = await chartOf(symbol, interval, signal)
    if (!answer) throw new UnknownSymbolError(symbol)
    return chartRows(answer.chart)
  }

  /**
   * Asks at most once in `pollGapMs`: an interval that the last answer covers is taken from it, any other interval
   * waits.
   */
  const newestRows = async (symbol: string, interval: Interval, signal: AbortSignal): Promise<readonly Ohlcv[]> => {
    const last = snapshots.get(symbol)
    const age = last ? performance.now() - last.takenAt : Infinity
    if (last && age < pollGapMs) {
      if (last.interval.from <= interval.from && last.interval.to >= interval.to) return last.rows
      await sleep(pollGapMs - age, undefined, { signal })
    }
    const rows = await rowsOf(symbol, interval, signal)
    snapshots.set(symbol, { interval, rows, takenAt: performance.now() })
    return rows
  }

  const fetchRows = async (symbol: string, { from, to }: Interval, signal: AbortSignal): Promise<Ohlcv[]> => {
    const rows: Ohlcv[] = []
    // A piece that ends after this contains the newest minutes, which are asked for at most once in `pollGapMs`.
    const newestFrom = now() - 10 * MINUTE
    for (let start = Math.max(minuteOf(from), minuteOf(wall() - DEPTH)); start < to; ) {
      const end = Math.min(to, start + LONGEST_INTERVAL)
      const piece = { from: start, to: end }
      if (calendar.lastSession(end - 1).close > start)
        rows.push(...(end > newestFrom ? await newestRows(symbol, piece, signal) : await rowsOf(symbol, piece, signal)))
      start = end
    }
    return rows
  }

  const lookup = async (symbol: string, signal: AbortSignal): Promise<Listing | null> => {
    const to = minuteOf(now())
    const answer = await chartOf(symbol, { from: to - DAY, to }, signal)
    if (!answer) return null
    const listing = chartListing(symbol, answer.suffix, answer.chart)
    listed.set(symbol, listing)
    return listing
  }

  return {
    name: 'yahoo',
    kind: 'bars',
    series: 'yahoo',
    provenance: { kind: 'unofficial', delayMinutes },
    calendar,
    capacity: 40,
    collectAt: '20 * * * * *',
    sessionsPerFetch: 5,
    historySessions: 18,
    rereadMinutes: 5,
    now,
    lookup,
    // Yahoo publishes no list of stocks: these are the ones that were asked for.
    async listings(signal) {
      signal.throwIfAborted()
      for (const symbol of followed) if (!listed.has(symbol)) await lookup(symbol, signal)
      return [...listed.values()]
    },
    follow(symbols) {
      followed = symbols
    },
    async fetchBars(symbol, interval, signal): Promise<Bar[]> {
      signal.throwIfAborted()
      const to = Math.min(minuteOf(interval.to + MINUTE - 1), minuteOf(now()))
      const rows = await fetchRows(symbol, { from: interval.from, to }, signal)
      return validBars(rows, { series: 'yahoo', symbol, interval, now: now(), receivedAt: wall(), calendar, log })
    },
    async open(signal) {
      signal.throwIfAborted()
    },
    async close() {
      http.close()
    },
  }
}

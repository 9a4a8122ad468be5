import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError, UnknownSymbolError } from '../../../errors.ts'
import type { Log } from '../../../log.ts'
import { type Bar, DAY, MINUTE, minuteOf, type Ohlcv } from '../../../model/time/bar.ts'
import type { Interval } from '../../../model/time/interval.ts'
import type { Calendar } from '../../../model/time/session.ts'
import type { Listing } from '../../store/records.ts'
import { createPoliteHttp, MANNERS, type Manners } from '../polite-http.ts'
import type { BarSource } from '../source.ts'
import { createSteadyClock, validBars } from '../valid-bars.ts'
import { chartListing, chartRows, isHollow, type Suffix, type YahooChart, yahooAnswer } from './wire.ts'

interface Options {
  readonly calendar: Calendar
  /** Wall clock, epoch ms. */
  readonly now: () => number
  readonly log: Log
  readonly baseUrl?: string
  readonly userAgent?: string
  /** Yahoo's delay for KRX. */
  readonly delayMinutes?: number
  readonly manners?: Partial<Manners>
  /** Between two looks at one stock's newest minutes. */
  readonly pollGapMs?: number
}

/** Yahoo refuses longer stretches of one-minute bars. */
const LONGEST_STRETCH = 7 * DAY
/** Yahoo keeps one-minute bars for 30 days, and refuses a request that begins before: a day is left for its way of counting. */
const DEPTH = 29 * DAY

/** The last look at a stock's newest minutes. */
interface Look {
  readonly interval: Interval
  readonly rows: readonly Ohlcv[]
  readonly at: number
}

/**
 * Yahoo's chart data: one-minute bars without a key, about 20 minutes late, 30 days back. For KRX the last half hour of a day (15:00 to 15:30 with
 * the closing auction) is missing, and volumes are not those of the exchange. Unofficial: it may change or refuse at any time.
 *
 * Its market clock is the wall clock less the delay: a minute has closed when Yahoo can know it.
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
  const headers = {
    'user-agent': options.userAgent ?? 'Mozilla/5.0 (compatible; minutewatch)',
    accept: 'application/json',
  }
  const http = createPoliteHttp({ name: 'Yahoo', headers, manners: { ...MANNERS, ...options.manners }, log })
  const now = createSteadyClock(() => wall() - delayMinutes * MINUTE, log)
  const suffixes = new Map<string, Suffix>()
  const looks = new Map<string, Look>()
  const found = new Map<string, Listing>()
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
    // Asked for in the hope of the last half hour; what lies outside the session is dropped by the clock.
    url.searchParams.set('includePrePost', 'true')
    const { status, body } = await http.get(url, signal)
    const said = yahooAnswer(status, body)
    if (said.kind === 'unknown') return null
    if (said.kind === 'error') throw new Error(`Yahoo refused a request for ${symbol}.${suffix}: ${said.reason}`)
    const granularity = said.chart.meta.dataGranularity
    if (granularity && granularity !== '1m')
      throw new SetupError(`Yahoo sent ${granularity} bars of ${symbol} for one-minute bars. Use another SOURCE.`)
    return said.chart
  }

  /** The chart from the market that has the stock: the remembered one first, for a stock can move from KOSDAQ to KOSPI. */
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
    const found = await chartOf(symbol, interval, signal)
    if (!found) throw new UnknownSymbolError(symbol)
    return chartRows(found.chart)
  }

  /** At most one look in `pollGapMs`: an interval that the last look covers is answered from it, another one waits. */
  const newestRows = async (symbol: string, interval: Interval, signal: AbortSignal): Promise<readonly Ohlcv[]> => {
    const last = looks.get(symbol)
    const age = last ? performance.now() - last.at : Infinity
    if (last && age < pollGapMs) {
      if (last.interval.from <= interval.from && last.interval.to >= interval.to) return last.rows
      await sleep(pollGapMs - age, undefined, { signal })
    }
    const rows = await rowsOf(symbol, interval, signal)
    looks.set(symbol, { interval, rows, at: performance.now() })
    return rows
  }

  const fetchRows = async (symbol: string, { from, to }: Interval, signal: AbortSignal): Promise<Ohlcv[]> => {
    const rows: Ohlcv[] = []
    const settled = now() - 10 * MINUTE
    for (let start = Math.max(minuteOf(from), minuteOf(wall() - DEPTH)); start < to; ) {
      const end = Math.min(to, start + LONGEST_STRETCH)
      const stretch = { from: start, to: end }
      if (calendar.lastSession(end - 1).close > start)
        rows.push(
          ...(end > settled ? await newestRows(symbol, stretch, signal) : await rowsOf(symbol, stretch, signal)),
        )
      start = end
    }
    return rows
  }

  const lookup = async (symbol: string, signal: AbortSignal): Promise<Listing | null> => {
    const to = minuteOf(now())
    const answer = await chartOf(symbol, { from: to - DAY, to }, signal)
    if (!answer) return null
    const listing = chartListing(symbol, answer.suffix, answer.chart)
    found.set(symbol, listing)
    return listing
  }

  return {
    name: 'yahoo',
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
    // Yahoo publishes no list of stocks: these are the ones that were asked for. Whether it has another, `lookup` tells.
    async listings(signal) {
      signal.throwIfAborted()
      for (const symbol of followed) if (!found.has(symbol)) await lookup(symbol, signal)
      return [...found.values()]
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

import { UnknownSymbolError } from '../../../errors.ts'
import { kstDigits } from '../../../model/time/kst-time.ts'
import type { Calendar, Session } from '../../../model/time/session.ts'
import type { Listing } from '../../store/records.ts'
import { createPoliteHttp, type SiteOptions } from '../polite-http.ts'
import type { BarSource } from '../source.ts'
import { createSteadyClock } from '../steady-clock.ts'
import { validBars } from '../valid-bars.ts'
import { basicListing, minuteRows, stocksPage } from './wire.ts'

interface Options extends SiteOptions {
  readonly chartUrl?: string
  readonly mobileUrl?: string
}

/** Naver answers a larger page with 400. */
const PAGE_SIZE = 60
const MOST_PAGES = 100
const MARKETS = ['KOSPI', 'KOSDAQ']

/**
 * Reads the chart data behind Naver's stock pages: true one-minute bars without a key, as they close, about six
 * sessions back. The data is unofficial: it may change or be refused at any time, and Naver's terms forbid handing it
 * on, so it is for private use.
 */
export const createNaverSource = ({ calendar, now: wall, log, ...options }: Options): BarSource => {
  const chartUrl = options.chartUrl ?? 'https://api.stock.naver.com'
  const mobileUrl = options.mobileUrl ?? 'https://m.stock.naver.com'
  const headers = { referer: 'https://m.stock.naver.com/' }
  const http = createPoliteHttp({ ...options, name: 'naver', headers, log })
  const now = createSteadyClock(wall, log)
  /** Symbols that Naver has: an empty answer for one of them means that it had no trade. */
  const known = new Set<string>()

  const lookup = async (symbol: string, signal: AbortSignal): Promise<Listing | null> => {
    const { status, body } = await http.get(new URL(`/api/stock/${symbol}/basic`, mobileUrl), signal)
    // Naver answers 409 (`StockConflict`) to a code that it does not know.
    if (status === 404 || status === 409) return null
    if (status !== 200) throw unexpected(status, 'the stock page')
    known.add(symbol)
    return basicListing(body)
  }

  const fetchSession = async (symbol: string, session: Session, signal: AbortSignal) => {
    const url = new URL(`/chart/domestic/item/${symbol}/minute`, chartUrl)
    // The whole day is asked for, with both ends: without them a code with a letter gets no answer, and parts of a day
    // are not known to work.
    url.searchParams.set('startDateTime', kstDigits(session.open).slice(0, 12))
    url.searchParams.set('endDateTime', kstDigits(session.close).slice(0, 12))
    const { status, body } = await http.get(url, signal)
    if (status === 404 || status === 409) throw new UnknownSymbolError(symbol)
    if (status !== 200) throw unexpected(status, 'the minute chart')
    const { rows, unreadable } = minuteRows(body)
    if (unreadable > 0) log.warn({ venue: 'naver', symbol, unreadable }, 'rows dropped: unreadable')
    // An unknown code also gets an empty list; only the stock's page distinguishes the two.
    if (rows.length > 0) known.add(symbol)
    else if (!known.has(symbol) && (await lookup(symbol, signal)) === null) throw new UnknownSymbolError(symbol)
    return rows
  }

  return {
    name: 'naver',
    kind: 'bars',
    series: 'naver',
    // One minute is our own delay: a minute is asked for once. Naver promises nothing about its own.
    provenance: { kind: 'unofficial', delayMinutes: 1 },
    calendar,
    capacity: 40,
    collectAt: '6 * * * * *',
    sessionsPerFetch: 1,
    historySessions: 6,
    now,
    lookup,
    async listings(signal) {
      const bySymbol = new Map<string, Listing>()
      for (const market of MARKETS)
        for (let page = 1; page <= MOST_PAGES; page++) {
          const url = new URL(`/api/stocks/marketValue/${market}?page=${page}&pageSize=${PAGE_SIZE}`, mobileUrl)
          const { status, body } = await http.get(url, signal)
          if (status !== 200) throw unexpected(status, `the list of ${market}`)
          const { listings, rows, total } = stocksPage(body, market)
          for (const listing of listings) bySymbol.set(listing.symbol, listing)
          if (rows === 0 || page * PAGE_SIZE >= total) break
        }
      for (const symbol of bySymbol.keys()) known.add(symbol)
      return [...bySymbol.values()]
    },
    async fetchBars(symbol, interval, signal) {
      signal.throwIfAborted()
      const rows = []
      for (const session of sessionsIn(calendar, interval.from, Math.min(interval.to, now())))
        rows.push(...(await fetchSession(symbol, session, signal)))
      return validBars(rows, { series: 'naver', symbol, interval, now: now(), receivedAt: wall(), calendar, log })
    },
    async open(signal) {
      signal.throwIfAborted()
    },
    async close() {
      http.close()
    },
  }
}

const unexpected = (status: number, what: string) =>
  new Error(`naver answered ${status} to a request for ${what}, expected 200`)

/** Sessions that have a minute in `[from, to)`, oldest first. */
const sessionsIn = (calendar: Calendar, from: number, to: number): Session[] => {
  const sessions: Session[] = []
  for (let end = to - 1; end >= from; ) {
    const session = calendar.lastSession(end)
    if (session.close <= from) break
    sessions.unshift(session)
    end = session.open - 1
  }
  return sessions
}

import { type Answer, type Peer, startPeer } from './http-peer.ts'

/** One minute of Yahoo's chart. A minute without a trade has null prices. */
export type YahooRow = readonly [
  seconds: number,
  open: number | null,
  high: number | null,
  low: number | null,
  close: number | null,
  volume: number | null,
]

export interface YahooStock {
  /** The code with its suffix: `038530.KQ`. */
  readonly symbol: string
  readonly name?: string
  rows: YahooRow[]
  /** True if the answer is an empty shell, as for some codes under the wrong suffix. */
  hollow?: boolean
}

/** A loopback Yahoo with the v8 chart; `now` is its wall clock (epoch ms), by which it keeps 30 days of minutes. */
export const startYahooPeer = (stocks: readonly YahooStock[], now: () => number): Promise<Peer> =>
  startPeer((url, { headers }) => {
    if (!/^Mozilla\//.test(headers['user-agent'] ?? '')) return { status: 429, body: 'Too Many Requests' }
    const symbol = /^\/v8\/finance\/chart\/([\w.]+)$/.exec(url.pathname)?.[1]
    const stock = stocks.find((one) => one.symbol === symbol)
    if (!stock) return failure(404, 'Not Found', 'No data found, symbol may be delisted')
    const from = Number(url.searchParams.get('period1'))
    const to = Number(url.searchParams.get('period2'))
    if (to - from > 7 * 86_400)
      return failure(
        422,
        'Unprocessable Entity',
        'Only 7 days worth of 1m granularity data are allowed to be fetched per request.',
      )
    if (from * 1000 < now() - 30 * 86_400_000)
      return failure(
        422,
        'Unprocessable Entity',
        '1m data not available: the requested range must be within the last 30 days.',
      )
    const rows = stock.rows.filter(([seconds]) => seconds >= from && seconds < to)
    return { status: 200, body: { chart: { result: [chart(stock, rows)], error: null } } }
  })

const chart = (stock: YahooStock, rows: readonly YahooRow[]) => {
  const price = { regularMarketPrice: 1082, regularMarketTime: rows.at(-1)?.[0] ?? 0 }
  const meta = {
    symbol: stock.symbol,
    currency: 'KRW',
    exchangeTimezoneName: 'Asia/Seoul',
    gmtoffset: 32_400,
    dataGranularity: '1m',
    longName: stock.name,
  }
  if (rows.length === 0)
    return { meta: stock.hollow ? meta : { ...meta, ...price }, indicators: { quote: [{}], adjclose: [{}] } }
  const column = (i: 1 | 2 | 3 | 4 | 5) => rows.map((row) => row[i])
  const quote = { open: column(1), high: column(2), low: column(3), close: column(4), volume: column(5) }
  return { meta: { ...meta, ...price }, timestamp: rows.map(([seconds]) => seconds), indicators: { quote: [quote] } }
}

const failure = (status: number, code: string, description: string): Answer => ({
  status,
  body: { chart: { result: null, error: { code, description } } },
})

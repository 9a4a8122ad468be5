import { type Answer, type Peer, startPeer } from './http-peer.ts'

/** One minute of Naver's chart. */
export interface NaverRow {
  localDateTime: string
  currentPrice: unknown
  openPrice: unknown
  highPrice: unknown
  lowPrice: unknown
  accumulatedTradingVolume: unknown
}

export interface NaverStock {
  readonly code: string
  readonly name: string
  readonly market: 'KOSPI' | 'KOSDAQ'
  /** Oldest first, with the forming minute if there is one. */
  rows: NaverRow[]
}

/**
 * A loopback Naver with its minute chart, stock page and market lists. It refuses clients that do not look like a
 * browser on its pages.
 */
export const startNaverPeer = (stocks: readonly NaverStock[]): Promise<Peer> => {
  const minutes = (code: string, url: URL): Answer => {
    const from = url.searchParams.get('startDateTime')
    const to = url.searchParams.get('endDateTime')
    if (from === null || to === null) return { status: 200, body: [] }
    const rows = stocks.find((stock) => stock.code === code)?.rows ?? []
    return {
      status: 200,
      body: rows.filter(({ localDateTime: at }) => at.slice(0, 12) >= from && at.slice(0, 12) <= to),
    }
  }
  const page = (market: string, url: URL): Answer => {
    const size = Number(url.searchParams.get('pageSize'))
    if (!(size >= 1 && size <= 60)) return { status: 400, body: { code: 'BadRequest' } }
    const listed = stocks.filter((stock) => stock.market === market)
    const start = (Number(url.searchParams.get('page')) - 1) * size
    const body = {
      stocks: listed.slice(start, start + size).map(toListed),
      totalCount: listed.length,
      page: start / size + 1,
      pageSize: size,
    }
    return { status: 200, body }
  }
  const toListed = ({ code, name }: NaverStock) => ({
    stockType: 'domestic',
    itemCode: code,
    stockName: name,
    closePrice: '1,082',
  })
  const basic = (code: string): Answer => {
    const stock = stocks.find((one) => one.code === code)
    if (!stock) return { status: 409, body: { code: 'StockConflict', message: '' } }
    return { status: 200, body: { ...toListed(stock), stockExchangeName: stock.market } }
  }
  return startPeer((url, { headers }) => {
    if (!/^Mozilla\//.test(headers['user-agent'] ?? '') || headers.referer !== 'https://m.stock.naver.com/')
      return { status: 403, body: {} }
    const [, chart, code, market, one] =
      /^\/(?:(chart)\/domestic\/item\/(\w+)\/minute|api\/stocks\/marketValue\/(\w+)|api\/stock\/(\w+)\/basic)$/.exec(
        url.pathname,
      ) ?? []
    if (chart && code) return minutes(code, url)
    if (market) return page(market, url)
    return one ? basic(one) : { status: 404, body: { code: 'NotFound' } }
  })
}

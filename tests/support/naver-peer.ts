import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a peer does instead of answering well, for one request each. */
export type Fault =
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }
  /** A consent or error page with status 200. */
  | { readonly kind: 'html' }
  /** The right answer, cut off in the middle. */
  | { readonly kind: 'truncated' }
  /** No answer until the client gives up. */
  | { readonly kind: 'slow' }
  /** The connection ends without an answer. */
  | { readonly kind: 'cut' }

export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface SeenRequest {
  readonly url: URL
  readonly at: number
}

export interface Peer {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** The next requests go wrong, in this order. */
  fail(...faults: Fault[]): void
  close(): Promise<void>
}

/** A loopback HTTP server that answers JSON, remembers what it was asked, and misbehaves on demand. */
export const startPeer = async (answer: (url: URL, request: IncomingMessage) => Answer): Promise<Peer> => {
  const requests: SeenRequest[] = []
  const faults: Fault[] = []
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://peer')
    requests.push({ url, at: performance.now() })
    const fault = faults.shift()
    const { status, body } = answer(url, request)
    const json = JSON.stringify(body)
    if (fault?.kind === 'slow') return
    if (fault?.kind === 'cut') {
      request.socket.destroy()
      return
    }
    if (fault?.kind === 'status')
      response.writeHead(fault.status, fault.headers).end(fault.body ?? 'Too Many Requests\r\n')
    else if (fault?.kind === 'html')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>점검 중</title>')
    else if (fault?.kind === 'truncated')
      response.writeHead(200, { 'content-type': 'application/json' }).end(json.slice(0, json.length / 2))
    else response.writeHead(status, { 'content-type': 'application/json;charset=UTF-8' }).end(json)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail: (...more) => void faults.push(...more),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** A few round trips to the peer: a request that was sent before has arrived after them. */
export const roundTrips = async (peer: Peer): Promise<void> => {
  for (let trip = 0; trip < 5; trip++) await (await fetch(`${peer.url}/probe`)).text()
}

/** A minute as Naver sends it. */
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

/** Speaks Naver's minute chart, stock page and market lists. Refuses clients that do not look like a browser on its pages. */
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

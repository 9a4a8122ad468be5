import type { IncomingMessage, ServerResponse } from 'node:http'
import type { OddAnswer, PeerFaults } from './faults.ts'
import { koreanDate, koreanStamp, type PeerStock } from './market.ts'
import { chartRows, listingRow, type WireRow } from './wire.ts'

export interface PeerRequest {
  readonly apiId: string
  readonly body: Readonly<Record<string, string>>
  readonly nextKey: string | null
  readonly authorization: string | null
  /** The real time at which it came, monotonic ms. */
  readonly at: number
}

export interface RestSettings {
  readonly now: () => number
  readonly stocks: ReadonlyMap<string, PeerStock>
  readonly appKey: string
  readonly secretKey: string
  readonly mock: boolean
  readonly pageRows: number
  readonly offHoursRow: boolean
  readonly tokenTtlMs: number
  /** The least real time between calls of one api-id, two at once after a pause; 0 is no limit. */
  readonly perApiMs: number
  readonly faults: PeerFaults
}

const OK = { return_code: 0, return_msg: '정상적으로 처리되었습니다' }
const PATHS: Readonly<Record<string, string>> = { ka10080: '/api/dostk/chart', ka10099: '/api/dostk/stkinfo' }

/** The REST half of the peer: tokens, the chart, the list of stocks, and errors in Kiwoom's words. */
export const createPeerRest = (settings: RestSettings) => {
  const { now, stocks, faults } = settings
  const requests: PeerRequest[] = []
  const buckets = new Map<string, { tokens: number; at: number }>()
  let token: { text: string; expiresAt: number } | null = null
  let issued = 0
  let doubted = false

  const tokenIsGood = (text: string | null) =>
    token !== null && text === token.text && now() < token.expiresAt && !doubted

  const issueToken = (body: Readonly<Record<string, string>>): OddAnswer | Record<string, unknown> => {
    if (body.grant_type !== 'client_credentials')
      return { code: 2, message: '입력 값 오류입니다[8012:grant_type의 값이 맞지 않습니다]' }
    if (body.appkey !== settings.appKey || body.secretkey !== settings.secretKey)
      return { code: 3, message: `인증에 실패했습니다[8001:App Key와 Secret Key 검증에 실패했습니다 ${body.appkey}]` }
    doubted = false
    // While a token is good, Kiwoom gives out the same one.
    if (token === null || now() >= token.expiresAt) {
      issued += 1
      token = { text: `peer-token-${issued}-${'x'.repeat(70)}`, expiresAt: now() + settings.tokenTtlMs }
    }
    return { expires_dt: koreanStamp(token.expiresAt), token_type: 'bearer', token: token.text, ...OK }
  }

  const overPace = (apiId: string): boolean => {
    if (faults.rateLimited > 0) {
      faults.rateLimited -= 1
      return true
    }
    if (settings.perApiMs === 0) return false
    const at = performance.now()
    const bucket = buckets.get(apiId) ?? { tokens: 2, at }
    bucket.tokens = Math.min(2, bucket.tokens + (at - bucket.at) / settings.perApiMs)
    bucket.at = at
    buckets.set(apiId, bucket)
    if (bucket.tokens < 1) return true
    bucket.tokens -= 1
    return false
  }

  let pages = 0
  const chart = (body: Readonly<Record<string, string>>, nextKey: string | null) => {
    const [code = '', suffix] = (body.stk_cd ?? '').split('_')
    if (/:/.test(code)) return { code: 5, message: '입력 값 형식이 올바르지 않습니다' }
    if (settings.mock && suffix !== undefined)
      return { code: 1, message: '[RC9000] 모의투자에서는 해당업무가 제공되지 않습니다.' }
    const stock = stocks.get(code)
    if (!stock) return { code: 1, message: `[1902:종목 정보가 없습니다. 입력한 종목코드 값을 확인바랍니다.]` }
    const all = chartRows(stock, now(), settings.offHoursRow)
    const until = faults.ignoreBaseDate || body.base_dt === undefined ? '99999999' : body.base_dt
    const upTo = all.findIndex((row) => row.cntr_tm!.slice(0, 8) <= until)
    const start = nextKey === null ? (upTo < 0 ? all.length : upTo) : Number(nextKey.slice(-10))
    const rows = all.slice(start, start + settings.pageRows)
    const more = start + rows.length < all.length && !faults.noNextPage
    const sent: unknown[] = faults.rows ? faults.rows(rows, pages) : rows
    pages += 1
    if (all.length === 0) return { code: 20, message: '조회된 데이터가 없습니다' }
    return {
      headers: {
        'cont-yn': more ? 'Y' : 'N',
        'next-key': more ? `A${code}_NX${koreanDate(now())}${String(start + rows.length).padStart(10, '0')}` : '',
      },
      json: { stk_cd: body.stk_cd, stk_min_pole_chart_qry: sent, ...OK },
    }
  }

  const listings = (body: Readonly<Record<string, string>>) => {
    const market = body.mrkt_tp === '0' ? 'KOSPI' : body.mrkt_tp === '10' ? 'KOSDAQ' : null
    if (market === null) return { code: 1, message: '[1901:시장 코드값이 존재하지 않습니다.]' }
    const list: WireRow[] = [...stocks.values()].filter((stock) => stock.market === market).map(listingRow)
    // The real list of KOSPI also contains funds.
    if (market === 'KOSPI')
      list.push({ ...list[0]!, code: '069500', name: 'KODEX 200', marketCode: '8', marketName: 'ETF' })
    return { headers: { 'cont-yn': 'N', 'next-key': '' }, json: { list, ...OK } }
  }

  const answer = (
    request: PeerRequest,
    path: string,
  ): { status: number; headers?: Record<string, string>; text: string } | OddAnswer => {
    const odd = faults.odd.findIndex(({ apiId }) => apiId === undefined || apiId === request.apiId)
    if (odd >= 0) return faults.odd.splice(odd, 1)[0]!
    if (path === '/oauth2/token') {
      const issued = issueToken(request.body)
      return 'code' in issued ? (issued as OddAnswer) : { status: 200, text: JSON.stringify(issued) }
    }
    const expected = PATHS[request.apiId]
    if (expected !== path)
      return { code: 1, message: `[1504:해당 URI에서는 지원하는 API ID가 아닙니다. API ID=${request.apiId}]` }
    const bearer = request.authorization?.startsWith('Bearer ') ? request.authorization.slice(7) : null
    if (!tokenIsGood(bearer)) return { code: 3, message: '인증에 실패했습니다[8005:Token이 유효하지 않습니다]' }
    if (overPace(request.apiId))
      return {
        status: 429,
        code: 5,
        message: '허용된 요청 개수를 초과하였습니다[1700:허용된 요청 개수를 초과하였습니다. API ID]',
      }
    const page = request.apiId === 'ka10080' ? chart(request.body, request.nextKey) : listings(request.body)
    return 'code' in page
      ? (page as OddAnswer)
      : { status: 200, headers: page.headers, text: JSON.stringify(page.json) }
  }

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(incoming.url ?? '/', 'http://peer').pathname
    const header = (name: string) => (incoming.headers[name] as string | undefined) ?? null
    let text = ''
    for await (const chunk of incoming) text += chunk
    const request: PeerRequest = {
      apiId: path === '/oauth2/token' ? 'au10001' : (header('api-id') ?? ''),
      body: JSON.parse(text || '{}'),
      nextKey: header('cont-yn') === 'Y' ? header('next-key') : null,
      authorization: header('authorization'),
      at: performance.now(),
    }
    requests.push(request)
    const { status = 200, headers = {}, ...rest } = answer(request, path)
    if ('hang' in rest && rest.hang) return
    if (status === 0) {
      incoming.socket.destroy()
      return
    }
    response.sendDate = false
    if (!faults.noDate) response.setHeader('date', new Date(now()).toUTCString())
    const body =
      rest.text ??
      JSON.stringify({ return_code: 'code' in rest ? rest.code : 0, return_msg: 'message' in rest ? rest.message : '' })
    response.writeHead(status, {
      'content-type': 'application/json;charset=UTF-8',
      'api-id': request.apiId,
      'cont-yn': 'N',
      'next-key': '',
      ...headers,
    })
    response.end(body)
  }

  return {
    handle,
    requests,
    tokenIsGood,
    get issued() {
      return issued
    },
    /** Refuses the current token until a token is asked for again; the same one is then given out. */
    doubtToken() {
      doubted = true
    },
    /** Ends the current token; the next one is another. */
    expireToken() {
      token = null
    },
  }
}

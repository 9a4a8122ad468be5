import { createServer, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { RetryableError, SetupError, UnknownSymbolError } from '../../../../src/errors.ts'
import { MINUTE } from '../../../../src/model/time/bar.ts'
import { type OddAnswer, sessionsUpTo } from '../../../support/kiwoom-peer.ts'
import { APP_KEY, calendar, closeAll, market, never, OPEN, SECRET_KEY, setup } from './setup.ts'

afterEach(closeAll)

const EVENING = OPEN + 600 * MINUTE
/** Four whole sessions, which fill more than one page. */
const whole = () => ({ from: sessionsUpTo(calendar, OPEN, 4)[0]!.open, to: OPEN + 400 * MINUTE })

describe('bars from the chart', () => {
  test('four days over two pages: whole, in order, without the off-hours rows', async () => {
    const s = await setup({ at: EVENING })
    const [symbol] = s.symbols
    const { from, to } = whole()
    expect(await s.fetch(symbol!, from, to)).toEqual(s.truth(symbol!, from, to))
    expect(s.peer.rest.requests.filter(({ nextKey }) => nextKey !== null)).toHaveLength(1)
    expect(s.lines.filter(({ level }) => level === 'warn')).toEqual([])
  })

  test.for([
    { name: 'by date when a full page says that there is no next one', noNextPage: true },
    { name: 'by the next key when dates are not understood', ignoreBaseDate: true },
  ])('it goes on $name', async ({ name: _, ...faults }) => {
    const s = await setup({ at: EVENING })
    Object.assign(s.peer.faults, faults)
    const [symbol] = s.symbols
    const { from, to } = whole()
    expect(await s.fetch(symbol!, from, to)).toEqual(s.truth(symbol!, from, to))
    const old = { from, to: from + 381 * MINUTE }
    expect(await s.fetch(symbol!, old.from, old.to)).toEqual(s.truth(symbol!, old.from, old.to))
  })

  test('where neither way leads back, it gives what there is and says so', async () => {
    const s = await setup({ at: EVENING })
    Object.assign(s.peer.faults, { noNextPage: true, ignoreBaseDate: true })
    const [symbol] = s.symbols
    const { from, to } = whole()
    const bars = await s.fetch(symbol!, from, to)
    expect(bars).toEqual(s.truth(symbol!, from, to).slice(-bars.length))
    expect(bars.length).toBeGreaterThan(800)
    expect(s.chartCalls()).toBe(6) // each of the two ways, and all once more
    expect(s.lines.filter(({ text }) => text === 'kiwoom gives no bars further back')).toHaveLength(1)
  })

  test('the forming minute is left out', async () => {
    const s = await setup({ at: OPEN + 10 * MINUTE + 30_000 })
    const [symbol] = s.symbols
    const bars = await s.fetch(symbol!, OPEN, OPEN + 60 * MINUTE)
    expect(bars).toEqual(s.truth(symbol!, OPEN, OPEN + 10 * MINUTE))
  })

  test('nothing is asked for minutes in which nothing can trade', async () => {
    const s = await setup({ at: EVENING })
    const [symbol] = s.symbols
    expect(await s.fetch(symbol!, OPEN + 380 * MINUTE, OPEN + 390 * MINUTE)).toEqual([])
    expect(await s.fetch(symbol!, OPEN + 391 * MINUTE, OPEN + 590 * MINUTE)).toEqual([])
    expect(s.chartCalls()).toBe(0)
  })

  test('a clock an hour ahead is an error with a remedy, not a bar', async () => {
    const s = await setup({ at: OPEN + 10 * MINUTE, skewMs: 60 * MINUTE })
    const asked = s.source.fetchBars(s.symbols[0]!, { from: OPEN, to: OPEN + 65 * MINUTE }, never)
    await expect(asked).rejects.toThrow(SetupError)
    await expect(asked).rejects.toThrow(/clock is 36\d\d s ahead of Kiwoom's: switch on time synchronisation/)
  })
})

test('an hour too much is forgotten when it is put right: bars come again without a restart', async () => {
  const s = await setup({ at: OPEN + 10 * MINUTE, skewMs: 60 * MINUTE })
  const [symbol] = s.symbols
  await expect(s.source.fetchBars(symbol!, { from: OPEN, to: OPEN + 65 * MINUTE }, never)).rejects.toThrow(SetupError)
  s.skew.ms = 0
  s.advance(OPEN + 20 * MINUTE)
  expect(await s.fetch(symbol!, OPEN, OPEN + 15 * MINUTE)).toEqual(s.truth(symbol!, OPEN, OPEN + 15 * MINUTE))
})

describe('a page that is not whole', () => {
  test('is read again: a lost bar comes back', async () => {
    const s = await setup({ at: EVENING })
    s.peer.faults.rows = (rows, page) => (page === 0 ? rows.filter((_, index) => index !== 50) : rows)
    const [symbol] = s.symbols
    expect(await s.fetch(symbol!, OPEN, OPEN + 400 * MINUTE)).toEqual(s.truth(symbol!, OPEN, OPEN + 400 * MINUTE))
    expect(s.chartCalls()).toBe(2)
  })

  test('half-written for good: the good rows remain, the problem is named', async () => {
    const s = await setup({ at: EVENING })
    s.peer.faults.rows = (rows) =>
      rows.map((row, index) =>
        index === 50 ? { cntr_tm: row.cntr_tm } : index === 51 ? { ...row, cur_prc: '--123' } : row,
      )
    const [symbol] = s.symbols
    const truth = s.truth(symbol!, OPEN, OPEN + 400 * MINUTE)
    const bars = await s.fetch(symbol!, OPEN, OPEN + 400 * MINUTE)
    expect(bars).toEqual(truth.filter((_, index) => ![truth.length - 51, truth.length - 52].includes(index)))
    expect(s.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      {
        fields: { refusedRows: 2, lostBars: 1, problem: expect.stringMatching(/cur_prc is absent, expected a price/) },
      },
    ])
  })
})

describe('a chart that is not all there', () => {
  const day = { from: OPEN, to: OPEN + 400 * MINUTE }

  test('cut to its newest rows, it is asked for by date', async () => {
    const s = await setup({ at: EVENING })
    s.peer.faults.rows = (rows, page) => (page === 0 ? rows.slice(0, 150) : rows)
    s.peer.faults.noNextPage = true
    const [symbol] = s.symbols
    expect(await s.fetch(symbol!, day.from, day.to)).toEqual(s.truth(symbol!, day.from, day.to))
  })

  test.for([
    ['cut again and again', (rows: unknown[]) => rows.slice(0, 150)],
    [
      'cut, and nothing on the next page',
      (rows: unknown[], page: number) => (page % 2 === 0 ? rows.slice(0, 200) : []),
    ],
  ] as const)('%s, it is an error: nothing says that there were no trades', async ([_, rows]) => {
    const s = await setup({ at: EVENING })
    Object.assign(s.peer.faults, { rows, noNextPage: true, ignoreBaseDate: true })
    const asked = s.source.fetchBars(s.symbols[0]!, day, never)
    await expect(asked).rejects.toThrow(RetryableError)
    await expect(asked).rejects.toThrow(/(breaks off before 2026-11-27 .*more was traded|cannot be read)/)
  })

  test('cut on every day, the good rows remain, and the log says how much is missing', async () => {
    const s = await setup({ at: EVENING })
    s.peer.faults.rows = (rows) => rows.slice(0, 150)
    s.peer.faults.noNextPage = true
    const [symbol] = s.symbols
    expect(await s.fetch(symbol!, day.from, day.to)).toEqual(s.truth(symbol!, day.from, day.to).slice(-150))
    expect(s.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { lostBars: 1, shares: expect.any(Number) } },
    ])
  })

  test.for([
    ['without a list', null],
    ['with no row that can be read', (rows: readonly object[]) => rows.map((row) => ({ ...row, cur_prc: '' }))],
  ] as const)('an answer %s is an error, not a day without trades', async ([_, rows]) => {
    const s = await setup({ at: EVENING })
    const text = JSON.stringify({ return_code: 0, return_msg: '정상적으로 처리되었습니다' })
    if (rows === null) s.peer.faults.odd.push({ apiId: 'ka10080', text }, { apiId: 'ka10080', text })
    else s.peer.faults.rows = rows
    const asked = s.source.fetchBars(s.symbols[0]!, day, never)
    await expect(asked).rejects.toThrow(RetryableError)
    await expect(asked).rejects.toThrow(/cannot be read/)
  })
})

describe('tokens', () => {
  test('one is issued for many calls at once, and used again', async () => {
    const s = await setup({ at: EVENING, stocks: market(5, 1) })
    await Promise.all(s.symbols.map((symbol) => s.fetch(symbol, OPEN, EVENING)))
    expect(s.peer.rest.requests.filter(({ apiId }) => apiId === 'au10001')).toHaveLength(1)
  })

  test('one that ends between two pages is issued anew once, and the page is asked for again', async () => {
    const s = await setup({ at: EVENING })
    s.peer.faults.rows = (rows, page) => {
      if (page === 0) s.peer.rest.expireToken()
      return rows
    }
    const [symbol] = s.symbols
    const { from, to } = whole()
    expect(await s.fetch(symbol!, from, to)).toEqual(s.truth(symbol!, from, to))
    expect(s.peer.rest.issued).toBe(2)
    expect(s.chartCalls()).toBe(3)
  })

  test('one near its end is renewed before it ends', async () => {
    const s = await setup({ at: OPEN + 60 * MINUTE, peer: { tokenTtlMs: 20 * MINUTE } })
    const [symbol] = s.symbols
    await s.fetch(symbol!, OPEN, OPEN + 60 * MINUTE)
    s.advance(OPEN + 71 * MINUTE)
    await s.fetch(symbol!, OPEN, OPEN + 70 * MINUTE)
    expect(s.peer.rest.requests.filter(({ apiId }) => apiId === 'au10001')).toHaveLength(2)
    s.advance(OPEN + 80 * MINUTE + 10_000)
    await s.fetch(symbol!, OPEN, OPEN + 80 * MINUTE)
    expect(s.peer.rest.issued).toBe(2)
  })

  test.for([
    { name: 'code 8005', odd: { code: 3, message: '인증에 실패했습니다[8005:Token이 유효하지 않습니다]' } },
    { name: 'code 8103', odd: { code: 3, message: '[8103:토큰 인증 또는 단말기인증에 실패했습니다]' } },
    { name: 'HTTP 401', odd: { status: 401, code: 3, message: 'unauthorized' } },
    { name: 'HTTP 401 with nothing', odd: { status: 401, text: '' } },
    { name: 'HTTP 401 with a page', odd: { status: 401, text: '<html>401</html>' } },
  ])('refused for good ($name) it is issued anew exactly once', async ({ odd }) => {
    const s = await setup({ at: EVENING })
    s.peer.faults.odd.push({ apiId: 'ka10080', ...odd }, { apiId: 'ka10080', ...odd })
    await expect(s.source.fetchBars(s.symbols[0]!, { from: OPEN, to: EVENING }, never)).rejects.toThrow(
      /refuses the token it has just issued.*own app key/,
    )
    expect(s.peer.rest.requests.map(({ apiId }) => apiId)).toEqual(['au10001', 'ka10080', 'au10001', 'ka10080'])
  })
})

describe('many stocks and one token', () => {
  test('that is refused to all calls at once is issued anew once, though Kiwoom gives out the same one', async () => {
    const s = await setup({ at: EVENING, stocks: market(8, 1) })
    await s.source.open(never)
    s.peer.rest.doubtToken()
    await Promise.all(s.symbols.map((symbol) => s.fetch(symbol, OPEN, EVENING)))
    expect(s.peer.rest.requests.filter(({ apiId }) => apiId === 'au10001')).toHaveLength(2)
  })

  test('a refused key is not shown again for every one of them', async () => {
    const s = await setup({ at: EVENING, stocks: market(20, 1), source: { appKey: 'wrong' } })
    for (const symbol of s.symbols)
      await expect(s.source.fetchBars(symbol, { from: OPEN, to: EVENING }, never)).rejects.toThrow(/8001/)
    expect(s.peer.rest.requests).toHaveLength(1)
  })

  test('that is slow in coming does not let them all go at once', async () => {
    const s = await setup({ at: EVENING, stocks: market(6, 1), timings: { perApiMs: 40, burst: 1 } })
    const gate = createServer((request, response) => {
      const { url, method = '', headers } = request
      const pass = () => {
        const through = httpRequest(new URL(url ?? '', s.peer.restUrl), { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 0, answer.headers)
          answer.pipe(response)
        })
        request.pipe(through)
      }
      setTimeout(pass, url === '/oauth2/token' ? 400 : 0)
    })
    await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve))
    const source = s.begin({ restUrl: `http://127.0.0.1:${(gate.address() as AddressInfo).port}` })
    await Promise.all(s.symbols.map((symbol) => source.fetchBars(symbol, { from: OPEN, to: EVENING }, never)))
    gate.closeAllConnections()
    gate.close()
    const times = s.peer.rest.requests.filter(({ apiId }) => apiId === 'ka10080').map(({ at }) => at)
    expect(times.at(-1)! - times[0]!).toBeGreaterThan(5 * 30)
  })

  test('that has been replaced stays out of what is shown', async () => {
    const s = await setup({ at: EVENING, stocks: market(2, 1) })
    await s.source.open(never)
    const token = /^Bearer (.*)$/
    await s.fetch(s.symbols[0]!, OPEN, EVENING)
    const old = token.exec(s.peer.rest.requests.at(-1)?.authorization ?? '')?.[1]
    s.peer.rest.expireToken()
    await s.fetch(s.symbols[0]!, OPEN, EVENING)
    s.peer.faults.odd.push({ apiId: 'ka10080', code: 3, message: `[8009:${old} 오류]` })
    await expect(s.source.fetchBars(s.symbols[1]!, { from: OPEN, to: EVENING }, never)).rejects.toThrow(
      /8009.*\*\*\* 오류/,
    )
  })
})

describe('pace', () => {
  test('a refusal by a gateway, which speaks no JSON, is waited out too', async () => {
    const s = await setup({ at: EVENING })
    s.peer.faults.odd.push({ apiId: 'ka10080', status: 429, text: '<html>429</html>' })
    const [symbol] = s.symbols
    expect(await s.fetch(symbol!, OPEN, EVENING)).toEqual(s.truth(symbol!, OPEN, EVENING))
    expect(s.chartCalls()).toBe(2)
  })

  test('a storm of refusals is waited out', async () => {
    const s = await setup({ at: EVENING })
    s.peer.faults.rateLimited = 3
    const [symbol] = s.symbols
    expect(await s.fetch(symbol!, OPEN, EVENING)).toEqual(s.truth(symbol!, OPEN, EVENING))
    const times = s.peer.rest.requests.filter(({ apiId }) => apiId === 'ka10080').map(({ at }) => at)
    // The test waits 8, 16, 32 ms; the real timings are 1.3, 2.6, 5.2 s.
    expect(times.slice(1).map((at, index) => at - times[index]! >= 8 * 2 ** index)).toEqual([true, true, true])
  })

  test('a storm without end is an error that time cures', async () => {
    const s = await setup({ at: EVENING, timings: { rateLimitMs: 1 } })
    s.peer.faults.rateLimited = 1000
    const asked = s.source.fetchBars(s.symbols[0]!, { from: OPEN, to: EVENING }, never)
    await expect(asked).rejects.toThrow(RetryableError)
    expect(s.chartCalls()).toBe(5)
  })

  test('twenty stocks at once are served by a server that allows one call in ten milliseconds', async () => {
    // Some calls reach a busy server too close together, and are made again.
    const timings = { perApiMs: 30, rateLimitAttempts: 10 }
    const s = await setup({ at: EVENING, stocks: market(20, 1), peer: { perApiMs: 10 }, timings })
    const all = await Promise.all(s.symbols.map((symbol) => s.fetch(symbol, OPEN, EVENING)))
    expect(all).toEqual(s.symbols.map((symbol) => s.truth(symbol, OPEN, EVENING)))
  })

  test('an input error is asked once', async () => {
    const s = await setup({ at: EVENING })
    s.peer.faults.odd.push({ apiId: 'ka10080', code: 5, message: '입력 값 형식이 올바르지 않습니다' })
    await expect(s.source.fetchBars(s.symbols[0]!, { from: OPEN, to: EVENING }, never)).rejects.toThrow(
      /refused ka10080 for 100000.*return_code 5.*입력 값/,
    )
    expect(s.chartCalls()).toBe(1)
  })
})

describe('bad answers', () => {
  const html = '<html><body>점검 중입니다</body></html>'
  test.for<[string, OddAnswer, new (...a: never[]) => Error, RegExp]>([
    ['HTML instead of JSON', { text: html }, RetryableError, /an HTML page instead of JSON.*KIWOOM_REST_URL/],
    ['JSON cut short', { text: '{"stk_cd":"1000' }, RetryableError, /JSON that is cut short/],
    ['nothing', { text: '' }, RetryableError, /with nothing/],
    ['a 404 page', { status: 404, text: html }, SetupError, /not Kiwoom's REST service.*KIWOOM_REST_URL/],
    ['HTTP 500', { status: 500, code: 9, message: 'x' }, RetryableError, /HTTP 500/],
    [
      'a cut connection',
      { status: 0 },
      RetryableError,
      /cannot be reached \(.+\); check the network and KIWOOM_REST_URL/,
    ],
    ['a loop guard', { code: 5, message: '[1687:재귀 호출이 발생하여 API 호출을 제한합니다]' }, RetryableError, /1687/],
    ['no such stock', { code: 1, message: '[1902:종목 정보가 없습니다]' }, UnknownSymbolError, /100000 is not listed/],
    [
      'another address',
      { code: 3, message: '[8010:Token을 발급받은 IP와 서비스를 요청한 IP가 동일하지 않습니다]' },
      SetupError,
      /internet address.*8010.*register/,
    ],
    [
      'the other environment',
      { code: 3, message: '[8030:투자구분(실전/모의)이 달라서 Appkey를 사용할수가 없습니다]' },
      SetupError,
      /other environment.*8030.*mockapi/,
    ],
    ['a revoked key', { code: 3, message: `[8003:${APP_KEY} ${SECRET_KEY}]` }, SetupError, /8003.*\*\*\* \*\*\*/],
    [
      'a call the mock lacks',
      { code: 1, message: '[RC9000] 모의투자에서는 해당업무가 제공되지 않습니다.' },
      SetupError,
      /mock server does not offer ka10080/,
    ],
    ['a body without a code', { text: '{}' }, RetryableError, /without a return_code/],
  ])('%s', async ([, odd, kind, sentence]) => {
    const s = await setup({ at: EVENING })
    s.peer.faults.odd.push({ apiId: 'ka10080', ...odd })
    const error = await s.source.fetchBars(s.symbols[0]!, { from: OPEN, to: EVENING }, never).then(
      () => null,
      (reason: unknown) => reason as Error,
    )
    expect(error).toBeInstanceOf(kind)
    expect(error!.message).toMatch(sentence)
    expect(error!.message).not.toMatch(/\n|nobody-may-see|peer-token/)
  })

  test('an answer that never comes is given up', async () => {
    const s = await setup({ at: EVENING, timings: { requestTimeoutMs: 30 } })
    s.peer.faults.odd.push({ apiId: 'ka10080', hang: true })
    await expect(s.source.fetchBars(s.symbols[0]!, { from: OPEN, to: EVENING }, never)).rejects.toThrow(
      /did not answer within 0.03 s/,
    )
  })

  test('"no data" is an empty list', async () => {
    const s = await setup({ at: EVENING })
    s.peer.faults.odd.push({ apiId: 'ka10080', code: 20, message: '조회된 데이터가 없습니다' })
    expect(await s.fetch(s.symbols[0]!, OPEN, EVENING)).toEqual([])
  })

  test.for(['', '5930', 'KRX:005930', 'a', '005930_NX'])('%j is no code: nothing is asked', async (symbol) => {
    const s = await setup({ at: EVENING })
    await expect(s.source.fetchBars(symbol, { from: OPEN, to: EVENING }, never)).rejects.toThrow(UnknownSymbolError)
    expect(s.chartCalls()).toBe(0)
  })

  test('a code with a letter is asked for like any other', async () => {
    const stocks = market(1).map((one) => ({ ...one, symbol: '0001A0' }))
    const s = await setup({ at: EVENING, stocks })
    expect(await s.fetch('0001A0', OPEN, EVENING)).toHaveLength(381)
  })

  test('a caller who gives up while waiting in line leaves it at once', async () => {
    const s = await setup({ at: EVENING, timings: { perApiMs: 60_000, burst: 1 } })
    await s.fetch(s.symbols[0]!, OPEN, EVENING)
    const giving = new AbortController()
    const asked = s.source.fetchBars(s.symbols[0]!, { from: OPEN, to: EVENING }, giving.signal)
    giving.abort(new Error('given up'))
    await expect(asked).rejects.toThrow('given up')
  })
})

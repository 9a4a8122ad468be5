import { expect, test } from 'vitest'
import { RetryableError, SetupError, UnknownSymbolError } from '../../../../src/errors.ts'
import { MINUTE } from '../../../../src/model/time/bar.ts'
import { kstDigits } from '../../../../src/model/time/kst-time.ts'
import { createKrxCalendar } from '../../../../src/pipeline/calendar/krx.ts'
import { createNaverSource } from '../../../../src/pipeline/sources/naver/source.ts'
import { minuteRows } from '../../../../src/pipeline/sources/naver/wire.ts'
import type { BarSource } from '../../../../src/pipeline/sources/source.ts'
import { type Peer, roundTrips } from '../../../support/http-peer.ts'
import { silent } from '../../../support/market.ts'
import { type NaverRow, type NaverStock, startNaverPeer } from '../../../support/naver-peer.ts'
import { expectQuietWeekend } from '../around-the-clock.ts'
import { setupContract, sourceContract } from '../contract.ts'
import { closeAfterTest, expectHealing, type QuickManners, quickManners } from '../site.ts'

const kst = (text: string) => Date.parse(`${text}+09:00`)
const OPEN = kst('2026-11-17T09:00')
const whole = { from: OPEN, to: kst('2026-11-18T00:00') }
const signal = () => new AbortController().signal

const row = (localDateTime: string, price: unknown, volume: unknown): NaverRow => ({
  localDateTime,
  openPrice: price,
  highPrice: price,
  lowPrice: price,
  currentPrice: price,
  accumulatedTradingVolume: volume,
})
const goldPacific = (): NaverStock => ({
  code: '038530',
  name: '케이바이오랩스',
  market: 'KOSDAQ',
  rows: [
    row('20261116152900', 1060, 7),
    row('20261116153000', 1070, 500),
    row('20261117090000', 1082, 900),
    row('20261117090100', 1083, 20),
    row('20261117090300', 1085, 40),
  ],
})

const setup = async (
  stocks: NaverStock[],
  { now = () => kst('2026-11-17T18:00'), ...manners }: QuickManners & { now?: () => number } = {},
): Promise<{ peer: Peer; source: BarSource }> => {
  const peer = await startNaverPeer(stocks)
  const source = createNaverSource({
    calendar: createKrxCalendar(),
    now,
    log: silent,
    chartUrl: peer.url,
    mobileUrl: peer.url,
    manners: quickManners(manners),
  })
  closeAfterTest(peer, source)
  return { peer, source }
}

test('a day of minutes comes as bars of that day, oldest first, each with its own volume', async () => {
  const { source } = await setup([goldPacific()])
  const bars = await source.fetchBars('038530', whole, signal())
  expect(bars.map(({ openTime, close, volume }) => [(openTime - OPEN) / MINUTE, close, volume])).toEqual([
    [0, 1082, 900],
    [1, 1083, 20],
    [3, 1085, 40],
  ])
  expect(bars[0]).toMatchObject({ series: 'naver', symbol: '038530', receivedAt: kst('2026-11-17T18:00') })
})

sourceContract('naver', async () => {
  let time = kst('2026-11-17T13:00')
  const rows = Array.from({ length: 380 }, (_, i) => i)
    .filter((i) => i % 7 !== 3)
    .map((i) => row(kstDigits(OPEN + i * MINUTE), 1000 + (i % 50), 1 + ((i * 37) % 101)))
  const { source } = await setup([{ ...goldPacific(), rows }], { now: () => time })
  const pass = (ms: number) => {
    time += ms
  }
  return { source, symbol: '038530', interval: { from: OPEN, to: OPEN + 200 * MINUTE }, unknown: '999999', pass }
})

setupContract('naver', async () => {
  const { peer, source } = await setup([goldPacific()])
  peer.fail({ kind: 'status', status: 200, body: '{"result":[]}' })
  return { source, symbol: '038530', interval: whole }
})

test('says what it is, and that it is a minute late', async () => {
  const { source } = await setup([])
  expect(source.provenance).toEqual({ kind: 'unofficial', delayMinutes: 1 })
})

test('a pass begins in every minute, nights and weekends too, and those of a closed market ask nothing', async () => {
  const clock = { now: kst('2026-11-20T15:10') }
  const { peer, source } = await setup([goldPacific()], { now: () => clock.now })
  await expectQuietWeekend(source, clock, peer.requests)
})

test('one request a session, and none for a day without one', async () => {
  const { peer, source } = await setup([goldPacific()])
  const bars = await source.fetchBars('038530', { from: kst('2026-11-14T00:00'), to: whole.to }, signal())
  expect(bars).toHaveLength(4) // not the row of 15:29: the closing auction has no trades before 15:30
  expect(peer.requests.map(({ url }) => url.searchParams.get('startDateTime'))).toEqual([
    '202611160900',
    '202611170900',
  ])
})

test('the hours asked for are those of an irregular day', async () => {
  const { peer, source } = await setup([goldPacific()], { now: () => kst('2026-11-19T20:00') })
  await source.fetchBars('038530', { from: kst('2026-11-19T00:00'), to: kst('2026-11-20T00:00') }, signal())
  expect(peer.requests[0]?.url.search).toBe('?startDateTime=202611191000&endDateTime=202611191631')
})

test('the forming minute is left out until it has closed', async () => {
  let now = kst('2026-11-17T09:03:59')
  const { source } = await setup([goldPacific()], { now: () => now })
  expect((await source.fetchBars('038530', whole, signal())).at(-1)?.openTime).toBe(OPEN + MINUTE)
  now += 1000
  expect((await source.fetchBars('038530', whole, signal())).at(-1)?.openTime).toBe(OPEN + 3 * MINUTE)
})

test('its clock does not go back with the machine’s', async () => {
  let now = OPEN
  const { source } = await setup([], { now: () => now })
  expect(source.now()).toBe(OPEN)
  now -= 5000
  expect(source.now()).toBe(OPEN)
})

test('before the open there is nothing, and that is no error', async () => {
  const { source } = await setup([goldPacific()], { now: () => kst('2026-11-18T08:30') })
  expect(
    await source.fetchBars('038530', { from: kst('2026-11-18T00:00'), to: kst('2026-11-18T08:30') }, signal()),
  ).toEqual([])
})

test('a stock that had no trade all day is not taken for one that does not exist', async () => {
  const { source } = await setup([{ ...goldPacific(), rows: [] }])
  expect(await source.fetchBars('038530', whole, signal())).toEqual([])
  await expect(source.fetchBars('999999', whole, signal())).rejects.toThrow(UnknownSymbolError)
})

test('rows that are no bars are dropped, the good ones stay', async () => {
  const stock = goldPacific()
  stock.rows.push(
    row('20261117090400', null, 10),
    row('20261399090500', 1080, 10),
    { ...row('20261117090600', 1080, 10), lowPrice: 1090 },
    row('20261117090700', -1080, 10),
    row('20261117090800', 1080, 0),
    row('20261117090930', 1080, 10),
    row('20261117152500', 1080, 10),
    row('20261117160000', 1080, 10),
    row('20261117090100', 1084, 25),
    row('20261117153000', 1090, 3000),
  )
  const { source } = await setup([stock])
  const bars = await source.fetchBars('038530', whole, signal())
  expect(bars.map(({ openTime, close, volume }) => [(openTime - OPEN) / MINUTE, close, volume])).toEqual([
    [0, 1082, 900],
    [1, 1084, 25], // sent twice: the later row counts
    [3, 1085, 40],
    [390, 1090, 3000],
  ])
})

test('volume that has become a running total is refused as a whole', () => {
  const body = Array.from({ length: 12 }, (_, i) =>
    row(`2026111709${String(i).padStart(2, '0')}00`, 1080, 900 + 10 * i),
  )
  expect(() => minuteRows(body)).toThrow(/volume of the day so far/)
  expect(minuteRows(body.slice(0, 11)).rows).toHaveLength(11)
  expect(minuteRows(body.with(11, row('20261117091100', 1080, 899))).rows).toHaveLength(12)
})

test.for([{ error: 'x' }, 'text', [{ t: 1 }], [[1, 2, 3]]])(
  'an answer of another form says that the source has changed: %j',
  (body) => {
    expect(() => minuteRows(body)).toThrow(SetupError)
  },
)

test('names come page by page from both markets', async () => {
  const many = Array.from(
    { length: 61 },
    (_, i): NaverStock => ({ code: `1${String(i).padStart(5, '0')}`, name: `종목${i}`, market: 'KOSPI', rows: [] }),
  )
  const { peer, source } = await setup([...many, goldPacific(), { ...goldPacific(), code: '0101N0', name: '신형' }])
  const listings = await source.listings(signal())
  expect(listings).toHaveLength(63)
  expect(listings.at(-2)).toEqual({
    symbol: '038530',
    name: '케이바이오랩스',
    nameEn: null,
    market: 'KOSDAQ',
    warnings: [],
    nxtTradable: null,
  })
  expect(peer.requests).toHaveLength(3)
})

test('a full last page is the last, and a total that was never true ends with an empty page', async () => {
  const sixty = Array.from(
    { length: 60 },
    (_, i): NaverStock => ({ code: `2${String(i).padStart(5, '0')}`, name: `종목${i}`, market: 'KOSPI', rows: [] }),
  )
  const { peer, source } = await setup(sixty)
  expect(await source.listings(signal())).toHaveLength(60)
  expect(peer.requests).toHaveLength(2)
  peer.fail({
    kind: 'status',
    status: 200,
    body: '{"stocks":[{"itemCode":"005930","stockName":"삼성전자"}],"totalCount":"1000"}',
  })
  expect((await source.listings(signal())).map((listing) => listing.symbol)).toEqual(['005930'])
  expect(peer.requests).toHaveLength(5)
})

test('one stock is found by its code alone', async () => {
  const { source } = await setup([goldPacific()])
  expect(await source.lookup?.('038530', signal())).toMatchObject({ name: '케이바이오랩스', market: 'KOSDAQ' })
  expect(await source.lookup?.('999999', signal())).toBeNull()
})

test('a 429 silences the source: later calls fail at once and nothing is sent', async () => {
  const { peer, source } = await setup([goldPacific()])
  peer.fail({ kind: 'status', status: 429 })
  const error = await source.fetchBars('038530', whole, signal()).catch((e: unknown) => e)
  expect(error).toBeInstanceOf(RetryableError)
  expect((error as RetryableError).retryAfterMs).toBe(15 * MINUTE)
  await expect(source.fetchBars('038530', whole, signal())).rejects.toThrow(/no request to it for another 15 min/)
  await expect(source.listings(signal())).rejects.toThrow(RetryableError)
  expect(peer.requests).toHaveLength(1)
})

test('a longer Retry-After is honoured, an absurd one is not', async () => {
  for (const [seconds, pause] of [
    [3600, 60 * MINUTE],
    [9e9, 24 * 60 * MINUTE],
  ] as const) {
    const { peer, source } = await setup([goldPacific()])
    peer.fail({ kind: 'status', status: 429, headers: { 'retry-after': String(seconds) } })
    const error = await source.fetchBars('038530', whole, signal()).catch((e: unknown) => e)
    expect((error as RetryableError).retryAfterMs).toBe(pause)
  }
})

test('after the pause it asks again', async () => {
  const { peer, source } = await setup([goldPacific()], { pauseMs: 40 })
  peer.fail({ kind: 'status', status: 429 })
  await expect(source.fetchBars('038530', whole, signal())).rejects.toThrow(RetryableError)
  await expect.poll(() => source.fetchBars('038530', whole, signal()).catch(() => [])).toHaveLength(3)
})

test.for([
  [{ kind: 'html' }, /a web page where JSON was expected \(200\)/],
  [{ kind: 'truncated' }, /broken JSON/],
  [{ kind: 'cut' }, /no answer from 127\.0\.0\.1/],
  [{ kind: 'slow' }, /no answer from 127\.0\.0\.1:\d+ within 200 ms/],
  [{ kind: 'status', status: 503, body: '' }, /out of order \(503\)/],
  [{ kind: 'status', status: 403, body: '' }, /refused the request \(403\)/],
  [{ kind: 'status', status: 200, body: '' }, /answered nothing/],
] as const)('%j is for time to heal, in one sentence', async ([fault, sentence]) => {
  const { peer, source } = await setup([goldPacific()], {
    ...(fault.kind === 'slow' ? { timeoutMs: 200 } : {}),
    pauseMs: 20,
  })
  peer.fail(fault)
  await expectHealing(() => source.fetchBars('038530', whole, signal()), sentence, 3)
})

test('nobody at home is for time to heal as well', async () => {
  const { peer, source } = await setup([goldPacific()])
  await peer.close()
  await expect(source.fetchBars('038530', whole, signal())).rejects.toThrow(/ECONNREFUSED/)
})

test('a request waits its turn; one cancelled before, queued or on the wire rejects with the reason', async () => {
  const { peer, source } = await setup([goldPacific()], { intervalMs: 60_000, timeoutMs: 60_000 })
  const enough = new Error('enough')
  await expect(source.fetchBars('038530', whole, AbortSignal.abort(enough))).rejects.toBe(enough)
  peer.fail({ kind: 'slow' })
  const onTheWire = new AbortController()
  const first = source.fetchBars('038530', whole, onTheWire.signal)
  await expect.poll(() => peer.requests.length).toBe(1)
  const queued = new AbortController()
  const second = source.fetchBars('038530', whole, queued.signal)
  await roundTrips(peer)
  queued.abort(enough)
  await expect(second).rejects.toBe(enough)
  onTheWire.abort(enough)
  await expect(first).rejects.toBe(enough)
  expect(peer.requests.filter(({ url }) => url.pathname !== '/probe')).toHaveLength(1)
})

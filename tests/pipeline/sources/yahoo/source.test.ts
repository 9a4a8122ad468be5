import { readFileSync } from 'node:fs'
import { describe, expect, type TestContext, test } from 'vitest'
import { RetryableError, SetupError, UnknownSymbolError } from '../../../../src/errors.ts'
import { DAY, MINUTE } from '../../../../src/model/time/bar.ts'
import { createKrxCalendar } from '../../../../src/pipeline/calendar/krx.ts'
import type { BarSource } from '../../../../src/pipeline/sources/source.ts'
import { createYahooSource } from '../../../../src/pipeline/sources/yahoo/source.ts'
import { chartRows, yahooAnswer } from '../../../../src/pipeline/sources/yahoo/wire.ts'
import { recorded } from '../../../support/data.ts'
import { type Peer, roundTrips } from '../../../support/http-peer.ts'
import { silent } from '../../../support/market.ts'
import { startYahooPeer, type YahooRow, type YahooStock } from '../../../support/yahoo-peer.ts'
import { expectQuietWeekend } from '../around-the-clock.ts'
import { setupContract, sourceContract } from '../contract.ts'
import { closeAfterTest, expectHealing, type QuickManners, quickManners } from '../site.ts'

const kst = (text: string) => Date.parse(`${text}+09:00`)
const OPEN = kst('2026-11-17T09:00')
const EVENING = kst('2026-11-17T18:00')
const today = { from: OPEN, to: kst('2026-11-18T00:00') }
const signal = () => new AbortController().signal

const row = (time: number, price: number | null, volume: number | null = 100): YahooRow => [
  time / 1000,
  price,
  price,
  price,
  price,
  volume,
]
const kosdaq = (rows: YahooRow[]): YahooStock => ({ symbol: '038530.KQ', name: 'K-BioLabs Co., Ltd.', rows })
const minutes = (...prices: (number | null)[]) => prices.map((price, i) => row(OPEN + i * MINUTE, price))

const setup = async (
  stocks: YahooStock[],
  { now = () => EVENING, pollGapMs, ...manners }: QuickManners & { now?: () => number; pollGapMs?: number } = {},
): Promise<{ peer: Peer; source: BarSource }> => {
  const peer = await startYahooPeer(stocks, now)
  const source = createYahooSource({
    calendar: createKrxCalendar(),
    now,
    log: silent,
    baseUrl: peer.url,
    manners: quickManners(manners),
    ...(pollGapMs === undefined ? {} : { pollGapMs }),
  })
  closeAfterTest(peer, source)
  return { peer, source }
}
const asked = (peer: Peer) =>
  peer.requests
    .filter(({ url }) => url.pathname !== '/probe')
    .map(({ url }) => url.pathname.slice('/v8/finance/chart/'.length))
const span = ({ url }: { url: URL }) => ['period1', 'period2'].map((name) => Number(url.searchParams.get(name)) * 1000)

test('minutes without a trade, lost volumes, the live point and minutes outside the session are no bars', async () => {
  const rows = [
    row(OPEN - 10 * MINUTE, 1080),
    ...minutes(1082, 1083, null, 1085),
    row(OPEN + 4 * MINUTE, 1086, 0),
    row(OPEN + 5 * MINUTE, 1087, null),
  ]
  const { source } = await setup([
    kosdaq([...rows, row(OPEN + 8 * 60 * MINUTE, 1090), [(OPEN + 6 * MINUTE) / 1000 + 17, 1088, 1088, 1088, 1088, 0]]),
  ])
  const bars = await source.fetchBars('038530', today, signal())
  expect(bars.map(({ openTime, close }) => [(openTime - OPEN) / MINUTE, close])).toEqual([
    [0, 1082],
    [1, 1083],
    [3, 1085],
  ])
  expect(bars[0]).toMatchObject({ series: 'yahoo', symbol: '038530', volume: 100, receivedAt: EVENING })
})

test('both suffixes are tried and the right one is remembered', async () => {
  const { peer, source } = await setup([kosdaq(minutes(1082))])
  await source.fetchBars('038530', { from: OPEN, to: OPEN + 30 * MINUTE }, signal())
  await source.fetchBars('038530', { from: OPEN - DAY, to: OPEN }, signal())
  expect(asked(peer)).toEqual(['038530.KS', '038530.KQ', '038530.KQ'])
})

test('an empty shell under the wrong suffix does not hide the stock under the right one', async () => {
  const { source } = await setup([{ symbol: '038530.KS', rows: [], hollow: true }, kosdaq(minutes(1082))])
  expect(await source.fetchBars('038530', today, signal())).toHaveLength(1)
})

test('a stock that moved to the other market is found there', async () => {
  const stock = kosdaq(minutes(1082))
  const stocks = [stock]
  const { peer, source } = await setup(stocks)
  await source.fetchBars('038530', { from: OPEN - DAY, to: OPEN }, signal())
  stocks[0] = { ...stock, symbol: '038530.KS' }
  expect(await source.fetchBars('038530', today, signal())).toHaveLength(1)
  expect(asked(peer)).toEqual(['038530.KS', '038530.KQ', '038530.KQ', '038530.KS'])
})

test('a code that neither market has is unknown; one that only failed for now is not', async () => {
  const { peer, source } = await setup([kosdaq(minutes(1082))])
  await expect(source.fetchBars('999999', today, signal())).rejects.toThrow(UnknownSymbolError)
  expect(await source.lookup?.('999999', signal())).toBeNull()
  peer.fail({ kind: 'cut' })
  await expect(source.fetchBars('038530', today, signal())).rejects.toThrow(RetryableError)
})

sourceContract('yahoo', async () => {
  let time = kst('2026-11-17T13:00')
  const prices = Array.from({ length: 200 }, (_, i) => (i % 7 === 3 ? null : 1000 + (i % 50)))
  const { source } = await setup([kosdaq(minutes(...prices, ...prices))], { now: () => time, pollGapMs: 1 })
  source.follow?.(['038530'])
  const pass = (ms: number) => {
    time += ms
  }
  return { source, symbol: '038530', interval: { from: OPEN, to: OPEN + 200 * MINUTE }, unknown: '999999', pass }
})

setupContract('yahoo', async () => {
  const { peer, source } = await setup([])
  peer.fail({ kind: 'status', status: 200, body: '{"finance":{}}' })
  return { source, symbol: '038530', interval: today }
})

test('a pass begins in every minute, nights and weekends too, and those of a closed market ask nothing', async () => {
  const clock = { now: kst('2026-11-20T15:10') }
  const { peer, source } = await setup([kosdaq(minutes(1082, 1083))], { now: () => clock.now, pollGapMs: 0 })
  await expectQuietWeekend(source, clock, peer.requests)
})

test('there is no list of stocks but those asked for, and one stock can be looked up', async () => {
  const { source } = await setup([kosdaq(minutes(1082))])
  expect(await source.listings(signal())).toEqual([])
  expect(await source.lookup?.('038530', signal())).toEqual({
    symbol: '038530',
    name: 'K-BioLabs Co., Ltd.',
    nameEn: 'K-BioLabs Co., Ltd.',
    market: 'KOSDAQ',
    warnings: [],
    nxtTradable: null,
  })
  expect((await source.listings(signal())).map((listing) => listing.symbol)).toEqual(['038530'])
})

test('the market’s clock runs 20 minutes late, and only minutes that closed by it are bars', async () => {
  let now = OPEN + 22 * MINUTE - 1
  const { source } = await setup([kosdaq(minutes(1082, 1083, 1084))], { now: () => now, pollGapMs: 0 })
  expect(source.now()).toBe(OPEN + 2 * MINUTE - 1)
  expect(source.provenance).toEqual({ kind: 'unofficial', delayMinutes: 20 })
  expect(await source.fetchBars('038530', today, signal())).toHaveLength(1)
  now += 1
  expect(await source.fetchBars('038530', today, signal())).toHaveLength(2)
})

test('long history is asked for in pieces of a week, 29 days back and no further', async () => {
  const days = Array.from({ length: 60 }, (_, i) => row(OPEN - i * DAY, 1000 + i)).reverse()
  const { peer, source } = await setup([kosdaq(days)])
  const bars = await source.fetchBars('038530', { from: OPEN - 60 * DAY, to: today.to }, signal())
  expect(bars).toHaveLength(21) // the sessions of 2026-10-20 to 11-17
  expect(bars.map((bar) => bar.openTime)).toEqual(bars.map((bar) => bar.openTime).toSorted((a, b) => a - b))
  const spans = peer.requests.slice(1).map(span)
  expect(spans.every(([from = 0, to = 0]) => to - from <= 7 * DAY && from >= EVENING - 30 * DAY)).toBe(true)
})

test('an interval without a session costs no request', async () => {
  const { peer, source } = await setup([kosdaq([])])
  expect(
    await source.fetchBars('038530', { from: kst('2026-11-14T00:00'), to: kst('2026-11-16T09:00') }, signal()),
  ).toEqual([])
  expect(await source.fetchBars('038530', { from: OPEN, to: OPEN }, signal())).toEqual([])
  expect(peer.requests).toHaveLength(0)
})

test('within a minute the newest minutes are asked for once; older ones are not held back', async () => {
  const { peer, source } = await setup([kosdaq(minutes(1082, 1083))], { now: () => OPEN + 30 * MINUTE })
  const interval = { from: OPEN, to: OPEN + 10 * MINUTE }
  const bars = await source.fetchBars('038530', interval, signal())
  expect(bars).toHaveLength(2)
  expect(await source.fetchBars('038530', interval, signal())).toEqual(bars)
  expect(await source.fetchBars('038530', { from: OPEN + MINUTE, to: OPEN + 10 * MINUTE }, signal())).toEqual(
    bars.slice(1),
  )
  expect(peer.requests).toHaveLength(2)
  await source.fetchBars('038530', { from: OPEN - DAY, to: OPEN - 60 * MINUTE }, signal())
  expect(peer.requests).toHaveLength(3)
  const waiting = new AbortController()
  const wider = source.fetchBars('038530', { from: OPEN - MINUTE, to: OPEN + 10 * MINUTE }, waiting.signal)
  await roundTrips(peer)
  waiting.abort()
  await expect(wider).rejects.toThrow(/abort/i)
  expect(asked(peer)).toHaveLength(3)
})

test('a 429 silences the source for a quarter of an hour, whatever is asked', async () => {
  const { peer, source } = await setup([kosdaq(minutes(1082))])
  peer.fail({ kind: 'status', status: 429 })
  const error = await source.fetchBars('038530', today, signal()).catch((e: unknown) => e)
  expect((error as RetryableError).retryAfterMs).toBe(15 * MINUTE)
  await expect(source.lookup?.('005930', signal())).rejects.toThrow(/no request to it for another 15 min/)
  expect(peer.requests).toHaveLength(1)
})

test.for([
  [{ kind: 'html' }, /a web page where JSON was expected/],
  [{ kind: 'truncated' }, /broken JSON/],
  [{ kind: 'slow' }, /within 200 ms/],
  [{ kind: 'status', status: 404, body: '<html>' }, /a web page where JSON was expected \(404\)/],
  [{ kind: 'status', status: 502, body: '{}' }, /out of order \(502\)/],
] as const)('%j is for time to heal, in one sentence', async ([fault, sentence]) => {
  const { peer, source } = await setup([kosdaq(minutes(1082))], fault.kind === 'slow' ? { timeoutMs: 200 } : {})
  peer.fail(fault)
  await expectHealing(() => source.fetchBars('038530', today, signal()), sentence, 1)
})

test('bars that are not of one minute are refused', async () => {
  const { peer, source } = await setup([])
  const meta = { symbol: '038530.KS', dataGranularity: '1d', regularMarketPrice: 1 }
  const body = JSON.stringify({
    chart: { result: [{ meta, timestamp: [OPEN / 1000], indicators: { quote: [{}] } }], error: null },
  })
  peer.fail({ kind: 'status', status: 200, body })
  await expect(source.fetchBars('038530', today, signal())).rejects.toThrow(SetupError)
})

test('an answer of another form names the place that changed', () => {
  expect(() =>
    yahooAnswer(200, {
      chart: { result: [{ meta: { symbol: 'X' }, timestamp: ['soon'], indicators: { quote: [{}] } }] },
    }),
  ).toThrow(/chart\.result\.0\.timestamp\.0/)
  expect(() => yahooAnswer(200, 'OK')).toThrow(SetupError)
})

test('columns of unequal length give only whole rows', () => {
  const answer = yahooAnswer(200, {
    chart: {
      result: [
        {
          meta: { symbol: 'X' },
          timestamp: [60, 120, 180],
          indicators: { quote: [{ open: [1, 2], high: [1, 2], low: [1, 2], close: [1, 2], volume: [5] }] },
        },
      ],
      error: null,
    },
  })
  expect(answer.kind === 'chart' && chartRows(answer.chart)).toEqual([
    { openTime: 60_000, open: 1, high: 1, low: 1, close: 1, volume: 5 },
  ])
})

describe('recorded answers (skipped where the files are not)', () => {
  const answered = (file: string, context: TestContext) => {
    const { response } = JSON.parse(readFileSync(recorded(`yahoo/${file}`, context), 'utf8'))
    const answer = yahooAnswer(response.status, response.bodyJson)
    if (answer.kind !== 'chart') throw new Error(`${file}: expected a chart, came ${answer.kind}`)
    return { chart: answer.chart, raw: response.bodyJson.chart.result[0] }
  }

  test('a weekend without trades is an empty chart of a known stock', (context) => {
    const { chart } = answered('fixture-chart-AAPL-1m-empty-weekend.json', context)
    expect(chart.meta.dataGranularity).toBe('1m')
    expect(chartRows(chart)).toEqual([])
  })

  test('every whole row of a chart with holes comes through, and no other', (context) => {
    const { chart, raw } = answered('fixture-chart-with-nulls-daily.json', context)
    const quote = raw.indicators.quote[0]
    const wholeRows = raw.timestamp.filter((_: number, i: number) =>
      ['open', 'high', 'low', 'close', 'volume'].every((name) => quote[name]?.[i] != null),
    )
    expect(chartRows(chart).map(({ openTime }) => openTime / 1000)).toEqual(
      wholeRows.filter((seconds: number) => seconds % 60 === 0),
    )
  })
})

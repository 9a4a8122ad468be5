/**
 * Live minutes of the Kiwoom source: `node bench/kiwoom.ts`. Measures how many ticks a second one process turns into
 * closed minutes (frame text → JSON → tick → minute, and the whole way over a loopback WebSocket that another thread
 * fills), and how soon after its minute's end a bar can be read. 98 stocks, one tick a frame, forty fields a tick.
 */
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { MINUTE } from '../src/model/time/bar.ts'
import { createKrxCalendar } from '../src/pipeline/calendar/krx.ts'
import { createLiveMinutes } from '../src/pipeline/sources/kiwoom/live/live-minutes.ts'
import { readTick } from '../src/pipeline/sources/kiwoom/live/ticks.ts'
import { createServerClock } from '../src/pipeline/sources/kiwoom/rest/server-clock.ts'
import { createKiwoomSource } from '../src/pipeline/sources/kiwoom/source.ts'
import { KIWOOM_TIMINGS } from '../src/pipeline/sources/kiwoom/timings.ts'
import { tickValues } from '../tests/support/kiwoom-peer/wire.ts'
import {
  allTicks,
  type PeerStock,
  type PeerTick,
  sessionsUpTo,
  startKiwoomPeer,
  walk,
} from '../tests/support/kiwoom-peer.ts'
import { memoryStore } from '../tests/support/market.ts'

const STOCKS = 98
const REPEAT = 3
const calendar = createKrxCalendar()
const OPEN = Date.parse('2026-11-27T09:00:00+09:00')
const never = new AbortController().signal
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const stocks: PeerStock[] = Array.from({ length: STOCKS }, (_, index) => ({
  symbol: String(100_000 + index * 10),
  name: `stock ${index}`,
  market: 'KOSPI',
  base: 70_000,
  bars: walk(sessionsUpTo(calendar, OPEN, 1), { seed: index + 1, price: 70_000 }),
}))
/** A whole session's trades, in time order. */
const dayOfTicks = (): PeerTick[] => stocks.flatMap(allTicks).sort((a, b) => a.time - b.time)
const padding = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [String(1_400 + index), '-12345']))
const frameOf = (tick: PeerTick) =>
  JSON.stringify({
    data: [{ type: '0B', name: '주식체결', item: tick.symbol, values: { ...tickValues(tick, 70_000), ...padding } }],
    trnm: 'REAL',
  })

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
const inProcess = (frames: readonly string[], ticks: readonly PeerTick[]): number => {
  let time = OPEN - MINUTE
  const now = () => time
  const clock = createServerClock({ now, monotonic: now, ...KIWOOM_TIMINGS })
  const minutes = createLiveMinutes({
    series: 'kiwoom',
    calendar,
    clock,
    now,
    timings: KIWOOM_TIMINGS,
    sharesBeforeOpen: true,
  })
  for (const { symbol } of stocks) minutes.begin(symbol)
  const start = performance.now()
  for (const [index, frame] of frames.entries()) {
    time = ticks[index]!.time
    const { data } = JSON.parse(frame) as { data: { item: string; values: Record<string, string> }[] }
    for (const { item, values } of data) {
      const tick = readTick(values, time)
      if (typeof tick === 'string') throw new Error(tick)
      minutes.tick(item, tick, time)
    }
  }
  return (frames.length / (performance.now() - start)) * 1000
}

const overSocket = async (): Promise<number> => {
  const worker = new Worker(new URL(import.meta.url))
  const heard = (): Promise<{ url: string; ticks: number }> => new Promise((resolve) => worker.once('message', resolve))
  const { url, ticks } = await heard()
  let time = OPEN - MINUTE
  const source = createKiwoomSource({
    appKey: 'peer-app-key',
    secretKey: 'peer-secret-key',
    restUrl: url,
    wsUrl: url.replace('http', 'ws'),
    market: 'KRX',
    calendar,
    marketEvents: (await memoryStore()).marketEvents,
    now: () => time,
    monotonic: () => time,
    log: silent as never,
    timings: { registerMs: 1, perApiMs: 0, anyCallMs: 0, silenceMs: Number.MAX_SAFE_INTEGER },
  })
  await source.open(never)
  source.follow(stocks.map(({ symbol }) => symbol))
  while (source.live().registered < STOCKS) await new Promise((resolve) => setTimeout(resolve, 5))
  // The clock is past the last trade, because the source refuses a trade of the future.
  time = OPEN + 390 * MINUTE + 30_000
  const start = performance.now()
  worker.postMessage('go')
  while (source.live().counts.ticks < ticks) await new Promise((resolve) => setTimeout(resolve, 5))
  const rate = (ticks / (performance.now() - start)) * 1000
  await source.close()
  await worker.terminate()
  return rate
}

/** Runs in the other thread: a peer that sends a whole session's trades as fast as they are read. */
const sender = async () => {
  const peer = await startKiwoomPeer({ now: () => OPEN - MINUTE, stocks })
  const frames = dayOfTicks().map(frameOf)
  parentPort!.on('message', async () => {
    const [client] = peer.live.server.clients
    for (const [index, frame] of frames.entries()) {
      client!.send(frame)
      if (index % 1_000 === 0)
        while (client!.bufferedAmount > 4e6) await new Promise((resolve) => setTimeout(resolve, 1))
    }
  })
  parentPort!.postMessage({ url: peer.restUrl, ticks: frames.length })
}

/** Measures the end of a minute in real time, after one minute of warm-up. */
const delay = async (): Promise<{ afterEnd: number[]; afterTick: number[]; chartCalls: number }> => {
  const offset = OPEN + 29 * MINUTE - 3_000 - Date.now()
  const now = () => Date.now() + offset
  const end = OPEN + 31 * MINUTE
  const peer = await startKiwoomPeer({ now, stocks, appKey: 'k', secretKey: 's' })
  const source = createKiwoomSource({
    appKey: 'k',
    secretKey: 's',
    restUrl: peer.restUrl,
    wsUrl: peer.wsUrl,
    market: 'KRX',
    calendar,
    marketEvents: (await memoryStore()).marketEvents,
    now,
    log: silent as never,
    timings: { registerMs: 100 },
  })
  await source.open(never)
  source.follow(stocks.map(({ symbol }) => symbol))
  let sentUntil = now()
  const lastTick = new Map<string, number>()
  const feeding = setInterval(() => {
    const until = now()
    const ticks = peer.ticks(sentUntil, until)
    for (const { symbol, time } of ticks) if (time < end) lastTick.set(symbol, until)
    peer.live.emit(ticks)
    sentUntil = until
  }, 10)
  await new Promise((resolve) => setTimeout(resolve, end - now()))
  const afterEnd: number[] = []
  const afterTick: number[] = []
  await Promise.all(
    stocks.map(async ({ symbol }) => {
      await source.fetchBars(symbol, { from: end - MINUTE, to: end }, never)
      afterEnd.push(now() - end)
      afterTick.push(now() - (lastTick.get(symbol) ?? end))
    }),
  )
  clearInterval(feeding)
  const chartCalls = peer.rest.requests.filter(({ apiId }) => apiId === 'ka10080').length
  await source.close()
  await peer.close()
  return { afterEnd, afterTick, chartCalls }
}

export const benchKiwoom = async (print: (line: string) => void = console.log): Promise<void> => {
  const ticks = dayOfTicks()
  const frames = ticks.map(frameOf)
  const rates = Array.from({ length: REPEAT }, () => inProcess(frames, ticks))
  print(
    `frame text to minute, ${frames.length} ticks of ${frames[0]!.length} characters: ${Math.round(median(rates))} ticks/s`,
  )
  const socket: number[] = []
  for (let round = 0; round < REPEAT; round++) socket.push(await overSocket())
  print(`over a loopback WebSocket: ${Math.round(median(socket))} ticks/s`)
  print('two real minutes, to see how soon its bars can be had …')
  const { afterEnd, afterTick, chartCalls } = await delay()
  print(
    `${STOCKS} bars asked for at the minute's end: after it ended ${median(afterEnd)} ms median, ${Math.max(...afterEnd)} ms at most; after its last tick ${median(afterTick)} ms median; ${chartCalls} read from the chart`,
  )
}

if (!isMainThread) await sender()
else if (import.meta.main) await benchKiwoom()

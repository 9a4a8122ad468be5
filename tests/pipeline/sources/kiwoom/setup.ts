import { expect } from 'vitest'
import type { Log } from '../../../../src/log.ts'
import { type Bar, MINUTE, type Ohlcv } from '../../../../src/model/time/bar.ts'
import { createKrxCalendar } from '../../../../src/pipeline/calendar/krx.ts'
import {
  createKiwoomSource,
  type KiwoomOptions,
  type KiwoomSource,
} from '../../../../src/pipeline/sources/kiwoom/source.ts'
import type { KiwoomTimings } from '../../../../src/pipeline/sources/kiwoom/timings.ts'
import {
  type PeerOptions,
  type PeerStock,
  type PeerTick,
  sessionsUpTo,
  startKiwoomPeer,
  walk,
} from '../../../support/kiwoom-peer.ts'
import { memoryStore } from '../../../support/market.ts'

export const calendar = createKrxCalendar()
export const kst = (text: string): number => Date.parse(`${text}+09:00`)
export const never = new AbortController().signal

/** A Friday; Thursday, Wednesday and Tuesday before it are ordinary days too. */
const DAY = '2026-11-27'
export const OPEN = kst(`${DAY}T09:00:00`)

/** The collector asks for a minute this long after its end. */
const ASK_AFTER_MS = 2_000

const BUSY = '900000'
/** The peer's time between pings. */
const PING_MS = 20_000

export const APP_KEY = 'app-key-that-nobody-may-see'
export const SECRET_KEY = 'secret-key-that-nobody-may-see'

/**
 * Waits in real time are a hundred times as short, except the time limits of answers. Times of the market's clock stay
 * as they are.
 */
const FAST: Partial<KiwoomTimings> = {
  perApiMs: 0,
  anyCallMs: 0,
  rateLimitMs: 8,
  pollMs: 2,
  registerMs: 12,
  watchMs: 5,
  reconnectMs: 5,
  reconnectLimitMs: 50,
  standBackMs: 60,
  standBackLimitMs: 200,
}

export const stock = (symbol: string, bars: readonly Ohlcv[], more: Partial<PeerStock> = {}): PeerStock => ({
  symbol,
  name: `종목${symbol}`,
  market: 'KOSPI',
  base: 70_000,
  bars,
  ...more,
})

/** Stocks with four sessions of bars, the last one `DAY`; some of them trade seldom. */
export const market = (count: number, sessions = 4): PeerStock[] =>
  Array.from({ length: count }, (_, index) =>
    stock(
      String(100_000 + index * 10),
      walk(sessionsUpTo(calendar, OPEN, sessions), { seed: index + 1, price: 70_000, thin: (index % 4) * 0.2 }),
    ),
  )

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: Readonly<Record<string, unknown>>
  readonly text: string
}

interface SetupOptions {
  readonly stocks?: readonly PeerStock[]
  /** The peer's clock at the start. */
  readonly at?: number
  /** Our clock's lead over the peer's. */
  readonly skewMs?: number
  readonly peer?: Partial<PeerOptions>
  readonly source?: Partial<KiwoomOptions>
  readonly timings?: Partial<KiwoomTimings>
  /** True follows one more stock, which trades every second, as one of a full watchlist does. */
  readonly busy?: boolean
}

/** A peer, a source that reads it, and one clock for both. */
export const setup = async ({
  stocks = market(1),
  at = OPEN,
  skewMs = 0,
  peer: peerOptions,
  source: sourceOptions,
  timings,
  busy = false,
}: SetupOptions = {}) => {
  let time = at
  const skew = { ms: skewMs }
  const lines: LogLine[] = []
  const at$ = (level: LogLine['level']) => (fields: unknown, text?: string) => {
    lines.push({ level, fields: fields as Record<string, unknown>, text: text ?? String(fields) })
  }
  const log = { debug: at$('debug'), info: at$('info'), warn: at$('warn'), error: at$('error') } as unknown as Log
  const peer = await startKiwoomPeer({
    now: () => time,
    stocks: busy ? [...stocks, stock(BUSY, [])] : stocks,
    appKey: APP_KEY,
    secretKey: SECRET_KEY,
    ...peerOptions,
  })
  const store = await memoryStore()
  closing.push(
    () => store.close(),
    () => peer.close(),
  )
  const begin = (more: Partial<KiwoomOptions> = {}): KiwoomSource => {
    const begun = createKiwoomSource({
      appKey: APP_KEY,
      secretKey: SECRET_KEY,
      restUrl: peer.restUrl,
      wsUrl: peer.wsUrl,
      market: 'KRX',
      calendar,
      marketEvents: store.marketEvents,
      now: () => time + skew.ms,
      monotonic: () => time,
      log,
      timings: { ...FAST, ...timings },
      ...sourceOptions,
      ...more,
    })
    closing.push(() => begun.close())
    return begun
  }
  const source = begin()

  let dayVolume = 0
  /** The trades of `[from, to)`, in time order. */
  const ticks = (from: number, to: number): PeerTick[] => {
    const second = Math.ceil(from / 1000) * 1000
    const every = Array.from(
      { length: busy ? Math.max(0, Math.ceil((to - second) / 1000)) : 0 },
      (_, index): PeerTick => {
        dayVolume += 1
        return { symbol: BUSY, time: second + index * 1000, price: 70_000, size: 1, dayVolume, bought: true }
      },
    )
    return [...peer.ticks(from, to), ...every].sort((a, b) => a.time - b.time)
  }

  /** Moves the clock, sends out the trades on the way, and returns their number. */
  const advance = (to: number): number => {
    let sent = 0
    for (const tick of ticks(time, to)) {
      time = tick.time
      sent += peer.live.emit([tick])
    }
    time = to
    return sent
  }

  /** Waits for a pong, which comes after the source has read everything that was sent before. */
  const ping = async () => {
    if (peer.faults.mute || peer.live.connected() === 0) return
    const expected = peer.live.counts.pongs + 1
    peer.live.ping()
    await until(() => peer.live.counts.pongs >= expected || peer.live.connected() === 0, 'a pong')
  }

  let asking = 0
  const flow = async () => {
    while (asking > 0) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (asking === 0) return
      advance(time + 25)
      if (time % PING_MS < 25) await ping()
    }
  }

  const symbols: readonly string[] = stocks.map(({ symbol }) => symbol)
  const made = {
    peer,
    advance,
    source,
    /** Makes another source of the same peer, as a new process does. */
    begin,
    lines,
    symbols,
    now: () => time,
    /** Our clock's lead, which a test may change in the middle of a day. */
    skew,
    /** Opens, follows everything, and waits until so many stocks are registered. */
    async live(registered = stocks.length + (busy ? 1 : 0)): Promise<void> {
      await source.open(never)
      source.follow(busy ? [...symbols, BUSY] : symbols)
      await until(() => source.live().registered === registered)
    },
    /** Lets the market trade up to the instant; the source has read each trade before the clock moves on. */
    async trade(to: number): Promise<void> {
      while (time < to) {
        const next = Math.min(to, (Math.floor(time / 1000) + 1) * 1000)
        const expected = heard(source) + peer.live.emit(ticks(time, next))
        await until(() => heard(source) >= expected, `${expected} trades heard`)
        time = next
        if (next % PING_MS === 0) await ping()
      }
    },
    /** Fetches bars while the market's clock goes on, a second in about 40 ms. */
    async fetch(symbol: string, from: number, to: number): Promise<Ohlcv[]> {
      asking += 1
      const answer = source.fetchBars(symbol, { from, to }, never).finally(() => {
        asking -= 1
      })
      if (asking === 1) void flow()
      return plain(await answer)
    },
    /**
     * Acts as the collector: two seconds after the end of every minute it asks for every stock, from three minutes
     * before the stock's last bar. New bars replace those of the same minute.
     */
    async collect(from: number, to: number): Promise<Map<string, Ohlcv[]>> {
      const collected = new Map(symbols.map((symbol) => [symbol, new Map<number, Ohlcv>()]))
      for (let end = from + MINUTE; end <= to; end += MINUTE) {
        if (time < end + ASK_AFTER_MS) await made.trade(end + ASK_AFTER_MS)
        await Promise.all(
          symbols.map(async (symbol) => {
            const bars = collected.get(symbol)!
            const last = Math.max(from - MINUTE, ...bars.keys())
            for (const bar of await made.fetch(symbol, Math.max(from, last - 2 * MINUTE), end))
              bars.set(bar.openTime, bar)
          }),
        )
      }
      return new Map(
        [...collected].map(([symbol, bars]) => [symbol, [...bars.values()].sort((a, b) => a.openTime - b.openTime)]),
      )
    },
    /** The bars that the market really had, with `from ≤ openTime < to`. */
    truth: (symbol: string, from: number, to: number): Ohlcv[] =>
      stocks
        .find((one) => one.symbol === symbol)!
        .bars.filter(({ openTime }) => openTime >= from && openTime < to) as Ohlcv[],
    chartCalls: () => peer.rest.requests.filter(({ apiId }) => apiId === 'ka10080').length,
  }
  return made
}

export type Setup = Awaited<ReturnType<typeof setup>>

const closing: (() => Promise<void>)[] = []
export const closeAll = async () => {
  for (const close of closing.splice(0).reverse()) await close()
}

const heard = (source: KiwoomSource): number => {
  const { ticks, refused } = source.live().counts
  return ticks + refused
}

/** Polls until the condition is true: nothing else shows when a frame has arrived over a socket. */
export const until = async (condition: () => boolean, what = 'the condition'): Promise<void> => {
  const giveUp = Date.now() + 10_000
  for (let turn = 0; !condition(); turn++) {
    if (turn < 50) await new Promise((resolve) => setImmediate(resolve))
    else if (Date.now() > giveUp) expect.fail(`${what} did not come true: ${condition}`)
    else await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

const plain = (bars: readonly (Bar | Ohlcv)[]): Ohlcv[] =>
  bars.map(({ openTime, open, high, low, close, volume }) => ({ openTime, open, high, low, close, volume }))

import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import { isBarMinute } from '../../src/model/time/session.ts'
import { createWeekdayCalendar } from '../../src/pipeline/calendar/plain.ts'
import type { BarSource } from '../../src/pipeline/sources/source.ts'

export const SERIES = 'bench'
/** The open of an ordinary Monday. */
export const OPEN = Date.parse('2026-11-16T09:00:00+09:00')
/** The market's time at which live minutes begin: an hour after that open. */
export const LIVE_FROM = OPEN + 60 * MINUTE
export const calendar = createWeekdayCalendar()

export const codeOf = (stock: number): string => String(100_000 + stock)
const stockOf = (symbol: string): number => Number(symbol) - 100_000

/** mulberry32 of one number: the same stock and minute always give the same noise in [0, 1). */
const noise = (key: number): number => {
  let mixed = (key + 0x6d2b79f5) >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

const priceAt = (stock: number, minute: number): number =>
  1_000 + 10 * stock + 40 * Math.sin((minute + 97 * stock) / 211) + 6 * (noise(stock * 7_919 + minute) - 0.5)

/** True if a stock surges in the minute that begins then. */
export type Surges = (stock: number, openTime: number) => boolean

/** A made-up bar, always the same; one that surges has a tenth more at its high and eighty times its volume. */
export const barAt = (stock: number, openTime: number, surges: Surges): Bar => {
  const minute = openTime / MINUTE
  const [open, close] = [priceAt(stock, minute - 1), priceAt(stock, minute)]
  const reach = 2 * noise(stock * 31 + minute * 17)
  const volume = Math.ceil(200 + 4_000 * noise(stock * 13 + minute * 29) ** 3)
  const surged = surges(stock, openTime)
  const high = Math.max(open, close) + reach
  return {
    series: SERIES,
    symbol: codeOf(stock),
    openTime,
    open,
    high: surged ? 1.1 * high : high,
    low: Math.min(open, close) - reach,
    close,
    volume: surged ? 80 * volume : volume,
    receivedAt: openTime + MINUTE,
  }
}

/** The market's clock, which the bench moves; epoch ms. */
export interface Clock {
  now: number
}

/** A market that answers from memory: made-up bars of so many stocks, up to the present of its clock. */
export const memorySource = (stocks: number, clock: Clock, surges: Surges = () => false): BarSource => ({
  name: SERIES,
  kind: 'bars',
  series: SERIES,
  provenance: { kind: 'real' },
  calendar,
  capacity: stocks,
  collectAt: '* * * * * *',
  sessionsPerFetch: 20,
  historySessions: 20,
  now: () => clock.now,
  open: async () => {},
  close: async () => {},
  listings: async () =>
    Array.from({ length: stocks }, (_, stock) => ({
      symbol: codeOf(stock),
      name: `Stock ${stock}`,
      nameEn: null,
      market: 'KOSPI',
      warnings: [],
      nxtTradable: null,
    })),
  async fetchBars(symbol, { from, to }) {
    const bars: Bar[] = []
    for (let time = from; time < Math.min(to, clock.now - MINUTE + 1); time += MINUTE) {
      const session = calendar.sessionAt(time)
      if (session && isBarMinute(session, time)) bars.push(barAt(stockOf(symbol), time, surges))
    }
    return bars
  },
})

import { UnknownSymbolError } from '../../src/errors.ts'
import { createLog } from '../../src/log.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import type { Interval } from '../../src/model/time/interval.ts'
import { createWeekdayCalendar } from '../../src/pipeline/calendar/plain.ts'
import { createSimulatedSource } from '../../src/pipeline/sources/simulated/source.ts'
import type { BarSource } from '../../src/pipeline/sources/source.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import type { Listing, WatchRecord } from '../../src/pipeline/store/records.ts'

export const silent = createLog('silent')

/** KST clock time on that monday, or days later. */
export const at = (clock: string, daysLater = 0): number =>
  Date.parse(`2026-11-16T${clock}:00+09:00`) + daysLater * 86_400_000

export const memoryStore = () => openStore('sqlite::memory:', { log: silent })

/** A bar in every minute of `[from, to)`, all alike. */
export const stretch = (symbol: string, from: number, to: number): Bar[] =>
  Array.from({ length: (to - from) / MINUTE }, (_, minute) => {
    const openTime = from + minute * MINUTE
    return {
      series: 'test',
      symbol,
      openTime,
      open: 100,
      high: 101,
      low: 99,
      close: 100,
      volume: 10,
      receivedAt: openTime + MINUTE,
    }
  })

/** The same minute with a tenth more at its high and eighty times its volume. */
const surged = (bar: Bar): Bar => ({ ...bar, high: Math.round(bar.high * 1.1), volume: 80 * bar.volume })

/**
 * A venue on a clock that the test moves: it serves the simulated market's bars, or those that the test gives it, and
 * counts what it is asked.
 */
export const testSource = (options: {
  now: number
  bars?: readonly Bar[]
  symbols?: readonly string[]
  historySessions?: number
  surges?: readonly number[]
}) => {
  const inner = createSimulatedSource({ seed: 7, speed: 1, now: () => options.now, startAt: null })
  const asked: { symbol: string; interval: Interval }[] = []
  const state = { now: options.now, fail: null as Error | null, asked }
  const source: BarSource = {
    name: 'test',
    kind: 'bars',
    series: 'test',
    provenance: { kind: 'real' },
    calendar: createWeekdayCalendar(),
    capacity: 3,
    collectAt: '* * * * * *',
    sessionsPerFetch: 2,
    historySessions: options.historySessions ?? 4,
    now: () => state.now,
    open: async () => {},
    close: async () => {},
    async listings(): Promise<Listing[]> {
      return (options.symbols ?? ['038530', '990110', '990230', '0001A0']).map((symbol) => ({
        symbol,
        name: `이름 ${symbol}`,
        nameEn: null,
        market: 'KOSDAQ',
        warnings: [],
        nxtTradable: null,
      }))
    },
    async fetchBars(symbol, interval, signal) {
      signal.throwIfAborted()
      if (state.fail) throw state.fail
      asked.push({ symbol, interval })
      const upTo = { from: interval.from, to: Math.min(interval.to, state.now) }
      if (options.bars)
        return options.bars.filter(
          (bar) => bar.symbol === symbol && bar.openTime >= upTo.from && bar.openTime + 60_000 <= upTo.to,
        )
      const known = await inner.listings(signal)
      if (!known.some((listing) => listing.symbol === symbol)) throw new UnknownSymbolError(symbol)
      const surges = new Set(options.surges)
      return (await pastBars(symbol, upTo, signal)).map((bar) => ({
        ...(surges.has(bar.openTime) ? surged(bar) : bar),
        series: 'test',
      }))
    },
  }
  /** The simulated bars are a function of seed and day: another clock, far ahead, hands out the same ones. */
  const ahead = createSimulatedSource({
    seed: 7,
    speed: 1,
    now: () => options.now + 400 * 86_400_000,
    startAt: options.now + 400 * 86_400_000,
  })
  const pastBars = (symbol: string, interval: Interval, signal: AbortSignal) =>
    ahead.fetchBars(symbol, interval, signal)
  return { source, state }
}

/** A channel's watch of a stock of `testSource`, there from the beginning. */
export const watchOf = (symbol: string, more: Partial<WatchRecord> = {}): WatchRecord => ({
  ...{ series: 'test', symbol, guildId: 'g', channelId: 'c', addedBy: null, addedAt: 0, since: 0 },
  ...more,
})

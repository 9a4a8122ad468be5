/**
 * A minute of the whole market: bars of all stocks in, stored, judged, decided. Run: `npm run bench -- market [stocks]
 * [sessions]`. The source answers from memory and has no network, so the figure is the bot's own work. MariaDB is a
 * throw-away server on this machine.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openMarket } from '../src/market.ts'
import { type Bar, MINUTE } from '../src/model/time/bar.ts'
import { isBarMinute } from '../src/model/time/session.ts'
import { createWeekdayCalendar } from '../src/pipeline/calendar/plain.ts'
import { sessionsBack } from '../src/pipeline/calendar/sessions-back.ts'
import { historyFetchedKey } from '../src/pipeline/run/history-fetched.ts'
import type { BarSource } from '../src/pipeline/sources/source.ts'
import { createDirectory } from '../src/pipeline/stocks/directory.ts'
import { openStore } from '../src/pipeline/store/index.ts'
import { startMariadb } from '../tests/support/mariadb.ts'
import { mariadbPrograms } from '../tests/support/system.ts'
import { printTable } from './table.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const SERIES = 'bench'
const LIVE_MINUTES = 10
const START = Date.parse('2026-11-16T09:00:00+09:00')
const calendar = createWeekdayCalendar()

/** mulberry32 of one number: the same stock and minute always give the same noise in [0, 1). */
const noise = (key: number): number => {
  let mixed = (key + 0x6d2b79f5) >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
}

const priceAt = (stock: number, minute: number): number =>
  1_000 + 10 * stock + 40 * Math.sin((minute + 97 * stock) / 211) + 6 * (noise(stock * 7_919 + minute) - 0.5)

const barAt = (symbol: string, stock: number, openTime: number): Bar => {
  const minute = openTime / MINUTE
  const [open, close] = [priceAt(stock, minute - 1), priceAt(stock, minute)]
  const reach = 2 * noise(stock * 31 + minute * 17)
  const volume = Math.ceil(200 + 4_000 * noise(stock * 13 + minute * 29) ** 3)
  return {
    series: SERIES,
    symbol,
    openTime,
    open,
    high: Math.max(open, close) + reach,
    low: Math.min(open, close) - reach,
    close,
    volume,
    receivedAt: openTime + MINUTE,
  }
}

const codeOf = (stock: number): string => String(100_000 + stock)

const memorySource = (stocks: number, sessions: number, state: { now: number }): BarSource => ({
  name: SERIES,
  kind: 'bars',
  series: SERIES,
  provenance: { kind: 'real' },
  calendar,
  capacity: stocks,
  collectAt: '2 * * * * *',
  sessionsPerFetch: sessions,
  historySessions: sessions,
  now: () => state.now,
  open: async () => {},
  close: async () => {},
  listings: async () => [],
  async fetchBars(symbol, { from, to }) {
    const stock = Number(symbol) - 100_000
    const bars: Bar[] = []
    for (let time = from; time < Math.min(to, state.now - MINUTE + 1); time += MINUTE) {
      const session = calendar.sessionAt(time)
      if (session && isBarMinute(session, time)) bars.push(barAt(symbol, stock, time))
    }
    return bars
  },
})

const measure = async (engine: string, url: string, stocks: number, sessions: number): Promise<string[]> => {
  const store = await openStore(url, { log: silent })
  try {
    const state = { now: START + 60 * MINUTE }
    const source = memorySource(stocks, sessions, state)
    const market = await openMarket({
      source,
      store,
      directory: createDirectory('krx'),
      log: silent,
      now: () => state.now,
    })
    const first = sessionsBack(calendar, state.now, sessions).at(-1)!.open
    const covered = { from: first, to: state.now }
    const never = new AbortController().signal
    for (let stock = 0; stock < stocks; stock++) {
      const symbol = codeOf(stock)
      await store.watches.add({
        series: SERIES,
        symbol,
        guildId: 'g',
        channelId: 'c',
        addedBy: null,
        addedAt: 0,
        since: state.now,
      })
      await store.bars.save(SERIES, symbol, await source.fetchBars(symbol, covered, never), covered)
      await store.keyValues.set(historyFetchedKey(SERIES, symbol), 'bench')
    }
    const pass = async (): Promise<number> => {
      const begin = performance.now()
      await market.pipeline.collectAndDetect(never)
      return performance.now() - begin
    }
    const cpu = process.cpuUsage()
    const caughtUp = async () => {
      for (let stock = 0; stock < stocks; stock++)
        if (((await store.signals.judgedUntil(SERIES, codeOf(stock))) ?? 0) < state.now) return false
      return true
    }
    do await pass()
    while (!(await caughtUp()))
    const { user, system } = process.cpuUsage(cpu)
    const cpuSeconds = (user + system) / 1e6
    const bars = stocks * (await store.bars.count(SERIES, codeOf(0)))
    const walls: number[] = []
    for (let minute = 0; minute < LIVE_MINUTES; minute++) {
      state.now += MINUTE
      walls.push(await pass())
    }
    await market.pipeline.stop()
    walls.sort((a, b) => a - b)
    return [
      engine,
      String(stocks),
      `${Math.round(walls[walls.length >> 1]!)}`,
      `${Math.round(walls[0]!)}–${Math.round(walls.at(-1)!)}`,
      Math.round(bars / cpuSeconds).toLocaleString('en'),
      `${Math.round(process.memoryUsage().rss / 2 ** 20)}`,
    ]
  } finally {
    await store.close()
  }
}

export const benchWholeMarket = async (print: (line: string) => void = console.log): Promise<void> => {
  const [stocks = 2_800, sessions = 3] = process.argv.slice(2).map(Number)
  const folder = mkdtempSync(join(tmpdir(), 'bench-market-'))
  const server = mariadbPrograms() ? await startMariadb() : null
  try {
    const rows = [await measure('SQLite', `sqlite:${join(folder, 'market.db')}`, stocks, sessions)]
    if (server) rows.push(await measure('MariaDB', server.url('market'), stocks, sessions))
    const head = ['', 'stocks', 'ms a minute', 'spread', 'caught up, bars a CPU second', 'RSS, MB']
    printTable(print, head, rows)
    if (!server) print('  MariaDB is not installed: its row is left out')
  } finally {
    await server?.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

if (import.meta.main) await benchWholeMarket()

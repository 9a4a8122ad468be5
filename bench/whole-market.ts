/**
 * A minute of the whole market, from its bars to the posts owed in the outbox, and the catching up before: `npm run
 * bench -- market [stocks] [sessions]`. The source answers from memory and has no network. MariaDB is a throw-away
 * server on this machine. Beside the bot stand the same work by hand and by a Python program.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MINUTE } from '../src/model/time/bar.ts'
import { barMinutes } from '../src/model/time/session.ts'
import { openStore } from '../src/pipeline/store/index.ts'
import { startMariadb } from '../tests/support/mariadb.ts'
import { mariadbPrograms } from '../tests/support/system.ts'
import { type Figure, printFigures } from './figures.ts'
import { inOwnProcess } from './own-process.ts'
import { judgeByHand } from './whole-market/by-hand.ts'
import { catchUp, cpuSeconds, fillStore, never, openBenchMarket, silent } from './whole-market/market.ts'
import { pythonRivals } from './whole-market/python-rivals.ts'
import { calendar, LIVE_FROM, memorySource, OPEN, type Surges } from './whole-market/source.ts'

const LIVE_MINUTES = 15
/** One stock in so many surges in each live minute. */
const SURGE_EVERY = 500
const CHANNELS = 28

const surges: Surges = (stock, openTime) => openTime >= LIVE_FROM && (stock + openTime / MINUTE) % SURGE_EVERY === 0

export interface Measured {
  /** Milliseconds of each live minute's pass. */
  readonly minuteMs: number[]
  /** Bars judged while catching up, a CPU second. */
  readonly barsPerCpuSecond: number
  /** Posts owed afterwards. */
  readonly posts: number
  /** Resident set at the end, MB (2^20). */
  readonly megabytes: number
}

/** Runs the bot's own market on an empty database: catches up, then passes over some minutes as they come. */
export const measureMarket = async (url: string, stocks: number, sessions: number): Promise<Measured> => {
  const store = await openStore(url, { log: silent })
  try {
    const clock = { now: LIVE_FROM }
    const source = memorySource(stocks, clock, surges)
    const market = await openBenchMarket(store, source)
    await fillStore(store, source, { stocks, sessions, channelOf: (stock) => `c${stock % CHANNELS}` })
    const begin = cpuSeconds()
    await catchUp(market, store, source, stocks)
    const seconds = cpuSeconds() - begin
    const bars = stocks * ((clock.now - OPEN) / MINUTE + (sessions - 1) * barMinutes(calendar.lastSession(OPEN)))
    const minuteMs: number[] = []
    for (let minute = 0; minute < LIVE_MINUTES; minute++) {
      clock.now += MINUTE
      const start = performance.now()
      await market.pipeline.collectAndDetect(never)
      minuteMs.push(performance.now() - start)
    }
    await market.pipeline.stop()
    const [posts, megabytes] = [await store.outbox.countDue(), process.memoryUsage().rss / 2 ** 20]
    return { minuteMs, barsPerCpuSecond: bars / seconds, posts, megabytes }
  } finally {
    await store.close()
  }
}

export const wholeMarketFigures = async (stocks = 2_800, sessions = 3): Promise<Figure[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-market-'))
  const server = mariadbPrograms() ? await startMariadb() : null
  try {
    const measure = (url: string) =>
      inOwnProcess<Measured>(new URL(import.meta.url), 'measureMarket', [url, stocks, sessions])
    const sqlite = await measure(`sqlite:${join(folder, 'market.db')}`)
    const mariadb = server && (await measure(server.url('market')))
    await server?.run('create database by_hand')
    const market = { stocks, sessions, minutes: LIVE_MINUTES, start: LIVE_FROM }
    const byHand = await judgeByHand(market, join(folder, 'by-hand.db'), server?.url('by_hand') ?? null, surges)
    const rivals = await pythonRivals(market, server?.port ?? null, surges)
    const minute = `a minute of ${stocks.toLocaleString('en')} stocks: bars in, stored, judged, posts owed`
    const floor = 'by hand: the same judging and storing alone'
    return [
      {
        ...{ what: `${minute}; SQLite`, unit: 'ms', values: sqlite.minuteMs, goal: { below: 100 } },
        beside: [{ name: floor, values: byHand.sqliteMs }, ...rivals.sqlite],
        note: `${sqlite.posts} posts owed`,
      },
      {
        ...{ what: `${minute}; MariaDB`, unit: 'ms', goal: { below: 200 } },
        values: mariadb?.minuteMs ?? { missing: 'no MariaDB server on this machine' },
        beside: mariadb ? [{ name: floor, values: byHand.mariadbMs }, ...rivals.mariadb] : [],
      },
      {
        ...{
          what: `catching up from stored bars, ${sessions} sessions`,
          unit: 'bars/CPU s',
          goal: { atLeast: 300_000 },
        },
        values: [sqlite.barsPerCpuSecond],
        beside: [
          ...(mariadb ? [{ name: 'from MariaDB', values: [mariadb.barsPerCpuSecond] }] : []),
          { name: 'by hand: judging alone, from memory', values: [byHand.barsPerCpuSecond] },
        ],
      },
    ]
  } finally {
    await server?.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

export const benchWholeMarket = async (): Promise<void> => {
  const [stocks, sessions] = process.argv.slice(2).map(Number)
  printFigures(await wholeMarketFigures(stocks, sessions))
}

if (import.meta.main) await benchWholeMarket()

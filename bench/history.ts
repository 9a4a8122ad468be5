/**
 * Twenty sessions of a market in one process: `npm run bench -- history [stocks]`. One process fills the database and
 * judges its bars; another one starts on it, as the bot does every time but the first, and is measured: memory, the
 * fitting of the next session's models with commands typed meanwhile, and the event loop in the next open's first
 * minute.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as wait } from 'node:timers/promises'
import { MINUTE } from '../src/model/time/bar.ts'
import { openStore } from '../src/pipeline/store/index.ts'
import { startDiscord } from '../tests/support/discord-process.ts'
import { openBot } from './bot.ts'
import { type Figure, printFigures } from './figures.ts'
import { inOwnProcess } from './own-process.ts'
import { catchUp, cpuSeconds, fillStore, never, openBenchMarket, silent } from './whole-market/market.ts'
import { calendar, codeOf, memorySource, OPEN } from './whole-market/source.ts'

const SESSIONS = 20
const CHARTS = 50
const CHANNELS = 28
/** Ten minutes after the close. */
const EVENING = calendar.lastSession(OPEN).close + 10 * MINUTE
/** The time of the nightly pass. */
const NIGHT = OPEN + 24 * 60 * MINUTE - 5.5 * 60 * MINUTE

const urlOf = (path: string) => `sqlite:${path}`

/** @returns bars judged a CPU second */
export const prepare = async (path: string, stocks: number): Promise<number> => {
  const store = await openStore(urlOf(path), { log: silent })
  const source = memorySource(stocks, { now: EVENING })
  await fillStore(store, source, { stocks, sessions: SESSIONS, channelOf: (stock) => `c${stock % CHANNELS}` })
  const market = await openBenchMarket(store, source)
  const begin = cpuSeconds()
  await catchUp(market, store, source, stocks)
  const seconds = cpuSeconds() - begin
  const bars = stocks * (await store.bars.count(source.series, codeOf(0)))
  await market.pipeline.stop()
  await store.close()
  return bars / seconds
}

export interface Measured {
  /** Seconds until the state of every stock is there again. */
  readonly restartSeconds: number
  /** Resident set after the charts, MB (2^20). */
  readonly megabytes: number
  readonly trainSeconds: number
  /** Milliseconds of each command that was typed while models were fitted. */
  readonly commandMs: number[]
  readonly openDelay: { readonly p99: number; readonly longest: number }
}

/** @param memoryOnly - measures nothing after the memory */
export const measure = async (path: string, stocks: number, memoryOnly: boolean): Promise<Measured> => {
  const local = await startDiscord()
  const store = await openStore(urlOf(path), { log: silent })
  const clock = { now: EVENING }
  const source = memorySource(stocks, clock)
  const bot = await openBot(store, source, local)
  try {
    const { pipeline } = bot.market
    const start = performance.now()
    await catchUp(bot.market, store, source, stocks)
    const restartSeconds = (performance.now() - start) / 1_000
    for (let chart = 0; chart < CHARTS; chart++) await bot.answerMs('chart', codeOf(chart))
    const megabytes = process.memoryUsage().rss / 2 ** 20
    const none = { trainSeconds: Number.NaN, commandMs: [], openDelay: { p99: Number.NaN, longest: Number.NaN } }
    if (memoryOnly) return { ...none, restartSeconds, megabytes }

    clock.now = NIGHT
    await pipeline.collectAndDetect(never)
    const commandMs: number[] = []
    const night = performance.now()
    let training = true
    const trained = pipeline.train(never).finally(() => {
      training = false
    })
    while (training) {
      commandMs.push(await bot.answerMs('history', codeOf(commandMs.length % stocks)))
      await wait(200)
    }
    await trained
    const trainSeconds = (performance.now() - night) / 1_000

    clock.now = calendar.nextSession(OPEN).open
    await pipeline.collectAndDetect(never)
    clock.now += MINUTE
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const minuteEnds = wait(MINUTE)
    await pipeline.collectAndDetect(never)
    await minuteEnds
    delay.disable()
    const openDelay = { p99: delay.percentile(99) / 1e6, longest: delay.max / 1e6 }
    return { restartSeconds, megabytes, trainSeconds, commandMs, openDelay }
  } finally {
    await bot.stop()
    await store.close()
    local.close()
  }
}

interface Prepared extends Measured {
  /** Bars judged a CPU second while the database was filled. */
  readonly barsPerCpuSecond: number
}

const prepareAndMeasure = async (stocks: number, memoryOnly: boolean): Promise<Prepared> => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-history-'))
  try {
    const [file, path] = [new URL(import.meta.url), join(folder, 'market.db')]
    const barsPerCpuSecond = await inOwnProcess<number>(file, 'prepare', [path, stocks])
    return { ...(await inOwnProcess<Measured>(file, 'measure', [path, stocks, memoryOnly])), barsPerCpuSecond }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const memoryOf = (what: string, { megabytes }: Measured, below: number): Figure => ({
  ...{ what: `memory after ${CHARTS} charts, ${what}`, unit: 'MB', values: [megabytes], goal: { below } },
})

/** Memory of the stocks that one app key of Kiwoom follows. */
export const memoryFigure = async (): Promise<Figure> =>
  memoryOf(`98 stocks × ${SESSIONS} sessions`, await prepareAndMeasure(98, true), 250)

export const historyFigures = async (stocks = 2_800): Promise<Figure[]> => {
  const all = await prepareAndMeasure(stocks, false)
  const size = `${stocks.toLocaleString('en')} stocks × ${SESSIONS} sessions`
  return [
    {
      ...{ what: `catching up from stored bars, ${size}`, unit: 'bars/CPU s' },
      ...{ values: [all.barsPerCpuSecond], goal: { atLeast: 300_000 } },
    },
    memoryOf(size, all, 500),
    { what: `restart: the state of ${size} is there again`, unit: 's', values: [all.restartSeconds] },
    { what: `next session's models of ${size}`, unit: 's', values: [all.trainSeconds], goal: { below: 180 } },
    {
      ...{ what: 'answer to /history while models are fitted', unit: 'ms' },
      ...{ values: all.commandMs, quantile: 1, goal: { below: 1_000 } },
    },
    {
      ...{ what: `event loop delay in the open's first minute, ${size}, p99`, unit: 'ms' },
      ...{ values: [all.openDelay.p99], goal: { below: 50 }, note: `longest ${Math.round(all.openDelay.longest)} ms` },
    },
  ]
}

export const benchHistory = async (): Promise<void> => {
  const [stocks] = process.argv.slice(2).map(Number)
  printFigures([await memoryFigure(), ...(await historyFigures(stocks))])
}

if (import.meta.main) await benchHistory()

import { createBacktest } from '../src/model/backtest.ts'
import { type Bar, DAY } from '../src/model/bar.ts'
import { DETECTOR } from '../src/pipeline/detect.ts'
import { simulatedSource } from '../src/pipeline/sources/simulated.ts'

const SESSIONS = 20
const SEEDS = [38530, 1, 7]
const SESSIONS_PER_WEEK = 5

/** Realised against budgeted alerts: the simulated market's lively sessions after quiet history, every stock, at each level of `/sensitivity`. */
export const benchBudget = async (print: (line: string) => void = console.log): Promise<void> => {
  print(`alerts a stock and week over ${SESSIONS} simulated sessions (medians of ${SEEDS.length} seeds)`)
  for (const perWeek of [1, 3, 10]) {
    const realised: number[] = []
    for (const seed of SEEDS) realised.push(await realisedPerWeek(seed, perWeek))
    const median = realised.toSorted((a, b) => a - b)[Math.floor(SEEDS.length / 2)] ?? 0
    print(`  budget ${String(perWeek).padStart(2)}: realised ${median.toFixed(2)} (${realised.map((each) => each.toFixed(2)).join(', ')})`)
  }
}

const realisedPerWeek = async (seed: number, perWeek: number): Promise<number> => {
  const end = Date.parse('2026-11-20T16:00:00+09:00')
  const from = end - (SESSIONS / SESSIONS_PER_WEEK) * 7 * DAY
  const liveFrom = new Date(from + DAY).toISOString().slice(0, 10)
  const source = simulatedSource({ seed, speed: 1, now: Date.now, startAt: end + DAY, liveFrom })
  const { calendar } = source
  const rule = { kind: 'budget', perDay: perWeek / SESSIONS_PER_WEEK } as const
  let [alerts, stocks] = [0, 0]
  for (const { symbol } of await source.listings(AbortSignal.timeout(10_000))) {
    const bars: Bar[] = await source.fetchBars(symbol, { from: from - 28 * DAY, to: end }, AbortSignal.timeout(60_000))
    const backtest = createBacktest({ calendar, ...DETECTOR, rule })
    for (const bar of bars) if (bar.openTime < from) backtest.push(bar)
    const before = backtest.summary().alerts
    for (const bar of bars) if (bar.openTime >= from) backtest.push(bar)
    alerts += backtest.summary().alerts - before
    stocks++
  }
  return alerts / stocks / (SESSIONS / SESSIONS_PER_WEEK)
}

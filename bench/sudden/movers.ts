import { createBacktest } from '../../src/model/detector/backtest.ts'
import { MINUTE } from '../../src/model/time/bar.ts'
import type { Scorer, Series } from '../detection/data.ts'
import type { ReplaySettings } from '../detection/replay.ts'

const BLOCK = 30
/** A stock has moved if it trades this far from its open. */
const MOVED = 0.1
/** Half-hours with an alarm a stock-day that are allowed among the stocks that did not move so far. */
const FALSE_BLOCKS = 0.05

export interface Movers {
  /** Movers that scored enough no later than a minute after the crossing. */
  readonly signalled: number
  /** Stocks that moved after the first half-hour. */
  readonly movers: number
  /** Movers that had a judged minute by then. */
  readonly judged: number
  /** Half-hours with an alarm a stock-day that the boundary raises among the stocks that did not move. */
  readonly falseBlocks: number
}

/** Scores one session of many stocks, without its first half-hour, by the stocks that crossed ±10 % of their open. */
export const scoreMovers = (series: readonly Series[], scorer: Scorer): Movers => {
  const still: number[] = []
  let stillStocks = 0
  const before: number[] = []
  for (const each of series) {
    const { bars } = each
    const scores = scorer(each)
    const { open } = bars[0]!
    const minutes = bars.map(({ openTime }) => (openTime / MINUTE) % 1440)
    const crossing = bars.findIndex(({ high, low }) => high >= (1 + MOVED) * open || low <= (1 - MOVED) * open)
    const judged = bars.flatMap((_, i) => (minutes[i]! >= BLOCK && !Number.isNaN(scores[i]) ? [i] : []))
    if (crossing < 0) {
      stillStocks++
      const best = new Map<number, number>()
      for (const i of judged) {
        const block = Math.floor(minutes[i]! / BLOCK)
        best.set(block, Math.max(best.get(block) ?? -Infinity, scores[i]!))
      }
      still.push(...best.values())
    } else if (minutes[crossing]! >= BLOCK)
      before.push(
        judged.reduce(
          (most, i) => (minutes[i]! <= minutes[crossing]! + 1 ? Math.max(most, scores[i]!) : most),
          -Infinity,
        ),
      )
  }
  still.sort((a, b) => b - a)
  const limit = still[Math.floor(FALSE_BLOCKS * stillStocks)] ?? -Infinity
  return {
    signalled: before.filter((score) => score > limit).length,
    movers: before.length,
    judged: before.filter((score) => score > -Infinity).length,
    falseBlocks: still.filter((score) => score > limit).length / stillStocks,
  }
}

/** The product's score of each bar. */
export const productScorer =
  (settings: ReplaySettings): Scorer =>
  ({ bars }) => {
    const backtest = createBacktest({ ...settings, rule: { kind: 'membership' } })
    return Float64Array.from(bars, (bar) => {
      const replayed = backtest.push(bar)
      return replayed.kind === 'judged' ? replayed.judged.score : Number.NaN
    })
  }

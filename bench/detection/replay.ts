import { type BacktestSettings, type BacktestSummary, createBacktest } from '../../src/model/detector/backtest.ts'
import { boundary } from '../../src/model/detector/boundary.ts'
import { EPISODE_GAP } from '../../src/model/detector/episode.ts'
import type { Judged } from '../../src/model/detector/judgement.ts'
import { createKrxCalendar } from '../../src/pipeline/calendar/krx.ts'
import type { Scored } from './alerts.ts'
import type { Series } from './data.ts'

/** Settings of every symbol's detector. The rule is not among them: a replay has one or several numbers of alerts. */
export type ReplaySettings = Omit<BacktestSettings, 'rule'>

/** KRX as the bot judges it. */
export const KRX: ReplaySettings = { calendar: createKrxCalendar(), k: 4, seed: 1, warmupMinutes: 720 }

/** An abnormal minute that reaches the boundary of a number of alerts. */
export interface Signal {
  readonly symbol: string
  readonly judged: Judged
  /** True if it is the first one of an alert. */
  readonly alert: boolean
}

/** The minutes of one series. */
export interface Minutes extends Scored {
  readonly symbol: string
  /** 1 for a minute in an abnormal cluster. */
  readonly abnormal: Uint8Array
  /** Sessions judged; one that was judged in part counts in part. */
  sessions: number
}

export interface Replay {
  /** In the order of the series. */
  readonly minutes: readonly Minutes[]
  readonly summary: BacktestSummary
  /** In the order of the rates. */
  readonly signals: readonly (readonly Signal[])[]
  /** Bars left out, by reason. */
  readonly dropped: ReadonlyMap<string, number>
}

/** Name of one minute of one stock. */
export const minuteKey = (symbol: string, openTime: number): string => `${symbol} ${openTime}`
/** Names of the minutes of all signals. */
export const keysOf = (signals: readonly Signal[]): Set<string> =>
  new Set(signals.map(({ symbol, judged }) => minuteKey(symbol, judged.openTime)))

/**
 * One backtest of all series, read at several numbers of alerts a stock and session; each as `backtest --budget` reads
 * it.
 */
export const replay = (series: readonly Series[], settings: ReplaySettings, rates: readonly number[]): Replay => {
  const backtest = createBacktest({ ...settings, rule: { kind: 'membership' } })
  const signals: Signal[][] = rates.map(() => [])
  const dropped = new Map<string, number>()
  const minutes = series.map(({ symbol, bars }): Minutes => {
    const scores = new Float64Array(bars.length).fill(Number.NaN)
    const abnormal = new Uint8Array(bars.length)
    const last = rates.map(() => -Infinity)
    let boundaries: number[] = []
    let model = ''
    const before = backtest.summary().sessions
    bars.forEach((bar, i) => {
      const replayed = backtest.push(bar)
      if (replayed.kind === 'dropped') dropped.set(replayed.reason, (dropped.get(replayed.reason) ?? 0) + 1)
      if (replayed.kind !== 'judged') return
      const { judged } = replayed
      scores[i] = judged.score
      abnormal[i] = Number(judged.abnormal)
      if (judged.modelId !== model) {
        model = judged.modelId
        boundaries = rates.map((rate) => boundary(backtest.detector(symbol)!.model!, rate))
      }
      if (!judged.abnormal) return
      boundaries.forEach((least, r) => {
        if (judged.score < least) return
        signals[r]!.push({ symbol, judged, alert: bar.openTime - last[r]! > EPISODE_GAP })
        last[r] = bar.openTime
      })
    })
    const times = Float64Array.from(bars, ({ openTime }) => openTime)
    return { symbol, times, scores, abnormal, sessions: backtest.summary().sessions - before }
  })
  return { minutes, summary: backtest.summary(), signals, dropped }
}

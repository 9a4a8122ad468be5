import { createHash } from 'node:crypto'
import { type Bar, barProblem } from '../time/bar.ts'
import { boundary, createDetector, type Detector, type DetectorSettings } from './detector.ts'
import { type Episode, extendEpisode } from './episode.ts'
import type { Judged } from './judgement.ts'

/**
 * The rule that makes a judged minute a signal: it is in an abnormal cluster (`membership`), it is also worth a ping at
 * so many alerts a stock and session (`budget`), or its score reaches a fixed threshold, whatever its cluster.
 */
export type SignalRule =
  | { readonly kind: 'membership' }
  | { readonly kind: 'budget'; readonly perDay: number }
  | { readonly kind: 'threshold'; readonly score: number }

/** Settings of every symbol's detector, and the rule for signals. */
export interface BacktestSettings extends Omit<DetectorSettings, 'symbol'> {
  readonly rule: SignalRule
}

/** The outcome of one bar. */
export type Replayed =
  | { readonly kind: 'judged'; readonly judged: Judged; readonly signal: boolean }
  | { readonly kind: 'learning' }
  /** The bar breaks an invariant, lies outside the sessions, or does not follow the symbol's bar before. */
  | { readonly kind: 'dropped'; readonly reason: string }

/** Counts over all bars so far. */
export interface BacktestSummary {
  readonly symbols: number
  readonly bars: number
  readonly dropped: number
  readonly judged: number
  /** Minutes in an abnormal cluster, whatever the rule. */
  readonly abnormal: number
  readonly signals: number
  /** Neighbouring signals are one alert. */
  readonly alerts: number
  /** Stock-sessions judged; one that was judged in part counts in part. */
  readonly sessions: number
  readonly alertsPerSession: number
  /** Alerts a stock and session that the budget allows; null under another rule. */
  readonly budgeted: number | null
  readonly models: number
  /** SHA-256 over every judgement in the order of the bars: equal for equal bars, settings and seed. */
  readonly hash: string
}

/**
 * Replays bars of many symbols, strictly causally: a judgement depends on the symbol's bars up to it and on nothing
 * else.
 */
export interface Backtest {
  /** Takes the next bar. Bars of one symbol come in time order, symbols in any. */
  push(bar: Bar): Replayed
  detector(symbol: string): Detector | undefined
  summary(): BacktestSummary
}

/** A backtest before its first bar. Each symbol gets a detector of its own. */
export const createBacktest = ({ rule, ...settings }: BacktestSettings): Backtest => {
  const { calendar } = settings
  const runs = new Map<
    string,
    { detector: Detector; last: number; model: string; boundary: number; episode: Episode | null }
  >()
  const hash = createHash('sha256')
  let [bars, dropped, judgedBars, abnormal, signals, alerts, sessionMinutes, models] = [0, 0, 0, 0, 0, 0, 0, 0]
  const judgedSessions = new Set<string>()

  const drop = (reason: string): Replayed => {
    dropped++
    return { kind: 'dropped', reason }
  }
  const isSignal = (judged: Judged, limit: number) => {
    if (rule.kind === 'threshold') return judged.score >= rule.score
    return judged.abnormal && judged.score >= limit
  }

  return {
    push(bar) {
      bars++
      const problem = barProblem(bar)
      if (problem) return drop(`${problem.field} is ${problem.came}, expected ${problem.expected}`)
      const session = calendar.sessionAt(bar.openTime)
      if (!session) return drop('outside the sessions')
      let run = runs.get(bar.symbol)
      if (!run) {
        const detector = createDetector({ symbol: bar.symbol, ...settings })
        run = { detector, last: -Infinity, model: '', boundary: 0, episode: null }
        runs.set(bar.symbol, run)
      }
      if (bar.openTime <= run.last)
        return drop(bar.openTime === run.last ? 'the same minute twice' : 'out of time order')
      run.last = bar.openTime
      const judged = run.detector.push(bar)
      if (judged.state === 'learning') return { kind: 'learning' }
      judgedBars++
      const key = `${bar.symbol} ${session.open}`
      if (!judgedSessions.has(key)) {
        judgedSessions.add(key)
        sessionMinutes += (session.close - Math.max(session.open, bar.openTime)) / (session.close - session.open)
      }
      if (judged.modelId !== run.model) {
        run.model = judged.modelId
        models++
        run.boundary = rule.kind === 'budget' ? boundary(run.detector.model!, rule.perDay) : 0
      }
      if (judged.abnormal) abnormal++
      const signal = isSignal(judged, run.boundary)
      if (signal) {
        signals++
        const episode = extendEpisode(run.episode, judged)
        if (episode.signals === 1) alerts++
        run.episode = episode
      }
      hash.update(
        `${bar.symbol} ${judged.openTime} ${judged.modelId} ${judged.horizon} ${judged.cluster} ${judged.score} ${judged.severity.rank} ${judged.severity.of}\n`,
      )
      return { kind: 'judged', judged, signal }
    },
    detector: (symbol) => runs.get(symbol)?.detector,
    summary: () => ({
      symbols: runs.size,
      bars,
      dropped,
      judged: judgedBars,
      abnormal,
      signals,
      alerts,
      sessions: sessionMinutes,
      alertsPerSession: sessionMinutes > 0 ? alerts / sessionMinutes : 0,
      budgeted: rule.kind === 'budget' ? rule.perDay : null,
      models,
      hash: hash.copy().digest('hex'),
    }),
  }
}

import { en } from '../bot/locale/en.ts'
import { sentence } from '../bot/render/sentence.ts'
import type { Config } from '../config.ts'
import { createBacktest, type Replayed, type SignalRule } from '../model/detector/backtest.ts'
import type { Judged } from '../model/detector/judgement.ts'
import { MINUTE } from '../model/time/bar.ts'
import { type Hours, hoursCalendar, readBars } from './bars-file.ts'
import { counted, type Terminal } from './terminal.ts'

interface Options {
  readonly bars: string
  readonly hours: Hours
  readonly warmup: number
  readonly budget?: number
  readonly threshold?: number
  readonly k: number
  readonly seed: number
  readonly horizons?: readonly number[]
  readonly scores?: boolean
  readonly json?: boolean
}

const ruleOf = ({ budget, threshold }: Options): SignalRule => {
  if (budget !== undefined) return { kind: 'budget', perDay: budget }
  if (threshold === undefined) return { kind: 'membership' }
  return { kind: 'threshold', score: threshold }
}

/**
 * Replays a file of bars, symbol by symbol, strictly causally: one line a signal (with `--scores`, a judged bar), a
 * summary last.
 */
export const backtest = async (options: Options, config: () => Config, terminal: Terminal): Promise<void> => {
  const { bars: path, hours, warmup, k, seed, horizons, scores, json } = options
  const rule = ruleOf(options)
  const calendar = await hoursCalendar(hours, config)
  const file = await readBars(path, undefined, calendar, terminal)
  const clock = (time: number) =>
    new Date(time + calendar.utcOffsetMinutes * MINUTE).toISOString().slice(0, 16).replace('T', ' ')
  const run = createBacktest({
    calendar,
    k: k as 2 | 3 | 4,
    seed,
    warmupMinutes: warmup,
    rule,
    ...(horizons ? { horizons } : {}),
  })
  for (const [symbol, bars] of file.bars) {
    for (const bar of bars) {
      const replayed = run.push(bar)
      if (!isShown(replayed, scores ?? false)) continue
      const line = lineOf(symbol, replayed.judged, replayed.signal)
      if (json) terminal.json(line)
      else
        terminal.line(
          `${clock(bar.openTime)}  ${symbol}  ${line.horizon} min  cluster ${line.cluster}  score ${line.score.toFixed(3)}  ${line.why.sentence}`,
        )
    }
  }
  const summary = run.summary()
  if (summary.judged === 0)
    terminal.problem(
      `nothing was judged: ${summary.bars - summary.dropped} of ${summary.bars} bars lie inside the hours of ${hours}, and --warmup takes ${warmup} minutes of each symbol first`,
    )
  if (json) terminal.json({ summary })
  else {
    const { judged, symbols, abnormal, signals, alerts, sessions, dropped, hash } = summary
    terminal.line(
      `${counted(judged, 'minute')} of ${counted(symbols, 'symbol')} judged over ${sessions.toFixed(1)} stock-days: ${abnormal} abnormal, ${counted(signals, 'signal')}, ${counted(alerts, 'alert')} (${summary.alertsPerSession.toFixed(3)} a stock-day); ${counted(dropped, 'bar')} outside the hours of ${hours} left out; hash ${hash}`,
    )
  }
}

const isShown = (replayed: Replayed, all: boolean): replayed is Replayed & { kind: 'judged' } =>
  replayed.kind === 'judged' && (all || replayed.signal)

const lineOf = (symbol: string, judged: Judged, signal: boolean) => ({
  symbol,
  time: new Date(judged.openTime).toISOString(),
  horizon: judged.horizon,
  severity: { ...judged.severity, topPercent: (100 * judged.severity.rank) / judged.severity.of },
  cluster: judged.cluster,
  abnormal: judged.abnormal,
  signal,
  score: judged.score,
  why: { sentence: sentence(judged, symbol, en), ...judged.why },
})

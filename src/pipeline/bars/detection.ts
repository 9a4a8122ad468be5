import { createNewestFirst } from '../../async/newest-first.ts'
import type { Log } from '../../log.ts'
import { ageOf } from '../../model/detector/age.ts'
import { boundary, type Detector, type DetectorSettings } from '../../model/detector/detector.ts'
import type { Interval } from '../../model/time/interval.ts'
import { createDecider, type Finding, type JudgedMinutes } from '../episodes/decider.ts'
import type { BarSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { Fence, FreshBars } from '../store/records.ts'
import { createMarketPool } from './market-pool.ts'
import type { Rereads } from './rereads.ts'
import type { Runtime } from './runtime.ts'
import { type BarBesideUsual, createRuntimes, type JudgedBar, MUCH } from './runtimes.ts'
import { createTraining, type SharedTraining } from './training.ts'

export interface Detection {
  /**
   * Judges the bars stored since the last run and commits signals, episodes and owed posts in one step. A repeat
   * changes nothing.
   *
   * @param changedFrom - oldest minute that was corrected since; everything from there is judged anew
   */
  run(symbol: string, changedFrom?: number): Promise<void>
  /**
   * Judges bars that follow what is stored and judged, before they are stored. Returns null, and does nothing, if the
   * state in memory is not exactly at the end of the coverage.
   *
   * @returns the judged minutes, to be handed to `commit`
   */
  judge(symbol: string, coverage: Interval, fresh: FreshBars): Promise<JudgedMinutes | null>
  /** The minutes that the state in memory was built from, up to the last judged one; null without a state. */
  position(symbol: string): Interval | null
  /** Stores judged minutes. If it fails, the caller repeats it, or forgets the symbol. */
  commit(minutes: JudgedMinutes): Promise<void>
  /** The symbol's detector, up to date with the last run. If it has to be built, that begins at once. */
  detector(symbol: string): Promise<Detector>
  /** The detector's `learning`. It is not built for this: a stock with a model has learned. */
  learning(symbol: string): Promise<Detector['learning']>
  /** Bars of an interval beside their usual; of the newest minutes it is remembered, else the history is replayed. */
  besideUsual(symbol: string, from: number, to: number): Promise<readonly BarBesideUsual[]>
  /** Bars of an interval with the judgements they had when they were new. Replays the symbol's history. */
  judged(symbol: string, from: number, to: number): Promise<readonly JudgedBar[]>
  /**
   * Fits the models of the next session ahead, first the market's pool, then each stock's, so that its first minute
   * waits for none.
   */
  train(symbols: readonly string[], signal: AbortSignal): Promise<void>
  /**
   * Stores the rolling states that have grown, so that a restart need not replay their bars, until the signal is
   * aborted. A state whose stored bars were changed by another process is built anew.
   */
  keepStates(signal: AbortSignal): Promise<void>
  forget(symbol: string): void
}

/** Settings of every detector, the same in every process. */
export const DETECTOR = { k: 4, seed: 1, warmupMinutes: 720 } as const

interface Dependencies {
  readonly source: Pick<BarSource, 'series' | 'now' | 'speed'>
  /** The calendar that both collecting and detection go by; a reopened day makes detection build its state anew. */
  readonly rereads: Pick<Rereads, 'calendar'>
  readonly store: Store
  readonly settings: Pick<DetectorSettings, 'k' | 'seed' | 'warmupMinutes'>
  readonly log: Log
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
  /** Called when posts have been decided. */
  readonly owed?: () => void
  /** For one of several processes that judge. */
  readonly shared?: {
    /** The task under which the symbol is judged here. @throws {FencedError} if it is another process's */
    fenceOf(symbol: string): Fence
    readonly training: SharedTraining
  }
}

/** Judges bars by one rolling detector per symbol, and stores what their judgements make. */
export const createDetection = ({
  source,
  rereads,
  store,
  settings,
  log,
  now,
  owed,
  shared,
}: Dependencies): Detection => {
  const { series } = source
  const { calendar } = rereads
  const oneAfterAnother = createNewestFirst()
  const pool = createMarketPool({ series, models: store.models, marketNow: () => source.now(), now })
  const runtimes = createRuntimes({ series, calendar, store, pool, settings, log, now })
  const decider = createDecider({
    series,
    calendar,
    store,
    now,
    owesPosts: shared === undefined,
    ...(owed ? { owed } : {}),
  })

  /** Collects the abnormal minutes that a runtime judges. */
  const findingsOf = ({ detector }: Runtime) => {
    const findings: Finding[] = []
    const marketNow = source.now()
    const onJudged = ({ judgement: judged }: JudgedBar): void => {
      const { model } = detector
      if (judged.state !== 'judged' || !judged.abnormal || !model) return
      const ageMs = ageOf(judged.openTime, marketNow, source.speed)
      findings.push({
        judged,
        horizon: judged.horizon,
        ageMs,
        boundary: (alertsPerSession) => boundary(model, alertsPerSession),
      })
    }
    return { findings, onJudged }
  }

  const commit: Detection['commit'] = async (minutes) => {
    await decider.store(shared ? { ...minutes, fence: shared.fenceOf(minutes.symbol) } : minutes)
    const { symbol, findings } = minutes
    if (findings.length > 0) log.info({ symbol, signals: findings.length }, 'abnormal minutes')
  }

  /** The symbol's runtime, up to date with the last run. */
  const built = async (symbol: string): Promise<Runtime> => {
    const present = runtimes.present(symbol)
    if (present) return present
    const coverage = await store.bars.coverage(series, symbol)
    const until = (await store.signals.judgedUntil(series, symbol)) ?? coverage?.to ?? 0
    return runtimes.ready(symbol, coverage?.from ?? 0, until, () => true)
  }

  return {
    async run(symbol, changedFrom = Number.POSITIVE_INFINITY) {
      const coverage = await store.bars.coverage(series, symbol)
      if (coverage === null) return
      const judgedUntil = (await store.signals.judgedUntil(series, symbol)) ?? coverage.from
      const begin = Math.max(coverage.from, Math.min(judgedUntil, changedFrom))
      const judge = async (runtime: Runtime): Promise<void> => {
        if (runtime.position >= coverage.to) return
        await pool.refresh()
        const { findings, onJudged } = findingsOf(runtime)
        await runtimes.advance(runtime, symbol, coverage.to, onJudged)
        await runtimes.saveFitted(symbol, runtime)
        await commit({ symbol, until: coverage.to, findings })
        await runtimes.keepAfterCatchUp(symbol, runtime)
      }
      // A detector that lacks bars before `begin` goes on from its position; one past `begin` cannot go back.
      const willDo = ({ from, position }: Runtime) => from === coverage.from && position <= begin
      const present = runtimes.present(symbol)
      if (present && willDo(present) && coverage.to - present.position <= MUCH) return judge(present)
      // One symbol after another: a history is many bars in memory, and a question must not queue behind the reads of
      // thousands of symbols that catch up at once.
      await oneAfterAnother(async () => judge(await runtimes.ready(symbol, coverage.from, begin, willDo)))
    },

    async judge(symbol, coverage, fresh) {
      await pool.refresh()
      const runtime = runtimes.present(symbol)
      if (runtime?.from !== coverage.from || runtime.position !== coverage.to) return null
      const { findings, onJudged } = findingsOf(runtime)
      runtimes.push(runtime, fresh.bars, fresh.covered.to, onJudged)
      await runtimes.saveFitted(symbol, runtime)
      return { symbol, until: fresh.covered.to, findings, fresh }
    },
    position(symbol) {
      const runtime = runtimes.present(symbol)
      return runtime && { from: runtime.from, to: runtime.position }
    },
    commit,

    async detector(symbol) {
      return (await built(symbol)).detector
    },

    async learning(symbol) {
      const present = runtimes.present(symbol)
      if (present) return present.detector.learning
      const [model] = await store.models.latest(series, symbol, 1)
      return model ? null : (await built(symbol)).detector.learning
    },

    async besideUsual(symbol, from, to) {
      const { recent, position } = await built(symbol)
      const remembered = recent.since(from)
      if (!remembered) return runtimes.replay(symbol, from, to)
      const bars = await store.bars.range(series, symbol, { from, to })
      return bars.flatMap((bar) => {
        // Minutes that are still to be judged have a bar, and nothing that is known to be usual.
        const usual = bar.openTime < position ? remembered.get(bar.openTime) : null
        return usual === undefined ? [] : [{ bar, usual }]
      })
    },

    judged: runtimes.replay,

    train: createTraining({ source, calendar, runtimes, pool, k: settings.k, shared: shared?.training }),

    async keepStates(signal) {
      for (const symbol of await runtimes.keepGrown(signal)) {
        if (signal.aborted) return
        log.info({ symbol }, 'another process has changed kept bars: the rolling state is built anew')
        runtimes.forget(symbol)
        await built(symbol)
      }
    },

    forget(symbol) {
      runtimes.forget(symbol)
      decider.forget(symbol)
    },
  }
}

import { createSerial } from '../../async/serial.ts'
import type { Log } from '../../log.ts'
import { ageOf } from '../../model/detector/age.ts'
import {
  boundary,
  createDetector,
  type Detector,
  type DetectorSettings,
  fitPool,
} from '../../model/detector/detector.ts'
import type { Judged, Judgement } from '../../model/detector/judgement.ts'
import type { Model, Pool } from '../../model/detector/model.ts'
import { fromSnapshot, poolFromSnapshot, toSnapshot } from '../../model/detector/snapshot.ts'
import { HORIZONS } from '../../model/features/features.ts'
import type { MarketCurves } from '../../model/features/market.ts'
import { marketOf } from '../../model/features/markets.ts'
import type { Bar } from '../../model/time/bar.ts'
import { isSessionMinute, type Session } from '../../model/time/session.ts'
import { createDecider, type Found } from '../episodes/decider.ts'
import type { BarSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { Rereads } from './rereads.ts'

/** One minute with its judgement and what was usual for it. */
export interface JudgedBar {
  readonly bar: Bar
  readonly judgement: Judgement
  readonly usual: Detector['usual']
}

export interface Detection {
  /**
   * Judges what has been kept since the last run and commits signals, episodes and owed posts in one step. Safe to run again: a repeat changes nothing.
   *
   * @param changedFrom - oldest minute that was corrected since; everything from there is judged anew
   */
  run(symbol: string, changedFrom?: number): Promise<void>
  /** The symbol's detector, up to date with the last run. */
  detector(symbol: string): Promise<Detector>
  /** Bars of an interval with their judgements, as they were when the minutes were new. */
  judged(symbol: string, from: number, to: number): Promise<readonly JudgedBar[]>
  /** Fits the models that the next session will be judged by: the market's pooled one, then each stock's, so that no first minute waits for them. */
  train(symbols: readonly string[], signal: AbortSignal): Promise<void>
  forget(symbol: string): void
}

interface Runtime {
  readonly detector: Detector
  /** Models by cutoff: those stored when it began, and those trained ahead since. */
  readonly trained: Map<number, Model>
  /** End of the minutes pushed so far. */
  position: number
  /** Start of the stored bars that it was built from. */
  readonly from: number
  /** How often a day had been reopened when it was built. */
  readonly reopenings: number
  /** The newest judged bars, oldest first. */
  recent: JudgedBar[]
}

/** How every process judges, so that all of them judge alike. */
export const DETECTOR = { k: 4, seed: 1, warmupMinutes: 720 } as const

/** Name under which the market's pool is kept. */
const POOL = '*'
/** A pool of fewer stocks than these says nothing about a market. */
const LEAST_POOLED = 5
const MODELS_KEPT_IN_MIND = 1_000
const RECENT = 3_000
/** Bars pushed between two turns of the event loop: a few milliseconds. */
const BREATH = 2_000

interface Dependencies {
  readonly source: Pick<BarSource, 'series' | 'now' | 'speed'>
  /** A day found closed has no minutes that could count as quiet ones; one that came back belongs to a state built anew. */
  readonly rereads: Pick<Rereads, 'calendar'>
  readonly store: Store
  readonly settings: Pick<DetectorSettings, 'k' | 'seed' | 'warmupMinutes'>
  readonly log: Log
  /** Our clock, for records. */
  readonly now: () => number
}

/** The detect pass: per symbol a rolling detector that can be rebuilt from the stored bars to the last bit. */
export const createDetection = ({ source, rereads, store, settings, log, now }: Dependencies): Detection => {
  const { series } = source
  const { calendar } = rereads
  const runtimes = new Map<string, Runtime>()
  /** Symbols with bars outside the hours, said once. */
  const outside = new Set<string>()
  const rebuilding = createSerial()
  /** What was known of the market, newest first. */
  let pools: Pool[] | null = null

  const decided = createDecider({ series, calendar, store, now })

  const poolAt = (cutoff: number): Pool | null => pools?.find((pool) => pool.cutoff <= cutoff) ?? null
  const curvesAt = (cutoff: number): MarketCurves | null => poolAt(cutoff)?.curves ?? null

  const start = async (symbol: string, from: number): Promise<Runtime> => {
    const { reopenings } = calendar
    pools ??= (await store.models.latest(series, POOL, MODELS_KEPT_IN_MIND)).flatMap(
      ({ snapshot }) => poolFromSnapshot(snapshot) ?? [],
    )
    const trained = new Map<number, Model>()
    for (const record of await store.models.latest(series, symbol, MODELS_KEPT_IN_MIND)) {
      const model = fromSnapshot(record.snapshot)
      if (model && !trained.has(record.cutoff)) trained.set(record.cutoff, model)
    }
    const detector = createDetector(
      { symbol, calendar, ...settings, market: curvesAt },
      (cutoff) => trained.get(cutoff) ?? null,
    )
    return { detector, trained, position: from, from, reopenings, recent: [] }
  }

  /** Pushes the stored bars of `[position, to)`. */
  const advance = async (
    runtime: Runtime,
    symbol: string,
    to: number,
    onJudged: (judged: Judged, bar: Bar) => void,
  ): Promise<void> => {
    const kept = await store.bars.range(series, symbol, { from: runtime.position, to })
    // Hours may have been told otherwise when a bar was kept.
    const bars = kept.filter(({ openTime }) => isSessionMinute(calendar, openTime))
    if (bars.length < kept.length && !outside.has(symbol)) {
      outside.add(symbol)
      log.warn(
        { symbol, bars: kept.length - bars.length },
        'kept bars lie outside the market hours as they are known now, and do not count',
      )
    }
    for (const [index, bar] of bars.entries()) {
      const judgement = runtime.detector.push(bar)
      runtime.recent.push({ bar, judgement, usual: runtime.detector.usual })
      if (judgement.state === 'judged') onJudged(judgement, bar)
      if (index % BREATH === BREATH - 1) await new Promise(setImmediate)
    }
    runtime.position = Math.max(runtime.position, to)
    if (runtime.recent.length > 2 * RECENT) runtime.recent = runtime.recent.slice(-RECENT)
  }

  const keepModel = (symbol: string, model: Model | Pool): Promise<void> =>
    store.models.save({
      series,
      symbol,
      id: model.id,
      cutoff: model.cutoff,
      trainedAt: now(),
      snapshot: toSnapshot(model),
    })

  const keepModels = async (symbol: string, detector: Detector): Promise<void> => {
    for (const model of detector.takeFitted()) await keepModel(symbol, model)
  }

  /** The market's curves from all watched stocks, in an order that does not change. */
  const trainPool = async (symbols: readonly string[], session: Session): Promise<void> => {
    const pasts = symbols.toSorted().flatMap((symbol) => runtimes.get(symbol)?.detector.past ?? [])
    if (pasts.filter((past) => past.count > 0).length < LEAST_POOLED || poolAt(session.open)?.cutoff === session.open)
      return
    const pool = fitPool(pasts, HORIZONS, marketOf(calendar.name).curves, session.open)
    await keepModel(POOL, pool)
    pools = [pool, ...(pools ?? [])]
  }

  /** The symbol's runtime, unless a day was reopened since it was built: then it lacks that day's session. */
  const present = (symbol: string): Runtime | null => {
    const runtime = runtimes.get(symbol)
    return runtime?.reopenings === calendar.reopenings ? runtime : null
  }

  /** The present runtime where it will do, else a new one of the bars in `[from, until)`. */
  const ready = async (
    symbol: string,
    from: number,
    until: number,
    willDo: (runtime: Runtime) => boolean,
  ): Promise<Runtime> => {
    const found = () => {
      const runtime = present(symbol)
      return runtime && willDo(runtime) ? runtime : null
    }
    return (
      found() ??
      // One after another: a history is many bars in memory at once. Whoever waited may find it done.
      rebuilding('all', async () => {
        const begun = found()
        if (begun) return begun
        const runtime = await start(symbol, from)
        await advance(runtime, symbol, until, () => {})
        await keepModels(symbol, runtime.detector)
        runtimes.set(symbol, runtime)
        return runtime
      })
    )
  }

  return {
    async run(symbol, changedFrom = Number.POSITIVE_INFINITY) {
      const coverage = await store.bars.coverage(series, symbol)
      if (coverage === null) return
      const judgedUntil = (await store.signals.judgedUntil(series, symbol)) ?? coverage.from
      const begin = Math.max(coverage.from, Math.min(judgedUntil, changedFrom))
      // One that lacks some of the bars before `begin` goes on from where it is; one that has pushed later ones cannot go back.
      const runtime = await ready(
        symbol,
        coverage.from,
        begin,
        ({ from, position }) => from === coverage.from && position <= begin,
      )
      if (runtime.position >= coverage.to) return

      const findings: Found[] = []
      const marketNow = source.now()
      await advance(runtime, symbol, coverage.to, (judged) => {
        const { model } = runtime.detector
        if (!judged.abnormal || !model) return
        const ageMs = ageOf(judged.openTime, marketNow, source.speed)
        findings.push({
          judged,
          horizon: judged.horizon,
          ageMs,
          boundary: (alertsPerSession) => boundary(model, alertsPerSession),
        })
      })
      await keepModels(symbol, runtime.detector)
      await decided(symbol, coverage.to, findings)
      if (findings.length > 0) log.info({ symbol, signals: findings.length }, 'abnormal minutes')
    },

    async detector(symbol) {
      const existing = present(symbol)
      if (existing) return existing.detector
      const coverage = await store.bars.coverage(series, symbol)
      const until = (await store.signals.judgedUntil(series, symbol)) ?? coverage?.to ?? 0
      return (await ready(symbol, coverage?.from ?? 0, until, () => true)).detector
    },

    async judged(symbol, from, to) {
      const runtime = present(symbol)
      const oldest = runtime?.recent[0]?.bar.openTime
      if (runtime && oldest !== undefined && oldest <= from)
        return runtime.recent.filter(({ bar }) => bar.openTime >= from && bar.openTime < to)
      const coverage = await store.bars.coverage(series, symbol)
      if (coverage === null) return []
      const past = await start(symbol, coverage.from)
      await advance(past, symbol, Math.min(from, coverage.to), () => {})
      past.recent = []
      await advance(past, symbol, Math.min(to, coverage.to), () => {})
      return past.recent.filter(({ bar }) => bar.openTime >= from)
    },

    async train(symbols, signal) {
      const session = calendar.nextSession(source.now())
      await trainPool(symbols, session)
      for (const symbol of symbols) {
        if (signal.aborted) return
        const runtime = runtimes.get(symbol)
        // In the middle of a session the rest of it still belongs to the history of the next.
        if (
          !runtime ||
          runtime.position < calendar.lastSession(source.now()).close ||
          runtime.trained.has(session.open)
        )
          continue
        const model = runtime.detector.fitNow(settings.k, session.open)
        if (model === null) continue
        await keepModel(symbol, model)
        runtime.trained.set(session.open, model)
        await new Promise(setImmediate)
      }
    },

    forget: (symbol) => void runtimes.delete(symbol),
  }
}

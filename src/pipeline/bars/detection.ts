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
import type { Judgement } from '../../model/detector/judgement.ts'
import type { Model } from '../../model/detector/model.ts'
import { fromSnapshot, toSnapshot } from '../../model/detector/snapshot.ts'
import { HORIZONS } from '../../model/features/features.ts'
import { marketOf } from '../../model/features/markets.ts'
import { type Bar, DAY } from '../../model/time/bar.ts'
import type { Interval } from '../../model/time/interval.ts'
import { isSessionMinute, type Session } from '../../model/time/session.ts'
import { createDecider, type Decider, type Finding, type JudgedMinutes } from '../episodes/decider.ts'
import type { BarSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { FreshBars } from '../store/records.ts'
import { createMarketPool } from './market-pool.ts'
import { createRecentUsual, type RecentUsual } from './recent-usual.ts'
import type { Rereads } from './rereads.ts'

/** One bar and the usual volume and move of its minute; null while nothing is usual yet. */
export interface BarBesideUsual {
  readonly bar: Bar
  readonly usual: Detector['usual']
}

/** The same with its judgement. */
export interface JudgedBar extends BarBesideUsual {
  readonly judgement: Judgement
}

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
  /** Stores judged minutes. If it fails, the caller repeats it, or forgets the symbol. */
  readonly commit: Decider
  /** The symbol's detector, up to date with the last run. */
  detector(symbol: string): Promise<Detector>
  /** Bars of an interval beside their usual; of the newest minutes it is remembered, else the history is replayed. */
  besideUsual(symbol: string, from: number, to: number): Promise<readonly BarBesideUsual[]>
  /** Bars of an interval with the judgements they had when they were new. Replays the symbol's history. */
  judged(symbol: string, from: number, to: number): Promise<readonly JudgedBar[]>
  /**
   * Fits the models of the next session ahead, first the market's pool, then each stock's, so that its first minute
   * waits for none.
   */
  train(symbols: readonly string[], signal: AbortSignal): Promise<void>
  forget(symbol: string): void
}

interface Runtime {
  readonly detector: Detector
  /** Models by cutoff: those stored at the build, and those trained ahead since. */
  readonly trained: Map<number, Model>
  /** End of the minutes pushed so far. */
  position: number
  /** Start of the stored bars that the detector was built from. */
  readonly from: number
  /** `calendar.reopenings` at the build. */
  readonly reopenings: number
  readonly recent: RecentUsual
}

/** Settings of every detector, the same in every process. */
export const DETECTOR = { k: 4, seed: 1, warmupMinutes: 720 } as const

/** A pool of fewer stocks than these says nothing about a market. */
const LEAST_POOLED = 5
const MODELS_KEPT_IN_MIND = 1_000
/** Stored bars are read in pieces of this market time. */
const PIECE = 7 * DAY
/** Bars pushed between two turns of the event loop: a few milliseconds. */
const BREATH = 2_000

interface Dependencies {
  readonly source: Pick<BarSource, 'series' | 'now' | 'speed'>
  /** The calendar that both collecting and detection go by; a reopened day makes detection build its state anew. */
  readonly rereads: Pick<Rereads, 'calendar'>
  readonly store: Store
  readonly settings: Pick<DetectorSettings, 'k' | 'seed' | 'warmupMinutes'>
  readonly log: Log
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
}

/** One rolling detector per symbol. It can be rebuilt from the stored bars, equal to the last bit. */
export const createDetection = ({ source, rereads, store, settings, log, now }: Dependencies): Detection => {
  const { series } = source
  const { calendar } = rereads
  const runtimes = new Map<string, Runtime>()
  /** Symbols with stored bars outside the hours; each is logged once. */
  const outside = new Set<string>()
  const rebuilding = createSerial()
  const pool = createMarketPool({ series, models: store.models, marketNow: () => source.now(), now })

  const commit = createDecider({ series, calendar, store, now })

  /** True unless centers have been imported or removed since, from the model's session on. */
  const isOfPool = ({ imported, cutoff }: Model): boolean => imported?.id === pool.centersAt(cutoff)?.id

  const start = async (symbol: string, from: number): Promise<Runtime> => {
    const { reopenings } = calendar
    await pool.refresh()
    const trained = new Map<number, Model>()
    for (const record of await store.models.latest(series, symbol, MODELS_KEPT_IN_MIND)) {
      const model = fromSnapshot(record.snapshot)
      if (model && isOfPool(model) && !trained.has(record.cutoff)) trained.set(record.cutoff, model)
    }
    const detector = createDetector(
      { symbol, calendar, ...settings, market: pool.curvesAt, centers: pool.centersAt },
      (cutoff) => trained.get(cutoff) ?? null,
    )
    return { detector, trained, position: from, from, reopenings, recent: createRecentUsual(from) }
  }

  /** Pushes the stored bars of `[position, to)`, some days at a time. */
  const advance = async (
    runtime: Runtime,
    symbol: string,
    to: number,
    onJudged: (judged: JudgedBar) => void,
  ): Promise<void> => {
    while (runtime.position < to) {
      const end = Math.min(to, runtime.position + PIECE)
      const stored = await store.bars.range(series, symbol, { from: runtime.position, to: end })
      // CALENDAR_FILE may have given other hours when a bar was stored.
      const bars = stored.filter(({ openTime }) => isSessionMinute(calendar, openTime))
      if (bars.length < stored.length && !outside.has(symbol)) {
        outside.add(symbol)
        log.warn(
          { symbol, bars: stored.length - bars.length },
          'kept bars lie outside the market hours as they are known now, and do not count',
        )
      }
      await push(runtime, bars, end, onJudged)
    }
  }

  const push = async (
    runtime: Runtime,
    bars: readonly Bar[],
    to: number,
    onJudged: (judged: JudgedBar) => void,
  ): Promise<void> => {
    for (const [index, bar] of bars.entries()) {
      const judgement = runtime.detector.push(bar)
      const { usual } = runtime.detector
      runtime.recent.add(bar.openTime, usual)
      onJudged({ bar, judgement, usual })
      if (index % BREATH === BREATH - 1) await new Promise(setImmediate)
    }
    runtime.position = Math.max(runtime.position, to)
  }

  const keepModel = (symbol: string, model: Model): Promise<void> =>
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

  /** Fits the market's pool from all watched stocks, in an order that does not change. */
  const trainPool = async (symbols: readonly string[], session: Session): Promise<void> => {
    const pasts = symbols.toSorted().flatMap((symbol) => runtimes.get(symbol)?.detector.past ?? [])
    const { open } = session
    if (pasts.filter((past) => past.count > 0).length < LEAST_POOLED || pool.poolAt(open)?.cutoff === open) return
    await pool.keep(fitPool(pasts, HORIZONS, marketOf(calendar.name).curves, open))
  }

  /** True if the symbol's model of that session is stored, with the centers that are imported now. */
  const isTrained = ({ trained }: Runtime, { open }: Session): boolean => {
    const model = trained.get(open)
    return model !== undefined && isOfPool(model)
  }

  /** The symbol's runtime; null if a day was reopened since its build, because it lacks that day's session. */
  const present = (symbol: string): Runtime | null => {
    const runtime = runtimes.get(symbol)
    return runtime?.reopenings === calendar.reopenings ? runtime : null
  }

  /** The present runtime if `willDo` accepts it, else a new one of the bars in `[from, until)`. */
  const ready = async (
    symbol: string,
    from: number,
    until: number,
    willDo: (runtime: Runtime) => boolean,
  ): Promise<Runtime> => {
    const usable = () => {
      const runtime = present(symbol)
      return runtime && willDo(runtime) ? runtime : null
    }
    return (
      usable() ??
      // One symbol after another, since a history is many bars in memory. Another caller may have built it meanwhile.
      rebuilding('all', async () => {
        const begun = usable()
        if (begun) return begun
        const runtime = await start(symbol, from)
        await advance(runtime, symbol, until, () => {})
        await keepModels(symbol, runtime.detector)
        runtimes.set(symbol, runtime)
        return runtime
      })
    )
  }

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

  /** Judges the stored bars of an interval once more, by a detector of their past. */
  const replayed = async (symbol: string, from: number, to: number): Promise<JudgedBar[]> => {
    const coverage = await store.bars.coverage(series, symbol)
    if (coverage === null) return []
    const past = await start(symbol, coverage.from)
    const judged: JudgedBar[] = []
    await advance(past, symbol, Math.min(from, coverage.to), () => {})
    await advance(past, symbol, Math.min(to, coverage.to), (each) => judged.push(each))
    return judged.filter(({ bar }) => bar.openTime >= from)
  }

  const commitLogged: Decider = async (minutes) => {
    await commit(minutes)
    const { symbol, findings } = minutes
    if (findings.length > 0) log.info({ symbol, signals: findings.length }, 'abnormal minutes')
  }

  return {
    async run(symbol, changedFrom = Number.POSITIVE_INFINITY) {
      const coverage = await store.bars.coverage(series, symbol)
      if (coverage === null) return
      const judgedUntil = (await store.signals.judgedUntil(series, symbol)) ?? coverage.from
      const begin = Math.max(coverage.from, Math.min(judgedUntil, changedFrom))
      // A detector that lacks bars before `begin` goes on from its position; one past `begin` cannot go back.
      const runtime = await ready(
        symbol,
        coverage.from,
        begin,
        ({ from, position }) => from === coverage.from && position <= begin,
      )
      if (runtime.position >= coverage.to) return
      const judge = async (): Promise<void> => {
        await pool.refresh()
        const { findings, onJudged } = findingsOf(runtime)
        await advance(runtime, symbol, coverage.to, onJudged)
        await keepModels(symbol, runtime.detector)
        await commitLogged({ symbol, until: coverage.to, findings })
      }
      // Much to catch up is done for one symbol after another, since it is many bars in memory.
      await (coverage.to - runtime.position > PIECE ? rebuilding('catch up', judge) : judge())
    },

    async judge(symbol, coverage, fresh) {
      await pool.refresh()
      const runtime = present(symbol)
      if (runtime?.from !== coverage.from || runtime.position !== coverage.to) return null
      const { findings, onJudged } = findingsOf(runtime)
      await push(runtime, fresh.bars, fresh.covered.to, onJudged)
      await keepModels(symbol, runtime.detector)
      return { symbol, until: fresh.covered.to, findings, fresh }
    },
    commit: commitLogged,

    async detector(symbol) {
      const existing = present(symbol)
      if (existing) return existing.detector
      const coverage = await store.bars.coverage(series, symbol)
      const until = (await store.signals.judgedUntil(series, symbol)) ?? coverage?.to ?? 0
      return (await ready(symbol, coverage?.from ?? 0, until, () => true)).detector
    },

    async besideUsual(symbol, from, to) {
      const remembered = present(symbol)?.recent.since(from)
      if (!remembered) return replayed(symbol, from, to)
      const bars = await store.bars.range(series, symbol, { from, to })
      return bars.flatMap((bar) => {
        const usual = remembered.get(bar.openTime)
        return usual === undefined ? [] : [{ bar, usual }]
      })
    },

    judged: replayed,

    async train(symbols, signal) {
      const session = calendar.nextSession(source.now())
      await pool.refresh()
      await trainPool(symbols, session)
      for (const symbol of symbols) {
        if (signal.aborted) return
        const runtime = runtimes.get(symbol)
        // A running session still belongs to the history of the next one: it must end first.
        if (!runtime || runtime.position < calendar.lastSession(source.now()).close || isTrained(runtime, session))
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

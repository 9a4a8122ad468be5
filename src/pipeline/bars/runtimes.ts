import { createSerial } from '../../async/serial.ts'
import type { Log } from '../../log.ts'
import type { Detector, DetectorSettings } from '../../model/detector/detector.ts'
import type { Past } from '../../model/detector/history.ts'
import type { Judgement } from '../../model/detector/judgement.ts'
import type { Model } from '../../model/detector/model.ts'
import { toSnapshot } from '../../model/detector/snapshot.ts'
import { type Bar, DAY } from '../../model/time/bar.ts'
import { isSessionMinute } from '../../model/time/session.ts'
import type { Store } from '../store/contract.ts'
import { createKeptStates } from './kept-states.ts'
import type { MarketPool } from './market-pool.ts'
import type { Rereads } from './rereads.ts'
import { createStart, isCurrent, type Runtime } from './runtime.ts'

/** One bar and the usual volume and move of its minute; null while nothing is usual yet. */
export interface BarBesideUsual {
  readonly bar: Bar
  readonly usual: Detector['usual']
}

/** The same with its judgement. */
export interface JudgedBar extends BarBesideUsual {
  readonly judgement: Judgement
}

/** More market time than this is much to catch up. */
export const MUCH = 7 * DAY
/**
 * Stored bars are read and pushed in pieces of this market time, each in a few milliseconds. Longer ones take more
 * memory, and no less time.
 */
const PIECE = DAY

type OnJudged = (judged: JudgedBar) => void

/**
 * Builds the rolling states from the stored bars, or from a stored state and the bars since; pushes bars into them, and
 * stores them and the models they fit.
 */
export interface Runtimes {
  /** The symbol's runtime; null if a day was reopened since its build, because it lacks that day's session. */
  present(symbol: string): Runtime | null
  /** The present runtime if `willDo` accepts it, else a new one of the bars in `[from, until)`. */
  ready(symbol: string, from: number, until: number, willDo: (runtime: Runtime) => boolean): Promise<Runtime>
  /** Pushes the stored bars of `[position, to)`, some days at a time. */
  advance(runtime: Runtime, symbol: string, to: number, onJudged: OnJudged): Promise<void>
  /** Pushes bars that follow the runtime's position. */
  push(runtime: Runtime, bars: readonly Bar[], to: number, onJudged: OnJudged): void
  /** Judges the stored bars of an interval once more, by a detector of their past. */
  replay(symbol: string, from: number, to: number): Promise<JudgedBar[]>
  /** The history of a symbol that is not in memory, from its stored bars; null if there are none. */
  past(symbol: string): Promise<Past | null>
  saveModel(symbol: string, model: Model): Promise<void>
  /** Stores the models that a runtime has fitted since the last call. */
  saveFitted(symbol: string, runtime: Runtime): Promise<void>
  /** False if centers have been imported or removed since, from the model's session on. */
  isCurrent(model: Model): boolean
  /** Stores all states that have grown, see {@link KeptStates}. */
  keepGrown(signal: AbortSignal): Promise<string[]>
  /** Stores a state that has grown by much since it was stored. */
  keepAfterCatchUp(symbol: string, runtime: Runtime): Promise<void>
  forget(symbol: string): void
}

interface Dependencies {
  readonly series: string
  readonly calendar: Rereads['calendar']
  readonly store: Pick<Store, 'bars' | 'models' | 'states'>
  readonly pool: MarketPool
  readonly settings: Pick<DetectorSettings, 'k' | 'seed' | 'warmupMinutes'>
  readonly log: Log
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
}

export const createRuntimes = ({ series, calendar, store, pool, settings, log, now }: Dependencies): Runtimes => {
  const runtimes = new Map<string, Runtime>()
  /** Symbols with stored bars outside the hours; each is logged once. */
  const outside = new Set<string>()
  const building = createSerial()

  const settingsOf = (symbol: string): DetectorSettings => ({
    ...{ symbol, calendar, ...settings },
    market: pool.curvesAt,
    centers: pool.centersAt,
  })

  const start = createStart({ series, calendar, store, pool, settingsOf })
  const states = createKeptStates({ series, calendar, store, settingsOf })

  const advance = async (runtime: Runtime, symbol: string, to: number, onJudged: OnJudged): Promise<void> => {
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
      push(runtime, bars, end, onJudged)
      // A store without a network never yields: everything else in the process gets its turn here.
      await new Promise(setImmediate)
    }
  }

  const push = (runtime: Runtime, bars: readonly Bar[], to: number, onJudged: OnJudged): void => {
    runtime.settled = false
    for (const bar of bars) {
      const judgement = runtime.detector.push(bar)
      const { usual } = runtime.detector
      runtime.recent.add(bar.openTime, usual)
      onJudged({ bar, judgement, usual })
    }
    runtime.position = Math.max(runtime.position, to)
    runtime.settled = true
  }

  const saveModel = (symbol: string, model: Model): Promise<void> =>
    store.models.save({
      series,
      symbol,
      id: model.id,
      cutoff: model.cutoff,
      trainedAt: now(),
      snapshot: toSnapshot(model),
    })

  const saveFitted = async (symbol: string, { detector }: Runtime): Promise<void> => {
    for (const model of detector.takeFitted()) await saveModel(symbol, model)
  }

  const present = (symbol: string): Runtime | null => {
    const runtime = runtimes.get(symbol)
    return runtime?.reopenings === calendar.reopenings ? runtime : null
  }

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
      building(symbol, async () => {
        const begun = usable() // another caller may have built it meanwhile
        if (begun) return begun
        const runtime = await start(symbol, from, until)
        await advance(runtime, symbol, until, () => {})
        await saveFitted(symbol, runtime)
        runtimes.set(symbol, runtime)
        await keepAfterCatchUp(symbol, runtime)
        return runtime
      })
    )
  }

  const keepAfterCatchUp = async (symbol: string, runtime: Runtime): Promise<void> => {
    if (runtime.position - runtime.keptAt > MUCH) await states.keep(symbol, runtime)
  }

  const replay = async (symbol: string, from: number, to: number): Promise<JudgedBar[]> => {
    const coverage = await store.bars.coverage(series, symbol)
    if (coverage === null) return []
    const begin = Math.min(from, coverage.to)
    const past = await start(symbol, coverage.from, begin)
    const judged: JudgedBar[] = []
    await advance(past, symbol, begin, () => {})
    await advance(past, symbol, Math.min(to, coverage.to), (each) => judged.push(each))
    return judged.filter(({ bar }) => bar.openTime >= from)
  }

  const past = async (symbol: string): Promise<Past | null> => {
    const coverage = await store.bars.coverage(series, symbol)
    if (coverage === null) return null
    const runtime = await start(symbol, coverage.from, coverage.to)
    await advance(runtime, symbol, coverage.to, () => {})
    return runtime.detector.past
  }

  return {
    present,
    ready,
    advance,
    push,
    replay,
    past,
    saveModel,
    saveFitted,
    isCurrent: (model) => isCurrent(model, pool),
    keepGrown: (signal) => states.keepGrown(runtimes, signal),
    keepAfterCatchUp,
    forget: (symbol) => void runtimes.delete(symbol),
  }
}

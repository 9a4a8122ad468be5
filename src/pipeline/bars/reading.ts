import { createSerial } from '../../async/serial.ts'
import type { Log } from '../../log.ts'
import type { DetectorSettings } from '../../model/detector/detector.ts'
import type { Source } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { Detection } from './detection.ts'
import { createMarketPool } from './market-pool.ts'
import type { Rereads } from './rereads.ts'
import type { Runtime } from './runtime.ts'
import { createRuntimes } from './runtimes.ts'

/** The part of detection that a reader uses. */
export type ReadDetection = Pick<Detection, 'detector' | 'learning' | 'besideUsual' | 'judged'>

/** Symbols whose state stays in memory after a question. */
const MOST_REMEMBERED = 64

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'now'>
  readonly calendar: Rereads['calendar']
  readonly store: Pick<Store, 'bars' | 'models' | 'states'>
  readonly settings: Pick<DetectorSettings, 'k' | 'seed' | 'warmupMinutes'>
  readonly log: Log
  /** Our clock, epoch ms, for records. */
  readonly now: () => number
}

/**
 * Answers about minutes that another process judges: brings a symbol's state up to what is stored when somebody asks,
 * and stores nothing.
 */
export const createReadDetection = ({ source, calendar, store, settings, log, now }: Dependencies): ReadDetection => {
  const { series } = source
  const pool = createMarketPool({ series, models: store.models, marketNow: () => source.now(), now })
  const readOnly = {
    bars: store.bars,
    models: { ...store.models, save: async () => {} },
    states: { ...store.states, save: async () => [] },
  }
  const runtimes = createRuntimes({ series, calendar, store: readOnly, pool, settings, log, now })
  const serial = createSerial()
  /** Number of changes of the bars that a state was built from, by symbol; least recently asked first. */
  const remembered = new Map<string, number>()

  const remember = (symbol: string, revision: number): void => {
    remembered.delete(symbol)
    remembered.set(symbol, revision)
    const [oldest] = remembered.keys()
    if (remembered.size <= MOST_REMEMBERED || oldest === undefined) return
    remembered.delete(oldest)
    runtimes.forget(oldest)
  }

  const upToDate = (symbol: string): Promise<Runtime> =>
    serial(symbol, async () => {
      const revision = await store.states.revision(series, symbol)
      // Bars that were corrected meanwhile are part of the state.
      if (remembered.get(symbol) !== revision) runtimes.forget(symbol)
      const coverage = await store.bars.coverage(series, symbol)
      const { from, to } = coverage ?? { from: 0, to: 0 }
      const runtime = await runtimes.ready(symbol, from, to, (known) => known.from === from)
      if (runtime.position < to) await runtimes.advance(runtime, symbol, to, () => {})
      remember(symbol, revision)
      return runtime
    })

  return {
    detector: async (symbol) => (await upToDate(symbol)).detector,
    async learning(symbol) {
      const [model] = await store.models.latest(series, symbol, 1)
      return model ? null : (await upToDate(symbol)).detector.learning
    },
    async besideUsual(symbol, from, to) {
      const usual = (await upToDate(symbol)).recent.since(from)
      if (!usual) return runtimes.replay(symbol, from, to)
      const bars = await store.bars.range(series, symbol, { from, to })
      return bars.flatMap((bar) => (usual.has(bar.openTime) ? [{ bar, usual: usual.get(bar.openTime) ?? null }] : []))
    },
    judged: runtimes.replay,
  }
}

import type { Log } from '../../log.ts'
import { MINUTE, minuteOf } from '../../model/time/bar.ts'
import type { SeriesKeeper } from '../run/pipeline.ts'
import type { BarSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import { backfill, lookFurtherBack } from './backfill.ts'
import { collect } from './collect.ts'
import type { Detection } from './detection.ts'
import type { Intake } from './intake.ts'
import type { Rereads } from './rereads.ts'

/** How often, by the market's clock, a history that others may add to is looked through for older minutes. */
const LOOK_BACK_EVERY = 30 * MINUTE

interface Dependencies {
  readonly source: BarSource
  readonly rereads: Rereads
  readonly store: Pick<Store, 'bars'>
  readonly detection: Detection
  readonly log: Log
}

/** Bars: collected, kept, and judged by a model of the stock's own past. */
export const createBarsKeeper = ({ source, rereads, store, detection, log }: Dependencies): SeriesKeeper => {
  const intake: Intake = { source, rereads, bars: store.bars }
  /** Symbols of which nothing kept is left to judge, as far as this process knows. */
  const judged = new Set<string>()
  const lookedBackAt = new Map<string, number>()

  const lookBack: SeriesKeeper['catchUp'] = async (symbol, signal) => {
    const now = source.now()
    if (!source.historyGrows || now - (lookedBackAt.get(symbol) ?? Number.NEGATIVE_INFINITY) < LOOK_BACK_EVERY) return
    const [oldest] = await lookFurtherBack(intake, symbol, signal)
    lookedBackAt.set(symbol, now)
    if (oldest === undefined) return
    log.info({ symbol, from: oldest.openTime }, 'older minutes have been added to the source')
    // Whatever happens next, nothing is judged by a past that lacks them.
    detection.forget(symbol)
    await detection.run(symbol, oldest.openTime)
  }

  /** Up to the minutes that had closed when it was called: behind a fast clock there are always more, and they are the next pass's. */
  const catchUp: SeriesKeeper['catchUp'] = async (symbol, signal) => {
    const end = minuteOf(source.now())
    await lookBack(symbol, signal)
    for (;;) {
      // A source without a wire and an embedded store never wait for anything: everybody else gets their turn here.
      await new Promise(setImmediate)
      signal.throwIfAborted()
      const collected = await collect(intake, symbol, signal)
      if (collected === null && judged.has(symbol)) return
      judged.delete(symbol)
      await detection.run(symbol, collected?.bars[0]?.openTime)
      judged.add(symbol)
      if (collected === null || collected.covered.to >= end) return
    }
  }
  return {
    async fetchHistory(symbol, tell, signal) {
      await backfill(
        intake,
        symbol,
        source.historySessions,
        ({ bars, sessionsDone, sessionsTotal }) =>
          tell({ phase: 'fetch', bars, done: sessionsDone, total: sessionsTotal }),
        signal,
      )
    },
    async learn(symbol, tell, signal) {
      tell({ phase: 'train', bars: await store.bars.count(source.series, symbol), done: 0, total: 1 })
      await detection.run(symbol)
      await catchUp(symbol, signal)
    },
    catchUp,
    train: (symbols, signal) => detection.train(symbols, signal),
    forget(symbol) {
      lookedBackAt.delete(symbol)
      detection.forget(symbol)
    },
  }
}

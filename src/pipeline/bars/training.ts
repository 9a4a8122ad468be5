import { fitPool } from '../../model/detector/detector.ts'
import { HORIZONS } from '../../model/features/features.ts'
import { marketOf } from '../../model/features/markets.ts'
import type { Session } from '../../model/time/session.ts'
import type { BarSource } from '../sources/source.ts'
import type { MarketPool } from './market-pool.ts'
import type { Rereads } from './rereads.ts'
import type { Runtime } from './runtime.ts'
import type { Runtimes } from './runtimes.ts'

/** A pool of fewer stocks than these says nothing about a market. */
const LEAST_POOLED = 5

interface Dependencies {
  readonly source: Pick<BarSource, 'now'>
  readonly calendar: Rereads['calendar']
  readonly runtimes: Runtimes
  readonly pool: MarketPool
  /** Clusters of a model. */
  readonly k: number
}

/**
 * Fits the models of the next session ahead, first the market's pool, then each stock's, so that its first minute waits
 * for none.
 */
export const createTraining = ({ source, calendar, runtimes, pool, k }: Dependencies) => {
  /** Fits the market's pool from all watched stocks, in an order that does not change. */
  const trainPool = async (symbols: readonly string[], session: Session): Promise<void> => {
    const pasts = symbols.toSorted().flatMap((symbol) => runtimes.present(symbol)?.detector.past ?? [])
    const { open } = session
    if (pasts.filter((past) => past.count > 0).length < LEAST_POOLED || pool.poolAt(open)?.cutoff === open) return
    await pool.keep(fitPool(pasts, HORIZONS, marketOf(calendar.name).curves, open))
  }

  /** True if the symbol's model of that session is stored, with the centers that are imported now. */
  const isTrained = ({ trained }: Runtime, { open }: Session): boolean => {
    const model = trained.get(open)
    return model !== undefined && runtimes.isCurrent(model)
  }

  return async (symbols: readonly string[], signal: AbortSignal): Promise<void> => {
    const session = calendar.nextSession(source.now())
    await pool.refresh()
    await trainPool(symbols, session)
    for (const symbol of symbols) {
      if (signal.aborted) return
      const runtime = runtimes.present(symbol)
      // A running session still belongs to the history of the next one: it must end first.
      if (!runtime || runtime.position < calendar.lastSession(source.now()).close || isTrained(runtime, session))
        continue
      const model = runtime.detector.fitNow(k, session.open)
      if (model === null) continue
      await runtimes.saveModel(symbol, model)
      runtime.trained.set(session.open, model)
      await new Promise(setImmediate)
    }
  }
}

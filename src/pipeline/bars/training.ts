import { setTimeout as sleep } from 'node:timers/promises'
import { fitPool } from '../../model/detector/detector.ts'
import type { Past } from '../../model/detector/history.ts'
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

/** The training of one of several processes that judge. */
export interface SharedTraining {
  /** True if this process trains the market's pool, from all symbols. */
  leads(): Promise<boolean>
  watched(): Promise<readonly string[]>
  /** Tells the others that the pool of a session is there, or that there are too few stocks for one. */
  poolDone(open: number): Promise<void>
  isPoolDone(open: number): Promise<boolean>
}

/** Longest wait for another process's pool, and time between two looks. */
const POOL_WAIT_MS = 30 * 60_000
const LOOK_EVERY_MS = 2_000

interface Dependencies {
  readonly source: Pick<BarSource, 'now'>
  readonly calendar: Rereads['calendar']
  readonly runtimes: Runtimes
  readonly pool: MarketPool
  /** Clusters of a model. */
  readonly k: number
  readonly shared?: SharedTraining | undefined
}

/**
 * Fits the models of the next session ahead, first the market's pool, then each stock's, so that its first minute waits
 * for none.
 */
export const createTraining = ({ source, calendar, runtimes, pool, k, shared }: Dependencies) => {
  /** Fits the market's pool from all watched stocks, in an order that does not change. */
  const trainPool = async (symbols: readonly string[], session: Session): Promise<void> => {
    const { open } = session
    const pasts: Past[] = []
    for (const symbol of symbols.toSorted()) {
      const past = runtimes.present(symbol)?.detector.past ?? (shared ? await runtimes.past(symbol) : null)
      if (past) pasts.push(past)
    }
    if (pasts.filter((past) => past.count > 0).length < LEAST_POOLED || pool.poolAt(open)?.cutoff === open) return
    await pool.keep(fitPool(pasts, HORIZONS, marketOf(calendar.name).curves, open))
  }

  /** The pool comes first: the stocks' models begin with its curves. */
  const sharedPool = async (from: SharedTraining, session: Session, signal: AbortSignal): Promise<void> => {
    const { open } = session
    if (await from.isPoolDone(open)) return
    if (await from.leads()) {
      await trainPool(await from.watched(), session)
      await from.poolDone(open)
      return
    }
    const end = performance.now() + POOL_WAIT_MS
    while (performance.now() < end && !(await from.isPoolDone(open)))
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => signal.throwIfAborted())
  }

  /** True if the symbol's model of that session is stored, with the centers that are imported now. */
  const isTrained = ({ trained }: Runtime, { open }: Session): boolean => {
    const model = trained.get(open)
    return model !== undefined && runtimes.isCurrent(model)
  }

  return async (symbols: readonly string[], signal: AbortSignal): Promise<void> => {
    const session = calendar.nextSession(source.now())
    if (shared) await sharedPool(shared, session, signal)
    await pool.refresh()
    if (!shared) await trainPool(symbols, session)
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

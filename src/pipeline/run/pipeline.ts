import pLimit from 'p-limit'
import { createSerial } from '../../async/serial.ts'
import { endsWithin } from '../../async/time-limits.ts'
import { RetryableError, SetupError, UnknownSymbolError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import { unknownDays } from '../calendar/known-days.ts'
import type { Source } from '../sources/source.ts'
import type { MarketWatches } from '../stocks/market-watches.ts'
import type { Store } from '../store/contract.ts'
import type { Progress, Watching } from '../views/views.ts'
import { createHistoryFetched, historyFetchedKey } from './history-fetched.ts'
import { createWatching } from './watching.ts'

/** Histories that are fetched at once while nobody waits for them. */
const HISTORIES = 8
const PASS_MS = 20_000
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 5 * 60_000

export interface Pipeline {
  readonly watching: Watching
  /**
   * Tells the source which symbols are watched, and frees those that nobody watches any more. Needed at the start, and
   * where other processes change the watches; own changes are passed on as they come.
   */
  follow(): Promise<void>
  /** Fetches the symbol's history and learns from it before all that is not waited for. A repeated call joins. */
  fill(symbol: string, onProgress: (progress: Progress) => void): Promise<void>
  /** One pass over every watched symbol: stores and judges the minutes that have closed. */
  collectAndDetect(signal: AbortSignal): Promise<void>
  /** Brings the watches of whole markets up to date with the source's listings. */
  followListings(): Promise<void>
  /** Fits tomorrow's models before the market opens. */
  train(signal: AbortSignal): Promise<void>
  /** One sentence about what the operator should know now, or null. */
  trouble(): string | null
  stop(): Promise<void>
}

/** Fetches, stores and judges the minutes of one symbol, for one kind of source. Every call may be repeated. */
export interface SeriesKeeper {
  /** Fetches the past; a call after an interrupted one goes on where that stopped. */
  fetchHistory(symbol: string, tell: (progress: Progress) => void, signal: AbortSignal): Promise<void>
  /** Learns from the fetched history, and catches up. */
  learn(symbol: string, tell: (progress: Progress) => void, signal: AbortSignal): Promise<void>
  /** Fetches and judges the minutes that have closed since the last call. */
  catchUp(symbol: string, signal: AbortSignal): Promise<void>
  /** Fits the models of the next session ahead. */
  train(symbols: readonly string[], signal: AbortSignal): Promise<void>
  /** Frees the state of a symbol that nobody watches any more. */
  forget(symbol: string): void
  /** Stores what spares the next start work, within about a second. Comes last, when nothing else runs. */
  end?(): Promise<void>
}

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'calendar' | 'capacity' | 'now' | 'follow'>
  readonly store: Pick<Store, 'watches' | 'keyValues'>
  readonly keeper: SeriesKeeper
  readonly markets: MarketWatches
  readonly log: Log
  readonly now: () => number
  /** Longest wait of a pass for slow symbols. Their work goes on beside the next pass. */
  readonly passMs?: number
}

export const createPipeline = ({
  source,
  store,
  keeper,
  markets,
  log,
  now,
  passMs = PASS_MS,
}: Dependencies): Pipeline => {
  const { series } = source
  const serial = createSerial()
  const controller = new AbortController()
  const histories = pLimit(HISTORIES)
  const filling = new Map<string, { done: Promise<void>; listeners: Set<(progress: Progress) => void> }>()
  const isHistoryFetched = createHistoryFetched(store.keyValues, series)
  /** Symbols that are not tried until a time of our clock, each with a sentence for the operator. */
  const waits = new Map<string, { until: number; ms: number; trouble: string | null }>()
  const working = new Map<string, Promise<void>>()
  let unknown: string | null = null
  let overload: string | null = null

  let followed: ReadonlySet<string> = new Set()
  const follow = async (): Promise<void> => {
    const symbols = new Set(await store.watches.symbols(series))
    const gone = followed.difference(symbols)
    const isSame = gone.size === 0 && followed.size === symbols.size && followed.size > 0
    followed = symbols
    if (isSame) return
    for (const symbol of gone) keeper.forget(symbol)
    source.follow?.([...symbols])
  }

  /** Postpones the next try of one symbol. Unexpected errors are logged with their stack. */
  const setback = (symbol: string, error: unknown): void => {
    if (controller.signal.aborted) return
    const expected =
      error instanceof RetryableError || error instanceof SetupError || error instanceof UnknownSymbolError
    if (!expected) log.error({ symbol, err: error }, 'pass failed for one symbol')
    const before = waits.get(symbol)?.ms ?? FIRST_WAIT_MS / 2
    const asked = error instanceof RetryableError ? (error.retryAfterMs ?? 0) : 0
    const ms = Math.max(asked, Math.min(LONGEST_WAIT_MS, before * 2))
    const problem = error instanceof Error ? error.message : String(error)
    waits.delete(symbol) // the newest comes last
    waits.set(symbol, { until: now() + ms, ms, trouble: error instanceof UnknownSymbolError ? null : problem })
    if (expected) log.warn({ symbol, waitMs: ms, problem }, 'source did not deliver; it is asked again')
  }

  /**
   * Fetches a symbol's history once, then learns from it. A second caller joins the first; an interrupted run is
   * resumed.
   */
  const fill = (symbol: string, onProgress?: (progress: Progress) => void): Promise<void> => {
    const running = filling.get(symbol)
    if (running) {
      if (onProgress) running.listeners.add(onProgress)
      return running.done
    }
    const listeners = new Set(onProgress ? [onProgress] : [])
    const tell = (progress: Progress) => {
      for (const listener of listeners) listener(progress)
    }
    const fetchAndLearn = async (): Promise<void> => {
      if (!(await isHistoryFetched(symbol))) {
        await keeper.fetchHistory(symbol, tell, controller.signal)
        await store.keyValues.set(historyFetchedKey(series, symbol), new Date(now()).toISOString())
      }
      await keeper.learn(symbol, tell, controller.signal)
    }
    // A person who waits for one stock does not queue behind those of a whole market.
    const work = serial(symbol, () => (onProgress ? fetchAndLearn() : histories(fetchAndLearn)))
    const done = work.finally(() => filling.delete(symbol))
    filling.set(symbol, { done, listeners })
    return done
  }

  /** One symbol's share of a pass. Never rejects. */
  const update = async (symbol: string, stop: AbortSignal): Promise<void> => {
    try {
      if (!(await isHistoryFetched(symbol))) {
        // History takes long: no pass waits for it.
        fill(symbol).catch((error: unknown) => setback(symbol, error))
        return
      }
      await serial(symbol, () => keeper.catchUp(symbol, stop))
      waits.delete(symbol)
    } catch (error) {
      if (!stop.aborted) setback(symbol, error)
    }
  }

  /** Warns if more is watched than the source keeps up with: one that loses its live feed becomes slower. */
  const watchLoad = (watched: number): void => {
    const before = overload
    const over = watched > source.capacity
    overload = over
      ? `${watched} stocks are watched and ${series} keeps up with ${source.capacity}: minutes come late until some are unwatched`
      : null
    if (over && before === null)
      log.warn({ watched, capacity: source.capacity }, 'more stocks watched than the source keeps up with')
  }

  return {
    watching: createWatching({ source, store, markets, fill, changed: follow, now }),
    fill,
    follow,

    async collectAndDetect(signal) {
      const stop = AbortSignal.any([signal, controller.signal])
      const before = unknown
      unknown = unknownDays(source.calendar, source.now())
      if (unknown !== null) {
        if (unknown !== before) log.error({ venue: series, problem: unknown }, 'nothing is collected')
        return
      }
      const symbols = await store.watches.symbols(series)
      for (const symbol of waits.keys()) if (!symbols.includes(symbol)) waits.delete(symbol)
      watchLoad(symbols.length)
      // All symbols start at once: the source paces its own requests, and a waiting symbol must not hold up the others.
      for (const symbol of symbols) {
        if (working.has(symbol) || filling.has(symbol) || (waits.get(symbol)?.until ?? 0) > now()) continue
        working.set(
          symbol,
          update(symbol, stop).finally(() => working.delete(symbol)),
        )
      }
      await endsWithin(passMs, Promise.all(working.values()))
    },

    async followListings() {
      await markets.followListings()
      await follow()
    },

    async train(signal) {
      await keeper.train(await store.watches.symbols(series), AbortSignal.any([signal, controller.signal]))
    },

    trouble: () => unknown ?? [...waits.values()].findLast((wait) => wait.trouble !== null)?.trouble ?? overload,

    async stop() {
      controller.abort()
      await Promise.allSettled([...working.values(), ...[...filling.values()].map(({ done }) => done)])
      await keeper.end?.()
    },
  }
}

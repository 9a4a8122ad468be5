import { setTimeout as sleep } from 'node:timers/promises'
import { RetryableError, UnknownSymbolError } from '../../errors.ts'
import type { Store } from '../store/contract.ts'
import { isAskedFor } from '../views/channel-settings.ts'
import type { Progress } from '../views/views.ts'
import { createHistoryFetched } from './history-fetched.ts'
import type { Pipeline } from './pipeline.ts'

const ASK_EVERY_MS = 400
/** A collector looks for new watches every second; one that has not answered for so long does not run. */
const UNANSWERED_MS = 20_000
/** A history that could not be fetched is left to the passes for so long. */
const AGAIN_AFTER_MS = 10_000
/** Progress is written at most this often. */
const TELL_EVERY_MS = 500

/** How far a collector is with a symbol that a bot waits for. */
type Told = { readonly progress: Progress } | { readonly unknown: true } | { readonly problem: string }

const keyOf = (series: string, symbol: string): string => `progress:${series}:${symbol}`

interface Dependencies {
  readonly series: string
  readonly store: Pick<Store, 'keyValues' | 'watches'>
  /** The watched symbols that this collector collects. */
  readonly symbols: () => ReadonlySet<string>
  readonly pipeline: Pick<Pipeline, 'fill'>
}

/**
 * A collector's pass over the watches: what bots have begun to watch since is fetched at once, and how far that is goes
 * through the store back to the bot.
 */
export const createWishes = ({ series, store, symbols, pipeline }: Dependencies): (() => Promise<void>) => {
  const isHistoryFetched = createHistoryFetched(store.keyValues, series)
  const begun = new Set<string>()
  /** Symbols that could not be fetched, and the time from which they are tried again. */
  const failed = new Map<string, number>()

  const fetchFor = async (symbol: string): Promise<void> => {
    const key = keyOf(series, symbol)
    let toldAt = Number.NEGATIVE_INFINITY
    const tell = (told: Told) => store.keyValues.set(key, JSON.stringify(told))
    try {
      await pipeline.fill(symbol, (progress) => {
        if (performance.now() - toldAt < TELL_EVERY_MS) return
        toldAt = performance.now()
        tell({ progress }).catch(() => {}) // the next progress is told anew
      })
      await store.keyValues.remove(key)
    } catch (error) {
      begun.delete(symbol)
      failed.set(symbol, performance.now() + AGAIN_AFTER_MS)
      if (error instanceof UnknownSymbolError) await tell({ unknown: true })
      else await tell({ problem: error instanceof Error ? error.message : String(error) })
    }
  }

  return async () => {
    const watched = symbols()
    for (const symbol of begun) if (!watched.has(symbol)) begun.delete(symbol)
    for (const symbol of failed.keys()) if (!watched.has(symbol)) failed.delete(symbol)
    for (const symbol of watched) {
      if (begun.has(symbol) || performance.now() < (failed.get(symbol) ?? 0)) continue
      failed.delete(symbol)
      begun.add(symbol)
      if (await isHistoryFetched(symbol)) continue
      // Histories of a whole market's stocks are fetched by the passes, a few at once.
      const watches = await store.watches.ofSymbol(series, symbol)
      if (watches.some(isAskedFor)) void fetchFor(symbol).catch(() => {})
    }
  }
}

/**
 * A bot's wait for a symbol: the collector that owns it fetches its history, and a detector learns from it.
 *
 * @throws {UnknownSymbolError} if the source has no such stock, {RetryableError} if no collector answers, or the source
 * does not
 */
export const createWait =
  ({ series, store }: { readonly series: string; readonly store: Pick<Store, 'keyValues' | 'signals' | 'bars'> }) =>
  async (symbol: string, onProgress: (progress: Progress) => void): Promise<void> => {
    const isHistoryFetched = createHistoryFetched(store.keyValues, series)
    const key = keyOf(series, symbol)
    let heardAt = performance.now()
    let heard: string | null = null
    for (;;) {
      if (await isHistoryFetched(symbol)) {
        if ((await store.signals.judgedUntil(series, symbol)) !== null) return
        onProgress({ phase: 'train', bars: await store.bars.count(series, symbol), done: 0, total: 1 })
      }
      const text = await store.keyValues.get(key)
      if (text !== heard) heardAt = performance.now()
      heard = text
      const told = text === null ? null : (JSON.parse(text) as Told)
      if (told && 'progress' in told) onProgress(told.progress)
      if (told && 'unknown' in told) {
        await store.keyValues.remove(key)
        throw new UnknownSymbolError(symbol)
      }
      if (performance.now() - heardAt > UNANSWERED_MS)
        throw new RetryableError(
          told && 'problem' in told
            ? told.problem
            : 'no collector or detector answers; the watch is kept, and its history comes when they run',
        )
      await sleep(ASK_EVERY_MS)
    }
  }

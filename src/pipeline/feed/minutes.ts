import type { Interval } from '../../model/time/interval.ts'
import type { ChangesDetection } from '../changes/detection.ts'
import { createHistoryFetched } from '../run/history-fetched.ts'
import type { BarSource, ChangesSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'

/** What the feed watch asks of a series, whatever its minutes hold. Times are starts of minutes that had a trade. */
export interface FeedMinutes {
  /** End of the minutes that the source has answered for; null while the symbol's history is being fetched. */
  answeredUntil(symbol: string): Promise<number | null>
  /** The newest, oldest first. */
  newest(symbol: string, count: number): Promise<number[]>
  /** Asks the source itself whether there was a trade. @throws what the source throws */
  traded(symbol: string, interval: Interval, signal: AbortSignal): Promise<boolean>
}

export const createBarsFeedMinutes = ({
  source,
  store,
}: {
  source: BarSource
  store: Pick<Store, 'bars' | 'keyValues'>
}): FeedMinutes => {
  const { series } = source
  const isHistoryFetched = createHistoryFetched(store.keyValues, series)
  return {
    async answeredUntil(symbol) {
      const coverage = await store.bars.coverage(series, symbol)
      return coverage !== null && (await isHistoryFetched(symbol)) ? coverage.to : null
    },
    async newest(symbol, count) {
      return (await store.bars.last(series, symbol, count, Number.MAX_SAFE_INTEGER)).map((bar) => bar.openTime)
    },
    traded: async (symbol, interval, signal) => (await source.fetchBars(symbol, interval, signal)).length > 0,
  }
}

/** Of the old system's rows, which stay where they are: what has been judged is what has been answered. */
export const createChangesFeedMinutes = ({
  source,
  store,
  detection,
}: {
  source: ChangesSource
  store: Pick<Store, 'signals'>
  detection: Pick<ChangesDetection, 'newest'>
}): FeedMinutes => ({
  answeredUntil: (symbol) => store.signals.judgedUntil(source.series, symbol),
  newest: async (symbol, count) => detection.newest(symbol, count),
  async traded(symbol, { from, to }, signal) {
    return (await source.fetchRows(symbol, from, signal)).some(({ openTime }) => openTime < to)
  },
})

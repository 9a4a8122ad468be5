import type { FeedMinutes } from '../feed/minutes.ts'
import { createHistoryFetched } from '../run/history-fetched.ts'
import type { BarSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'

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

import type { FeedMinutes } from '../feed/minutes.ts'
import { createHistoryFetched } from '../run/history-fetched.ts'
import type { BarSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import { type Positions, TAIL } from './positions.ts'

interface Dependencies {
  readonly source: BarSource
  readonly store: Pick<Store, 'bars' | 'keyValues'>
  readonly positions: Pick<Positions, 'of'>
}

/** The feed of bars: a minute counts as answered once the symbol's coverage holds it. */
export const createBarsFeedMinutes = ({ source, store, positions }: Dependencies): FeedMinutes => {
  const { series } = source
  const isHistoryFetched = createHistoryFetched(store.keyValues, series)
  return {
    async answeredUntil(symbol) {
      if (!(await isHistoryFetched(symbol))) return null
      return (await positions.of(symbol))?.coverage.to ?? null
    },
    async newest(symbol, count) {
      const bars =
        count <= TAIL
          ? ((await positions.of(symbol))?.tail ?? []).slice(-count)
          : await store.bars.last(series, symbol, count, Number.MAX_SAFE_INTEGER)
      return bars.map(({ openTime }) => openTime)
    },
    traded: async (symbol, interval, signal) => (await source.fetchBars(symbol, interval, signal)).length > 0,
  }
}

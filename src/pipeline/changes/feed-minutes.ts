import type { FeedMinutes } from '../feed/minutes.ts'
import type { ChangesSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { ChangesDetection } from './detection.ts'

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

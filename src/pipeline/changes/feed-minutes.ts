import type { FeedMinutes } from '../feed/minutes.ts'
import type { ChangesSource } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { ChangesDetection } from './detection.ts'

/** The feed of the old system's rows. They are not stored, so a minute counts as answered once it is judged. */
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

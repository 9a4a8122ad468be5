import type { SeriesKeeper } from '../run/pipeline.ts'
import type { ChangesDetection } from './detection.ts'

/** The old system's rows: they stay in their table, and are judged by its own two features. */
export const createChangesKeeper = (detection: ChangesDetection): SeriesKeeper => ({
  // The table is the history.
  fetchHistory: async () => {},
  async learn(symbol, tell, signal) {
    const { have } = await detection.state(symbol, signal)
    tell({ phase: 'train', bars: have, done: 0, total: 1 })
    await detection.run(symbol, signal)
  },
  catchUp: (symbol, signal) => detection.run(symbol, signal),
  // Centers are fitted when a session's first look is taken.
  train: async () => {},
  forget: (symbol) => detection.forget(symbol),
})

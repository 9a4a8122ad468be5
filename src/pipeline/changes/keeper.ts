import type { SeriesKeeper } from '../run/pipeline.ts'
import type { ChangesDetection } from './detection.ts'

/** Judges the old system's rows by its own two features. The rows stay in their table and are not stored. */
export const createChangesKeeper = (detection: ChangesDetection): SeriesKeeper => ({
  // The table is the history.
  fetchHistory: async () => {},
  async learn(symbol, tell, signal) {
    const { have } = await detection.state(symbol, signal)
    tell({ phase: 'train', bars: have, done: 0, total: 1 })
    await detection.run(symbol, signal)
  },
  catchUp: (symbol, signal) => detection.run(symbol, signal),
  // Centers are fitted with a session's first run.
  train: async () => {},
  forget: (symbol) => detection.forget(symbol),
})

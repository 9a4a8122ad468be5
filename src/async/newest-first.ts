/**
 * Runs work one after another. Of what waits, the newest goes first: a person's question overtakes the thousands of
 * stocks that queue up at a start.
 */
export const createNewestFirst = () => {
  const waiting: (() => void)[] = []
  let running = false
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running) await new Promise<void>((resolve) => waiting.push(resolve))
    running = true
    try {
      return await work()
    } finally {
      const next = waiting.pop()
      if (next) next()
      else running = false
    }
  }
}

import { RetryableError } from '../errors.ts'

interface Waiting<T> {
  readonly item: T
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * Runs items in groups: all that are handed in while one group runs, or within one turn of the event loop, form the
 * next. Groups run one after another. If a group fails for a reason that is not time's, its items run again one by one,
 * so that one bad item fails alone.
 */
export const createGroup = <T>(run: (items: readonly T[]) => Promise<void>): ((item: T) => Promise<void>) => {
  let waiting: Waiting<T>[] = []
  let running = false

  const runGroup = async (group: readonly Waiting<T>[]): Promise<void> => {
    try {
      await run(group.map(({ item }) => item))
      for (const { resolve } of group) resolve()
    } catch (error) {
      if (group.length === 1 || error instanceof RetryableError) for (const { reject } of group) reject(error)
      else for (const single of group) await runGroup([single])
    }
  }
  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      await runGroup(group)
    }
    running = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (running) return
      running = true
      setImmediate(() => void drain())
    })
}

/**
 * Makes a function that runs the work, one run at a time: calls during a run are answered together by one more.
 *
 * @returns a function that resolves after a run that began after its call
 */
export const createCoalesced = (work: () => Promise<void>): (() => Promise<void>) => {
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null
  const begin = (): Promise<void> => {
    const run = work().finally(() => {
      running = null
    })
    running = run
    return run
  }
  return () => {
    if (running === null) return begin()
    next ??= running
      .catch(() => {})
      .then(() => {
        next = null
        return begin()
      })
    return next
  }
}

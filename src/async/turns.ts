/**
 * Lets callers go on one by one, in the order in which they ask. A caller's work goes on until it waits for something
 * outside the process; then the next caller follows. After `ms` milliseconds of such work the event loop comes first:
 * timers and sockets wait no longer than that, however many callers there are.
 */
export const createTurns = (ms: number): (() => Promise<void>) => {
  const waiting: (() => void)[] = []
  let running = false

  const run = async (): Promise<void> => {
    for (let end = 0; waiting.length > 0; ) {
      if (performance.now() >= end) {
        await new Promise(setImmediate)
        end = performance.now() + ms
      }
      waiting.shift()!()
      // Node runs this after all promises that can settle without the event loop.
      await new Promise<void>((resolve) => process.nextTick(resolve))
    }
    running = false
  }
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (running) return
      running = true
      void run()
    })
}

/** The smallest step of a stock's price, learned from its bars: now and then a price lies on half a tick, and that is no smaller step. */
export interface Tick {
  /** Two prices of one minute, or of two neighbouring ones. */
  learn(a: number, b: number): void
  /** The session is over. */
  turn(): void
  /** Nothing that was learned holds any more. */
  clear(): void
  /** In the price's unit; 0 while no price has moved. */
  readonly size: number
}

/** Part of a session's steps that may be smaller than the tick: one bar in twenty has a price on half a tick, and most steps of a coarse stock are one tick. */
const FINER = 0.2

/** A tick of which nothing is known: a fifth of the last session's steps are smaller; in the first session those so far tell. */
export const createTick = (): Tick => {
  let steps = new Float64Array(1024)
  let count = 0
  /** Of the last session with a step. */
  let size = 0
  /** Steps at which a first session is looked through again: each time they have doubled. */
  let lookAt = 1
  const look = () => {
    const sorted = steps.slice(0, count).sort()
    size = sorted[Math.floor(FINER * count)]!
  }
  let first = true
  return {
    learn(a, b) {
      const step = Math.abs(a - b)
      if (step === 0) return
      if (count === steps.length) {
        const longer = new Float64Array(2 * count)
        longer.set(steps)
        steps = longer
      }
      steps[count++] = step
      if (first && count >= lookAt) {
        look()
        lookAt = 2 * count
      }
    },
    turn() {
      if (count > 0) {
        look()
        first = false
      }
      count = 0
    },
    clear() {
      count = 0
      size = 0
      lookAt = 1
      first = true
    },
    get size() {
      return size
    },
  }
}

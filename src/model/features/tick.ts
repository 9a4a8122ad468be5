import { nthSmallest } from './nth-smallest.ts'
import type { Stateful } from './state-tape.ts'

/**
 * Learns the smallest step of a stock's price from its bars. A price now and then on half a tick makes it no smaller.
 */
export interface Tick extends Stateful {
  /** Learns from two prices of one minute, or of two neighbouring ones. */
  learn(a: number, b: number): void
  /** Ends the session. */
  turn(): void
  /** Forgets everything, because the scale of prices has changed. */
  clear(): void
  /** In the price's unit; 0 while no price has moved. */
  readonly size: number
}

/**
 * This part of a session's steps may be smaller than the tick: one bar in twenty has a price on half a tick, and most
 * steps of a coarse stock are one tick.
 */
const FINER = 0.2

/**
 * A tick before its first price. It is the step that a fifth of the last session's steps are smaller than; during the
 * first session, of the steps so far.
 */
export const createTick = (): Tick => {
  let steps = new Float64Array(1024)
  let count = 0
  /** The tick of the last session with a step. */
  let size = 0
  /**
   * During the first session the tick is measured again each time the number of steps has doubled: next at this many.
   */
  let measureAt = 1
  const measure = () => {
    size = nthSmallest(steps.subarray(0, count), Math.floor(FINER * count))
  }
  let first = true
  const makeRoom = (places: number) => {
    const longer = new Float64Array(places)
    longer.set(steps)
    steps = longer
  }
  return {
    learn(a, b) {
      const step = Math.abs(a - b)
      if (step === 0) return
      if (count === steps.length) makeRoom(1.5 * count)
      steps[count++] = step
      if (first && count >= measureAt) {
        measure()
        measureAt = 2 * count
      }
    },
    turn() {
      if (count > 0) {
        measure()
        first = false
      }
      count = 0
    },
    clear() {
      count = 0
      size = 0
      measureAt = 1
      first = true
    },
    get size() {
      return size
    },
    carry(tape) {
      count = tape.number(count)
      size = tape.number(size)
      measureAt = tape.number(measureAt)
      first = tape.number(first ? 1 : 0) === 1
      if (count > steps.length) makeRoom(count)
      tape.column(steps.subarray(0, count))
    },
  }
}

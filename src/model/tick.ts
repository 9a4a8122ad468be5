/** The smallest step of a stock's price, learned from its bars: prices on half ticks, a few a day, are no smaller step. */
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

/** Steps as small as this one must have been seen in a session. */
const SEEN = 3

/** A tick of which nothing is known: the third smallest step of the session or of the one before, whichever is smaller. */
export const createTick = (): Tick => {
  /** The smallest steps of the session, smallest first; a longer list is never needed. */
  let steps: number[] = []
  let before = 0
  const now = () => steps.at(-1) ?? 0
  return {
    learn(a, b) {
      const step = Math.abs(a - b)
      if (step === 0 || (steps.length === SEEN && step >= steps[SEEN - 1]!)) return
      let at = steps.length
      while (at > 0 && steps[at - 1]! > step) at--
      steps.splice(at, 0, step)
      if (steps.length > SEEN) steps.pop()
    },
    turn() {
      before = now()
      steps = []
    },
    clear() {
      before = 0
      steps = []
    },
    get size() {
      const size = now()
      return size === 0 || before === 0 ? size + before : Math.min(size, before)
    },
  }
}

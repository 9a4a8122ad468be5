/**
 * Counts the real milliseconds that the process has been running since the first call; the count never goes back. A
 * clock that is set back adds nothing; a leap (a machine that slept) adds at most `longestLeapMs`.
 */
export const createRunningTime = (now: () => number, longestLeapMs: number): (() => number) => {
  let last: number | null = null
  let running = 0
  return () => {
    const present = now()
    if (last !== null) running += Math.min(Math.max(0, present - last), longestLeapMs)
    last = present
    return running
  }
}

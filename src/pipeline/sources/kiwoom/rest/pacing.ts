import { unlessAborted } from '../../../../async/time-limits.ts'
import { sleep } from '../wait.ts'

export interface PaceClock {
  /** Monotonic, milliseconds. */
  now(): number
  sleep(ms: number, signal: AbortSignal): Promise<void>
}

export interface Pacing {
  /**
   * Resolves when a call of this api-id may go. Calls of one api-id go in the order in which they came; an aborted call
   * gives up its place.
   */
  take(apiId: string, signal: AbortSignal): Promise<void>
  /** Holds back the calls of this api-id for a while, because Kiwoom has refused one. */
  pause(apiId: string, ms: number): void
}

interface Bucket {
  tokens: number
  filledAt: number
  notBefore: number
  line: Promise<unknown>
}

const realClock: PaceClock = { now: () => performance.now(), sleep }

/**
 * Keeps one token bucket for each api-id, and a least time between any two calls. A library's sliding window would do
 * for the rate alone, but a refused call must hold back the calls that already wait, and a cancelled call must leave
 * the line.
 */
export const createPacer = (
  { perApiMs, burst, anyCallMs }: { perApiMs: number; burst: number; anyCallMs: number },
  clock: PaceClock = realClock,
): Pacing => {
  const buckets = new Map<string, Bucket>()
  let lastCall = -Infinity

  const bucketOf = (apiId: string): Bucket => {
    let bucket = buckets.get(apiId)
    if (!bucket) {
      bucket = { tokens: burst, filledAt: clock.now(), notBefore: -Infinity, line: Promise.resolve() }
      buckets.set(apiId, bucket)
    }
    return bucket
  }

  const refill = (bucket: Bucket) => {
    const now = clock.now()
    if (perApiMs > 0) bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.filledAt) / perApiMs)
    else bucket.tokens = burst
    bucket.filledAt = now
  }

  const turn = async (bucket: Bucket, signal: AbortSignal) => {
    for (;;) {
      signal.throwIfAborted()
      refill(bucket)
      const now = clock.now()
      const missing = bucket.tokens >= 1 ? 0 : (1 - bucket.tokens) * perApiMs
      const wait = Math.max(missing, bucket.notBefore - now, lastCall + anyCallMs - now)
      if (wait <= 0) break
      await clock.sleep(Math.ceil(wait), signal)
    }
    bucket.tokens -= 1
    lastCall = clock.now()
  }

  return {
    take(apiId, signal) {
      const bucket = bucketOf(apiId)
      const mine = bucket.line.then(() => turn(bucket, signal))
      bucket.line = mine.catch(() => undefined)
      // An aborted caller leaves the line at once; its place is given up when its turn comes.
      return unlessAborted(mine, signal)
    },
    pause(apiId, ms) {
      const bucket = bucketOf(apiId)
      bucket.notBefore = Math.max(bucket.notBefore, clock.now() + ms)
    },
  }
}

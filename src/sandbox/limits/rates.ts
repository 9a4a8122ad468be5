export interface Rate {
  readonly limit: number
  readonly perMs: number
}

export interface Verdict {
  readonly allowed: boolean
  readonly limit: number
  readonly remaining: number
  readonly resetAfterMs: number
}

/** Limits a program's requests over all routes together. */
export const GLOBAL_RATE: Rate = { limit: 50, perMs: 1_000 }

/** Counts requests in windows of fixed length. A window opens with its first request, like a bucket of Discord. */
export class RateLimits {
  private readonly windows = new Map<string, { opened: number; used: number }>()
  private readonly now: () => number
  constructor(now: () => number) {
    this.now = now
  }

  take(key: string, rate: Rate): Verdict {
    const time = this.now()
    if (this.windows.size > 5_000) this.sweep(time)
    const open = this.windows.get(key)
    const window = open && time - open.opened < rate.perMs ? open : { opened: time, used: 0 }
    this.windows.set(key, window)
    const allowed = window.used < rate.limit
    if (allowed) window.used += 1
    return {
      allowed,
      limit: rate.limit,
      remaining: rate.limit - window.used,
      resetAfterMs: Math.max(1, window.opened + rate.perMs - time),
    }
  }

  private sweep(time: number): void {
    for (const [key, window] of this.windows) if (time - window.opened > 60_000) this.windows.delete(key)
  }
}

import { setTimeout } from 'node:timers/promises'

/** Sleeps; rejects with the signal's reason, not with an AbortError, as soon as the signal is aborted. */
export const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  setTimeout(ms, undefined, { signal }).catch(() => {
    throw signal.reason
  })

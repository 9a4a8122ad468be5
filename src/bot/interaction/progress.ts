import type { Log } from '../../log.ts'
import { loggable } from '../discord/api-errors.ts'

/** Shows how far slow work is, without more edits than Discord likes. */
export interface ProgressLine {
  /** Shown when the last one was shown and long enough ago; else left out, since a newer one follows. */
  report(text: string): void
  /** Resolves once no edit is on its way, so that the answer comes last. */
  settled(): Promise<void>
}

/**
 * How many seconds the rest takes at the pace of this run, or null until it has done anything. What the first report finds done is an earlier run's, and
 * took this one no time.
 */
export const createTimeLeft = (): ((at: { done: number; total: number; seconds: number }) => number | null) => {
  let before: number | null = null
  return ({ done, total, seconds }) => {
    before ??= done
    return done > before ? (seconds / (done - before)) * (total - done) : null
  }
}

interface Options {
  readonly show: (text: string) => Promise<unknown>
  readonly everyMs: number
  /** Any clock in milliseconds that never goes back. */
  readonly now: () => number
  readonly log: Log
}

export const createProgressLine = ({ show, everyMs, now, log }: Options): ProgressLine => {
  let shownAt = Number.NEGATIVE_INFINITY
  let running: Promise<unknown> | null = null
  return {
    report(text) {
      if (running !== null || now() - shownAt < everyMs) return
      shownAt = now()
      running = show(text)
        .catch((error) => log.warn({ err: loggable(error) }, 'progress could not be shown')) // the answer itself will say what is wrong
        .finally(() => {
          running = null
        })
    },
    async settled() {
      await running
    },
  }
}

import type { Log } from '../../log.ts'
import { loggable } from '../discord/api-errors.ts'

/** Shows the progress of slow work with few enough edits for Discord's rate limit. */
export interface ProgressLine {
  /** Shows the text, unless an edit is under way or the last one was too recent. A newer text follows anyway. */
  report(text: string): void
  /** Resolves once no edit is under way, so that the answer comes last. */
  idle(): Promise<void>
}

/**
 * Estimates the seconds that the rest takes at the pace of this run, or null before it has done anything. The steps
 * that are done at the first report belong to an earlier run and do not count.
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
        // The answer itself reports the problem to the person.
        .catch((error) => log.warn({ err: loggable(error) }, 'progress could not be shown'))
        .finally(() => {
          running = null
        })
    },
    async idle() {
      await running
    },
  }
}

import cron from 'node-cron'
import type { Log } from '../log.ts'
import { SetupError } from './errors.ts'

/** A named job: one run at a time, on a node-cron expression in Seoul's time zone. */
export interface Pass {
  readonly name: string
  readonly at: string
  run(signal: AbortSignal): Promise<void>
}

export interface Schedule {
  /** Stops firing, tells the running passes, and waits for them to end. */
  stop(): Promise<void>
}

/**
 * Starts the passes. A pass that is still running when its next turn comes skips that turn. A pass that throws is logged and runs again at its next
 * turn; what the operator must do is one sentence, said once for as long as it is the same.
 */
export const startSchedule = (passes: readonly Pass[], log: Log): Schedule => {
  const controller = new AbortController()
  const running = new Set<Promise<void>>()
  /** What the operator was last told of a pass, until it runs again. */
  const told = new Map<string, string>()
  const fail = (pass: string, error: unknown): void => {
    if (!(error instanceof SetupError)) log.error({ pass, err: error }, 'pass failed')
    else if (told.get(pass) !== error.message) {
      told.set(pass, error.message)
      log.error({ pass, problem: error.message }, 'pass cannot run')
    }
  }
  // A turn that was missed, because the machine slept or a pass took long, is made up by the next one: nobody needs a line for each.
  const note = (message: string | Error) => log.debug({ scheduler: String(message) }, 'schedule')
  const quiet = { info: note, warn: note, debug: note, error: (message: string | Error) => log.error({ err: message }, 'schedule failed') }
  const tasks = passes.map((pass) =>
    cron.schedule(
      pass.at,
      async () => {
        if (controller.signal.aborted) return
        const run = pass.run(controller.signal).then(
          () => void told.delete(pass.name),
          (error: unknown) => {
            if (!controller.signal.aborted) fail(pass.name, error)
          },
        )
        running.add(run)
        await run
        running.delete(run)
      },
      { name: pass.name, timezone: 'Asia/Seoul', noOverlap: true, suppressMissedWarning: true, logger: quiet },
    ),
  )
  return {
    async stop() {
      controller.abort()
      await Promise.all(tasks.map((task) => task.destroy()))
      await Promise.all(running)
    },
  }
}

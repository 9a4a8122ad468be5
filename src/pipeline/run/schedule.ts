import cron, { type ScheduledTask } from 'node-cron'
import { SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'

/** Longest time between two readings of the clock: notices soon that the machine slept or that its clock was set. */
const LONGEST_WAIT_MS = 1_000
/** If the clock goes back by less than this, the schedule waits for it. */
const SET_BACK_MS = 1_000
/** A turn that was held up is still taken within this time; later it is skipped. */
const STILL_DUE_MS = 30_000

/** A named job: one run at a time, on a node-cron expression in Seoul's time zone. */
export interface Pass {
  readonly name: string
  readonly at: string
  run(signal: AbortSignal): Promise<void>
}

export interface Schedule {
  /** Stops firing, aborts the running passes, and waits for them to end. */
  stop(): Promise<void>
}

/**
 * Starts the passes. A pass that is still running when its next turn comes skips that turn. A pass that throws is
 * logged and runs again at its next turn; a SetupError is logged as one sentence, once for as long as it stays the
 * same.
 */
export const startSchedule = (passes: readonly Pass[], log: Log): Schedule => {
  const controller = new AbortController()
  const running = new Set<Promise<void>>()
  /** Last logged SetupError by pass; removed when the pass succeeds. */
  const logged = new Map<string, string>()
  const fail = (pass: string, error: unknown): void => {
    if (!(error instanceof SetupError)) log.error({ pass, err: error }, 'pass failed')
    else if (logged.get(pass) !== error.message) {
      logged.set(pass, error.message)
      log.error({ pass, problem: error.message }, 'pass cannot run')
    }
  }
  const note = (message: string | Error) => log.debug({ scheduler: String(message) }, 'schedule')
  const quiet = {
    info: note,
    warn: note,
    debug: note,
    error: (message: string | Error) => log.error({ err: message }, 'schedule failed'),
  }
  const turns = passes.map((pass) => {
    const start = async (): Promise<void> => {
      const run = Promise.try(() => pass.run(controller.signal)).then(
        () => void logged.delete(pass.name),
        (error: unknown) => {
          if (!controller.signal.aborted) fail(pass.name, error)
        },
      )
      running.add(run)
      await run
      running.delete(run)
    }
    return createTurn(cron.createTask(pass.at, start, { name: pass.name, timezone: 'Asia/Seoul', logger: quiet }))
  })

  // node-cron's own timer walks through every turn that a sleep has missed, and stands still after a clock is set back.
  let checkedAt = Date.now()
  let timer: NodeJS.Timeout
  const check = (): void => {
    const present = Date.now()
    const setBack = checkedAt - present > SET_BACK_MS
    checkedAt = present
    for (const turn of turns) turn.check(present, setBack)
    const next = Math.min(...turns.map((turn) => turn.at))
    timer = setTimeout(check, Math.min(LONGEST_WAIT_MS, Math.max(1, next - Date.now())))
  }
  check()
  return {
    async stop() {
      controller.abort()
      clearTimeout(timer)
      await Promise.all(turns.map((turn) => turn.end()))
      await Promise.all(running)
    },
  }
}

/** The task's next turn by the present clock. Missed turns are not made up, except one that has just passed. */
const createTurn = (task: ScheduledTask) => {
  const next = () => task.getNextRuns(1)[0]?.getTime() ?? Number.POSITIVE_INFINITY
  let at = next()
  let busy = false
  const take = async (): Promise<void> => {
    busy = true
    await task.execute()
    busy = false
  }
  return {
    get at() {
      return at
    },
    check(present: number, setBack: boolean): void {
      const due = at
      if (present < due && !setBack) return
      at = next()
      if (!busy && present >= due && present - due <= STILL_DUE_MS) void take()
    },
    end: () => task.destroy(),
  }
}

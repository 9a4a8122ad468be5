import cron, { type ScheduledTask } from 'node-cron'
import { SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'

/** The clock is looked at so often at least: a machine that slept, or was told another time, is noticed soon. */
const LONGEST_WAIT_MS = 1_000
/** A clock that goes back by less is waited for. */
const SET_BACK_MS = 1_000
/** A turn that something else held up is taken for so long after its time. */
const STILL_DUE_MS = 30_000

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
        () => void told.delete(pass.name),
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

  // node-cron's own timer walks, one by one, through every turn that a sleep has missed, and waits a clock that was set back out.
  let lookedAt = Date.now()
  let timer: NodeJS.Timeout
  const look = (): void => {
    const present = Date.now()
    const setBack = lookedAt - present > SET_BACK_MS
    lookedAt = present
    for (const turn of turns) turn.look(present, setBack)
    const next = Math.min(...turns.map((turn) => turn.at))
    timer = setTimeout(look, Math.min(LONGEST_WAIT_MS, Math.max(1, next - Date.now())))
  }
  look()
  return {
    async stop() {
      controller.abort()
      clearTimeout(timer)
      await Promise.all(turns.map((turn) => turn.end()))
      await Promise.all(running)
    },
  }
}

/** When a task runs next, by the clock as it stands: of turns that were missed none is made up but one that has just been. */
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
    look(present: number, setBack: boolean): void {
      const due = at
      if (present < due && !setBack) return
      at = next()
      if (!busy && present >= due && present - due <= STILL_DUE_MS) void take()
    },
    end: () => task.destroy(),
  }
}

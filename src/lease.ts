import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from './errors.ts'
import type { Log } from './log.ts'
import type { LeaseStore } from './pipeline/store/contract.ts'

/** A holder that has not renewed its lease for so long has lost it to whoever waits. */
const EXPIRES_MS = 15_000
const RENEW_MS = 4_000

/** A task that this process alone does, for as long as it holds the lease. */
export interface Lease {
  /** The task's name. */
  readonly name: string
  /** Resolves, with a sentence for the operator, if another process has taken the task. */
  readonly lost: Promise<SetupError>
  release(): Promise<void>
}

interface Parts {
  readonly leases: LeaseStore
  /** Names of tasks, of which one is enough. */
  readonly names: readonly string[]
  /** The process that does such a task, for the operator: `another minutewatch works on MariaDB …`. */
  readonly other: string
  readonly log: Log
}

/** This process's name among the holders of leases. */
export const holderName = (): string => `${hostname()} ${process.pid} ${randomUUID()}`

/**
 * Waits until this process holds one of the leases, and renews it from then on. A holder on this machine whose process
 * has ended, however it did, is succeeded at once; any other within about twenty seconds of its end.
 *
 * @throws the signal's reason if it is aborted while other processes hold them
 */
export const holdLease = async ({ leases, names, other, log }: Parts, stop: AbortSignal): Promise<Lease> => {
  const holder = holderName()
  const takeOne = async (): Promise<string | null> => {
    for (const name of names) {
      const dead = await endedHolder(leases, name)
      if ((await leases.take(name, holder, EXPIRES_MS, dead)) !== null) return name
    }
    return null
  }
  let name = await takeOne()
  if (name === null) {
    const holders = await Promise.all(names.map((each) => leases.holder(each)))
    log.warn({ holders }, `${other}: this one waits, and takes over when it ends`)
    while (name === null) {
      await sleep(RENEW_MS, undefined, { signal: stop }).catch(() => stop.throwIfAborted())
      name = await takeOne()
    }
  }
  const held = name
  const { promise: lost, resolve: lose } = Promise.withResolvers<SetupError>()
  const renew = async (): Promise<void> => {
    if ((await leases.take(held, holder, EXPIRES_MS)) === null)
      lose(
        new SetupError(
          `another process has taken over (${held}) while this one did not answer for ${EXPIRES_MS / 1_000} s: this one ends`,
        ),
      )
  }
  const timer = setInterval(() => {
    // While the database is away nobody else can take the lease either.
    renew().catch((error: unknown) => log.warn({ err: error }, 'lease not renewed'))
  }, RENEW_MS)
  timer.unref()
  return {
    name: held,
    lost,
    async release() {
      clearInterval(timer)
      await leases.release(held, holder).catch((error: unknown) => log.warn({ err: error }, 'lease not given back'))
    },
  }
}

/** Waits while any process holds a lease whose name begins like one of these. */
export const untilFree = async (
  leases: LeaseStore,
  prefixes: readonly string[],
  other: string,
  log: Log,
  stop: AbortSignal,
): Promise<void> => {
  for (let told = false; ; told = true) {
    const held = (await Promise.all(prefixes.map((prefix) => leases.held(prefix)))).flat()
    if (held.length === 0) return
    if (!told) log.warn({ held }, `${other}: this one waits until it ends`)
    await sleep(RENEW_MS, undefined, { signal: stop }).catch(() => stop.throwIfAborted())
  }
}

/** Runs a pass in one process at a time: in the one that got the task first, and in another once that has ended. */
export const inOneProcess = (
  leases: LeaseStore,
  name: string,
  run: (signal: AbortSignal) => Promise<void>,
): ((signal: AbortSignal) => Promise<void>) => {
  const holder = holderName()
  return async (signal) => {
    if ((await leases.take(name, holder, EXPIRES_MS)) !== null) await run(signal)
  }
}

/** The holder, if it is a process of this machine that has ended. */
const endedHolder = async (leases: LeaseStore, name: string): Promise<string | undefined> => {
  const holder = await leases.holder(name)
  const [machine, pid] = holder?.split(' ') ?? []
  if (holder === null || machine !== hostname()) return undefined
  if (Number(pid) === process.pid) return holder // an earlier process, as in a container that starts again
  try {
    process.kill(Number(pid), 0)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH' ? holder : undefined
  }
}

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
  /** Resolves, with a sentence for the operator, if another process has taken the task. */
  readonly lost: Promise<SetupError>
  release(): Promise<void>
}

interface Parts {
  readonly leases: LeaseStore
  readonly name: string
  /** The database's name for the operator. */
  readonly description: string
  readonly log: Log
}

/**
 * Waits until this process holds the lease, and renews it from then on. A holder on this machine whose process has
 * ended, however it did, is succeeded at once; any other within about twenty seconds of its end.
 *
 * @throws the signal's reason if it is aborted while another process holds the lease
 */
export const holdLease = async ({ leases, name, description, log }: Parts, stop: AbortSignal): Promise<Lease> => {
  const holder = `${hostname()} ${process.pid} ${randomUUID()}`
  const take = async () => leases.take(name, holder, EXPIRES_MS, await endedHolder(leases, name))
  if ((await take()) === null) {
    log.warn(
      { database: description, holder: await leases.holder(name) },
      'another minutewatch works on this database: this one waits, and takes over when it ends',
    )
    do await sleep(RENEW_MS, undefined, { signal: stop }).catch(() => stop.throwIfAborted())
    while ((await take()) === null)
  }
  const { promise: lost, resolve: lose } = Promise.withResolvers<SetupError>()
  const renew = async (): Promise<void> => {
    const mine = await leases.take(name, holder, EXPIRES_MS)
    if (mine === null)
      lose(
        new SetupError(
          `another minutewatch has taken over ${description} while this one did not answer for ${EXPIRES_MS / 1_000} s: this one ends`,
        ),
      )
  }
  const timer = setInterval(() => {
    // While the database is away nobody else can take the lease either.
    renew().catch((error: unknown) => log.warn({ err: error }, 'lease not renewed'))
  }, RENEW_MS)
  timer.unref()
  return {
    lost,
    async release() {
      clearInterval(timer)
      await leases.release(name, holder).catch((error: unknown) => log.warn({ err: error }, 'lease not given back'))
    },
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

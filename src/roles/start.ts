import type { Client } from 'discord.js'
import { endsWithin } from '../async/time-limits.ts'
import type { Config } from '../config.ts'
import type { SetupError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { AnySource } from '../pipeline/sources/index.ts'
import type { Store } from '../pipeline/store/contract.ts'
import type { Sandbox } from '../sandbox/index.ts'

/** What a role starts with. */
export interface Start {
  readonly config: Config
  readonly store: Store
  readonly log: Log
  /** Aborted when the process is stopped while it starts. */
  readonly stop: AbortSignal
  /** The started parts, which are ended in reverse order. */
  readonly parts: AsyncDisposableStack
}

/** A role that runs. */
export interface Started {
  readonly source: AnySource
  /** Null in a role that does not talk to Discord. */
  readonly client: Client | null
  /** The local Discord; null if a token names the real one. */
  readonly sandbox: Sandbox | null
  /** Symbols that the first start watches by itself; empty later. */
  readonly firstWatched: readonly string[]
  /** Address of `/health` and `/metrics`; null if they are not served. */
  readonly healthUrl: string | null
  /** Resolves when the process can do nothing more, with an error that says what the operator must do. */
  readonly ended: Promise<SetupError>
}

/** Longest wait at the end for work that is under way. */
const LONGEST_END_MS = 1_500

/** Waits for work that ends, and leaves it if it takes too long. */
export const leave = async (what: string, ending: Promise<void>, log: Log): Promise<void> => {
  if (!(await endsWithin(LONGEST_END_MS, ending)))
    log.info({ what, waitMs: LONGEST_END_MS }, 'did not end in time and is left: the next start goes on with it')
}

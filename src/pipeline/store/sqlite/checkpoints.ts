import { once } from 'node:events'
import type { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'

/** Pages of the log that are worth a checkpoint, 32 MB: a page that many commits change is written once for them. */
const WORTH_PAGES = 8_192
/** After this the connection merges by itself, in the middle of a commit: the log must not grow without an end. */
const MOST_PAGES = 4 * WORTH_PAGES
/** Time after a commit until the log is looked at, so that the commits of one pass are over. */
const LOOK_AFTER_MS = 1_000

const THREAD = new URL('./checkpoint-thread.ts', import.meta.url)
const HEAP = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 24 } as const

/**
 * Merges the write-ahead log into the file beside the program. A checkpoint waits for the disk, and inside a commit it
 * would hold up everything else for some tenths of a second.
 */
export interface Checkpoints {
  /** To be called after each commit. */
  committed(): void
  /** Waits for the running checkpoint. */
  close(): Promise<void>
}

export const createCheckpoints = (database: DatabaseSync, path: string): Checkpoints => {
  database.exec(`pragma wal_autocheckpoint = ${MOST_PAGES}`)
  let timer: NodeJS.Timeout | null = null
  let running: Promise<unknown> = Promise.resolve()

  const run = async (): Promise<void> => {
    const thread = new Worker(THREAD, { workerData: path, resourceLimits: HEAP })
    await once(thread, 'exit')
  }
  const look = async (): Promise<void> => {
    try {
      const { log, checkpointed } = pagesOf(database)
      if (log - checkpointed >= WORTH_PAGES) await run()
    } catch {
      // A checkpoint that fails loses nothing. Its cause stops commits too, and these report it.
    }
    timer = null
  }
  return {
    committed() {
      timer ??= setTimeout(() => {
        running = look()
      }, LOOK_AFTER_MS).unref()
    },
    async close() {
      if (timer) clearTimeout(timer)
      await running
    },
  }
}

/** Pages of the log, and how many of them are merged; −1 while another connection merges. */
const pagesOf = (database: DatabaseSync) =>
  database.prepare('pragma wal_checkpoint(noop)').get() as { log: number; checkpointed: number }

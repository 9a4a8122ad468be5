import { DatabaseSync } from 'node:sqlite'

/**
 * Takes a lock that one process at a time can have: an exclusive lock on an empty file, which the operating system
 * releases however the process ends.
 *
 * @returns a function that releases it, or null if another process has it
 */
export const claim = (path: string): (() => void) | null => {
  const lock = new DatabaseSync(path, { timeout: 0 })
  try {
    lock.exec('pragma journal_mode = memory; begin exclusive') // nothing is written: no journal beside it
    return () => lock.close()
  } catch (error) {
    lock.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return null
    throw error
  }
}

const SQLITE_BUSY = 5

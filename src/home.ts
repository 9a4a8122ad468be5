import { mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { claim } from './claim.ts'
import type { Config } from './config.ts'
import { SetupError } from './errors.ts'
import { parsePlace } from './pipeline/store/url.ts'
import { openSandbox, PortError, type Sandbox } from './sandbox/index.ts'

/** The embedded database's file, or its usual place beside a MariaDB; null if the database is in memory. */
export const homeFile = (config: Config): string | null => {
  const place = parsePlace(config.DATABASE_URL)
  if (place.engine === 'mariadb') return resolve('data/minutewatch.db')
  return place.path === ':memory:' ? null : place.path
}

/** True if processes of other machines or folders can use the same database: a lease in it tells them apart. */
export const isShared = (config: Config): boolean => parsePlace(config.DATABASE_URL).engine === 'mariadb'

/** Claims the home folder: two processes on one embedded database or one local Discord would post everything twice. */
export const claimHome = (config: Config, description: string): (() => void) => {
  const home = homeFile(config)
  const shared = config.DATABASE_URL.startsWith('sqlite:')
  if (home === null || (!shared && config.DISCORD_TOKEN !== undefined)) return () => {}
  makeFolder(dirname(home))
  const release = claim(`${home}.lock`)
  if (release !== null) return release
  throw new SetupError(
    shared
      ? `DATABASE_URL names ${description}, which another minutewatch is using: stop that one, or name another file.`
      : `another minutewatch is running with the local Discord in ${dirname(home)}: stop that one, or start this one in another folder.`,
  )
}

/**
 * Opens the local Discord with its state beside the embedded database, so that one folder holds a whole demonstration.
 */
export const openHomeSandbox = async (config: Config): Promise<Sandbox> => {
  const home = homeFile(config)
  const statePath = home === null ? null : join(dirname(home), 'local-discord')
  if (statePath !== null) makeFolder(statePath)
  return openSandbox({ port: config.SANDBOX_PORT, statePath }).catch((error: unknown) => {
    if (error instanceof PortError) throw new SetupError(error.message, { cause: error })
    throw unwritable(error) ?? error
  })
}

const makeFolder = (folder: string): void => writing(() => void mkdirSync(folder, { recursive: true }))

const writing = <T>(work: () => T): T => {
  try {
    return work()
  } catch (error) {
    throw unwritable(error) ?? error
  }
}

/** A SetupError if the file system refused to write; null for any other error. */
const unwritable = (error: unknown): SetupError | null => {
  if (!(error instanceof Error && 'code' in error && 'path' in error)) return null
  return new SetupError(
    `${error.path} cannot be written (${error.code}): let this user write there, or start in another folder.`,
    {
      cause: error,
    },
  )
}

import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { TestContext } from 'vitest'

/**
 * Real data lies beside the repository, never in it: in the folder that MINUTEWATCH_DATA names, else in
 * `../shared/data`.
 */
const FOLDER = resolve(process.env.MINUTEWATCH_DATA || join(import.meta.dirname, '../../../shared/data'))

export const dataFile = (name: string): string => join(FOLDER, name)

/** Path of a recording. The test is skipped, and says so, if it is not there. */
export const recorded = (name: string, { skip }: Pick<TestContext, 'skip'>): string => {
  const path = dataFile(name)
  if (!existsSync(path)) skip(`${name} is not there: set MINUTEWATCH_DATA to the folder that holds it`)
  return path
}

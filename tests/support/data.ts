import { join, resolve } from 'node:path'

/** Real data lies beside the repository, never in it: in the folder that MINUTEWATCH_DATA names, else in `../shared/data`. */
export const dataFile = (name: string): string =>
  join(process.env.MINUTEWATCH_DATA ?? resolve(import.meta.dirname, '../../../shared/data'), name)

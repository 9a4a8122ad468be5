import { setTimeout as sleep } from 'node:timers/promises'
import { withPatience } from '../async/time-limits.ts'
import { RetryableError } from '../errors.ts'
import { CHANGE_FEATURES } from '../model/changes/rows.ts'
import { nearest } from '../model/clusters/clusters.ts'
import type { Centers } from '../model/detector/centers.ts'
import { MINUTE } from '../model/time/bar.ts'
import { KST_OFFSET } from '../model/time/session.ts'
import { createBridgeDatabase } from '../pipeline/sources/bridge/database.ts'
import { openTrainingset, type TimedRow } from '../pipeline/sources/bridge/trainingset.ts'
import type { Terminal } from './terminal.ts'

/** Time between two reads of the table, and how far back each read looks for late rows. */
const EVERY_MS = 5_000
const LATE = 10 * MINUTE
const PATIENCE_MS = 30_000

interface Options {
  readonly url: string
  readonly setting: string
  readonly table: string
  readonly json: boolean
}

/**
 * Judges the old table's new rows as they come, by its own two features, and prints a line a row with its cluster. A
 * row is printed under the minute in which the change happened, one after the minute that the table files it under.
 * Runs until it is stopped, and waits for a server that is away for a while.
 */
export const followTable = async (
  fitted: Centers,
  since: number,
  options: Options,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<void> => {
  const { url, setting, table, json } = options
  const centroids = fitted.clusters.map(({ center }) => CHANGE_FEATURES.map((name) => center[name] ?? 0))
  const database = createBridgeDatabase(url, setting)
  const told = new Set<number>()
  let newest = since
  const tell = ({ filedTime, perPrice, perVolume }: TimedRow): void => {
    const { index } = nearest([perPrice, perVolume], centroids)
    const abnormal = fitted.clusters[index]?.abnormal ?? false
    const time = new Date(filedTime + MINUTE + KST_OFFSET).toISOString().replace('.000Z', '+09:00')
    if (json)
      terminal.json({
        symbol: fitted.symbol,
        time,
        per_price: perPrice,
        per_volume: perVolume,
        cluster: index,
        abnormal,
      })
    else
      terminal.line(
        `${time}  cluster ${index + 1}  ${abnormal ? 'abnormal' : 'ordinary'}  per_price ${perPrice}  per_volume ${perVolume}`,
      )
  }
  const look = async (patience: AbortSignal): Promise<void> => {
    const signal = AbortSignal.any([stop, patience])
    const rows = await (await openTrainingset(database, table, signal)).newRows(fitted.symbol, newest - LATE, signal)
    const now = Date.now()
    for (const row of rows) {
      const { filedTime } = row
      // A row of the future is a mistake of the table; going on from its minute would skip all rows until then.
      if (filedTime <= since || filedTime > now || told.has(filedTime)) continue
      told.add(filedTime)
      newest = Math.max(newest, filedTime)
      tell(row)
    }
    for (const time of told) if (time < newest - LATE) told.delete(time)
  }
  try {
    while (!stop.aborted) {
      try {
        await withPatience(PATIENCE_MS, `${setting}: ${table}`, look)
      } catch (error) {
        if (stop.aborted) break
        if (!(error instanceof RetryableError)) throw error
        terminal.problem(error.message)
      }
      await sleep(EVERY_MS, undefined, { signal: stop }).catch(() => {})
    }
  } finally {
    await database.close()
  }
}

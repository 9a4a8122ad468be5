import type { Detector } from '../../model/detector/detector.ts'
import type { Stateful } from '../../model/features/state-tape.ts'

/** Minutes remembered: more than a session, or the widest chart of an alert. */
const REMEMBERED = 512

/** The usual volume and move of a symbol's newest minutes, in columns: 12 KB a symbol. */
export interface RecentUsual extends Stateful {
  /** Adds the newest minute; null while nothing is usual yet. */
  add(openTime: number, usual: Detector['usual']): void
  /** The minutes from a time on, by their start; null if they reach back further than what is remembered. */
  since(from: number): ReadonlyMap<number, Detector['usual']> | null
}

/** @param start - time of the first minute that will be added, or of any before it */
export const createRecentUsual = (start: number): RecentUsual => {
  const times = new Float64Array(REMEMBERED)
  const volumes = new Float64Array(REMEMBERED)
  const moves = new Float64Array(REMEMBERED)
  let count = 0
  return {
    add(openTime, usual) {
      const at = count++ % REMEMBERED
      times[at] = openTime
      volumes[at] = usual?.volume ?? Number.NaN
      moves[at] = usual?.move ?? Number.NaN
    },
    since(from) {
      const oldest = count > REMEMBERED ? times[count % REMEMBERED]! : start
      if (oldest > from) return null
      const found = new Map<number, Detector['usual']>()
      for (let n = Math.max(0, count - REMEMBERED); n < count; n++) {
        const at = n % REMEMBERED
        const [time, volume, move] = [times[at]!, volumes[at]!, moves[at]!]
        if (time >= from) found.set(time, Number.isNaN(volume) ? null : { volume, move })
      }
      return found
    },
    carry(tape) {
      count = tape.number(count)
      for (const column of [times, volumes, moves]) tape.column(column.subarray(0, Math.min(count, REMEMBERED)))
    },
  }
}

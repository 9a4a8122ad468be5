import { MINUTE } from '../../../model/time/bar.ts'
import { type Calendar, KST_OFFSET } from '../../../model/time/session.ts'

/** A row may come this late, or a quiet table have none for this long, before its collector is suspected. */
const LATE = 30 * MINUTE

/** The doctor's finding about a table, from its newest minute; `newest` is null if the table has none. */
export const freshness = (
  table: string,
  newest: number | null,
  { now, calendar }: { readonly now: number; readonly calendar: Calendar },
): { readonly ok: boolean; readonly message: string } => {
  if (newest === null)
    return { ok: false, message: `${table} has no row yet: nothing can be watched until the collector writes one` }
  const session = calendar.lastSession(now - LATE)
  const ok = newest > Math.min(now, session.close) - LATE
  const at = new Date(newest + KST_OFFSET).toISOString().slice(0, 16).replace('T', ' ')
  const advice = ok ? '' : ': look whether the collector runs and which database it writes to'
  return { ok, message: `newest row of ${table} is of ${at} KST, ${age(now - newest)} old${advice}` }
}

const age = (ms: number): string => {
  const minutes = Math.floor(ms / MINUTE)
  const [count, unit] =
    minutes < 120
      ? [minutes, 'minute']
      : minutes < 2880
        ? [Math.floor(minutes / 60), 'hour']
        : [Math.floor(minutes / 1440), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

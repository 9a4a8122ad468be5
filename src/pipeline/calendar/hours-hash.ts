import { createHash } from 'node:crypto'
import type { Interval } from '../../model/time/interval.ts'
import type { Calendar } from '../../model/time/session.ts'
import { nextKnownSession } from './known-days.ts'

/** A SHA-256 in hex of every session that has a minute in the interval: equal only if the same minutes count. */
export const hoursHash = (calendar: Calendar, { from, to }: Interval): string => {
  const hash = createHash('sha256')
  for (
    let session = calendar.sessionAt(from) ?? nextKnownSession(calendar, from);
    session !== null && session.open < to;
    session = nextKnownSession(calendar, session.open)
  )
    hash.update(`${session.open} ${session.continuousEnd} ${session.closingBar} ${session.close}\n`)
  return hash.digest('hex')
}

import { MINUTE, minuteOf } from '../../../../model/time/bar.ts'
import type { Interval } from '../../../../model/time/interval.ts'
import type { Calendar } from '../../../../model/time/session.ts'

/** Every minute of the interval at which a bar may start, oldest first. */
export const sessionMinutes = (calendar: Calendar, { from, to }: Interval): number[] => {
  const newestFirst: number[] = []
  const add = (openTime: number) => {
    if (openTime >= from && openTime < to) newestFirst.push(openTime)
  }
  for (let session = calendar.lastSession(to - 1); ; session = calendar.lastSession(session.open - 1)) {
    if (session.closingBar !== null) add(session.closingBar)
    const last = Math.min(session.continuousEnd - MINUTE, minuteOf(to))
    for (let openTime = last; openTime >= Math.max(session.open, from); openTime -= MINUTE) add(openTime)
    if (session.open <= from) return newestFirst.reverse()
  }
}

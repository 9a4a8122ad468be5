import { continuousSlots } from '../../src/model/features/minute-index.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import type { Calendar, Session } from '../../src/model/time/session.ts'

/** The places of bars on a clock that runs only while the market trades. */
export interface TradingMinutes {
  /** Trading minutes since the first bar's session began. */
  readonly index: Float64Array
  /** 1 for the first bar of a session, 0 for every other; always 0 in a market that does not close. */
  readonly opens: Uint8Array
}

/** @param bars - oldest first, inside sessions */
export const tradingMinutes = (bars: readonly Bar[], calendar: Calendar): TradingMinutes => {
  const closes = calendar.name !== '24h'
  const index = new Float64Array(bars.length)
  const opens = new Uint8Array(bars.length)
  const minutesOf = (session: Session) => continuousSlots(session) + (closes ? 1 : 0)
  let session: Session | null = null
  let base = 0
  bars.forEach(({ openTime }, i) => {
    if (!session || openTime >= session.close) {
      opens[i] = Number(closes)
      const entered = calendar.sessionAt(openTime)
      if (!entered)
        throw new RangeError(`bar at ${new Date(openTime).toISOString()} is outside the sessions of ${calendar.name}`)
      for (let between = session; between && between.open < entered.open; between = calendar.nextSession(between.open))
        base += minutesOf(between)
      session = entered
    }
    index[i] = base + Math.min(continuousSlots(session), (openTime - session.open) / MINUTE)
  })
  return { index, opens }
}

import { UnknownSymbolError } from '../../../errors.ts'
import { type Bar, DAY, MINUTE } from '../../../model/time/bar.ts'
import { KST_OFFSET, type Session } from '../../../model/time/session.ts'
import { createWeekdayCalendar } from '../../calendar/plain.ts'
import { dateOfDay, dayOfDate } from '../../calendar/sessions.ts'
import { createRunningTime } from '../running-time.ts'
import type { BarSource } from '../source.ts'
import { createSimulatedDays, SIMULATED_EPOCH } from './days.ts'
import { FIRST_START_MINUTE, simulatedEvent } from './events.ts'
import { createMarketClock } from './market-clock.ts'
import { sessionBars } from './session-bars.ts'
import { SIMULATED_STOCKS } from './stocks.ts'

export interface SimulatedSourceOptions {
  readonly seed: number
  /** The series; another seed is another market. */
  readonly series?: string
  /** Market minutes in a real minute; 30 shows a session in thirteen minutes. */
  readonly speed: number
  /** The wall clock. */
  readonly now: () => number
  /** The newest stored minute: the market does not move while nobody runs it. Null starts it anew. */
  readonly startAt: number | null
  /**
   * The first lively session (`YYYY-MM-DD`): the `liveFrom` of the first start, so that the past is the same after a
   * restart.
   */
  readonly liveFrom?: string | null
}

export interface SimulatedSource extends BarSource {
  /** The first lively session (`YYYY-MM-DD`). */
  readonly liveFrom: string
}

/** The market stays closed this long between two sessions, in real time. */
const CLOSED_MS = 20_000
/** After a sleep of the machine the clock goes on where it stopped, and does not race through the missed time. */
const LONGEST_LEAP_MS = 5 * 60_000
/** The number of computed sessions that stay in memory; every pass asks for the running one again. */
const MOST_CACHED = 256

/** The seed of the market if the operator sets none. */
export const DEFAULT_SEED = 38530

export const simulatedSeries = (seed: number): string => (seed === DEFAULT_SEED ? 'simulated' : `simulated:${seed}`)

/**
 * A made-up market that follows KRX's day. Its bars are a pure function of seed, symbol and date (and of the date from
 * which it is lively), so history is the same again without being stored.
 */
export const createSimulatedSource = ({
  seed,
  series = simulatedSeries(seed),
  speed,
  now,
  startAt,
  liveFrom: given = null,
}: SimulatedSourceOptions): SimulatedSource => {
  if (!Number.isSafeInteger(seed)) throw new RangeError(`seed is ${seed}, expected a whole number`)
  if (!(speed > 0 && speed < Infinity)) throw new RangeError(`speed is ${speed}, expected a number above 0`)
  const calendar = createWeekdayCalendar()
  const begin = startAt === null ? firstStart(now(), calendar) : startAt + MINUTE
  const liveFrom = given ?? calendar.lastSession(begin).date
  const clock = createMarketClock(calendar, createRunningTime(now, LONGEST_LEAP_MS), {
    speed,
    closedMs: CLOSED_MS,
    startAt: begin,
  })
  const market = new Map(
    SIMULATED_STOCKS.map((stock) => [stock.listing.symbol, { stock, days: createSimulatedDays(seed, stock) }]),
  )
  const epoch = dayOfDate(SIMULATED_EPOCH) * DAY - KST_OFFSET
  const cache = new Map<string, Bar[]>()

  const barsOf = (symbol: string, session: Session): Bar[] => {
    const key = `${symbol} ${session.date}`
    const cached = cache.get(key)
    if (cached !== undefined) return cached
    const listed = market.get(symbol)
    const day = listed?.days(session.date) ?? null
    const bars =
      listed === undefined || day === null
        ? []
        : sessionBars(
            seed,
            listed.stock,
            session,
            day,
            simulatedEvent(seed, listed.stock, session.date, liveFrom),
            series,
          )
    cache.set(key, bars)
    const [oldest] = cache.keys()
    if (cache.size > MOST_CACHED && oldest !== undefined) cache.delete(oldest)
    return bars
  }

  return {
    name: 'simulated',
    kind: 'bars',
    series,
    provenance: { kind: 'simulated' },
    calendar,
    capacity: SIMULATED_STOCKS.length,
    collectAt: '* * * * * *',
    speed,
    sessionsPerFetch: 60,
    historySessions: 20,
    liveFrom,
    now: clock,
    async listings(signal) {
      signal.throwIfAborted()
      return SIMULATED_STOCKS.map(({ listing }) => listing)
    },
    async fetchBars(symbol, interval, signal) {
      signal.throwIfAborted()
      if (!market.has(symbol)) throw new UnknownSymbolError(symbol)
      const from = Math.max(interval.from, epoch)
      const to = Math.min(interval.to, clock() - MINUTE + 1)
      const pieces: Bar[][] = []
      for (let at = to - 1; at >= from; ) {
        const session = calendar.lastSession(at)
        if (session.close <= from) break
        pieces.push(barsOf(symbol, session).filter((bar) => bar.openTime >= from && bar.openTime < to))
        at = session.open - 1
      }
      return pieces.reverse().flat()
    },
    async open(signal) {
      signal.throwIfAborted()
    },
    async close() {
      cache.clear()
    },
  }
}

/** The middle of the morning of the last session before today, so that the market begins with a past. */
const firstStart = (wall: number, calendar: BarSource['calendar']): number => {
  const today = dateOfDay(Math.floor((wall + KST_OFFSET) / DAY))
  return calendar.lastSession(dayOfDate(today) * DAY - KST_OFFSET - 1).open + FIRST_START_MINUTE * MINUTE
}

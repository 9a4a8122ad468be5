import { RetryableError } from '../../../../errors.ts'
import type { Log } from '../../../../log.ts'
import { type Bar, DAY } from '../../../../model/time/bar.ts'
import type { Interval } from '../../../../model/time/interval.ts'
import type { Calendar } from '../../../../model/time/session.ts'
import { tradedInSession } from '../../valid-bars.ts'
import { kstDate, kstDayStart, kstText } from '../numbers.ts'
import type { Rest } from './rest.ts'
import { lostVolume, type ReadRow, readRows } from './rows.ts'

export interface ChartBars {
  /** Oldest first. */
  readonly bars: Bar[]
  /** True if Kiwoom's running volume explains every one of them, so that a minute without a bar had no trade. */
  readonly whole: boolean
}

export interface Chart {
  /**
   * Reads the closed bars of the interval. The caller makes sure that the whole interval lies in the past.
   *
   * @throws {RetryableError} when the answer has no rows that can be read, or breaks off in the middle of today
   */
  bars(symbol: string, interval: Interval, signal: AbortSignal): Promise<ChartBars>
}

interface Settings {
  readonly rest: Rest
  readonly calendar: Calendar
  readonly series: string
  /** The ending of a code that names the market: nothing, `_NX` or `_AL`. */
  readonly suffix: string
  readonly now: () => number
  readonly log: Log
}

/** A page of this many rows is full, whatever its header says about more. */
const FULL_PAGE = 900
/** About three months of minutes: nothing asks for more at once, and a chart that pages in circles is left. */
const MAX_PAGES = 40

interface Reading {
  readonly rows: ReadRow[]
  readonly problems: string[]
  /** True if Kiwoom could not go back as far as asked. */
  readonly endsEarly: boolean
}

const NO_LIST = 'the answer has no list of rows'

/** Reads minute bars over REST (ka10080). */
export const createMinuteChart = ({ rest, calendar, series, suffix, now, log }: Settings): Chart => {
  const page = async (symbol: string, baseDate: string | null, nextKey: string | null, signal: AbortSignal) => {
    const body = {
      stk_cd: `${symbol}${suffix}`,
      tic_scope: '1',
      upd_stkpc_tp: '1',
      ...(baseDate === null ? {} : { base_dt: baseDate }),
    }
    const answer = await rest.call({ apiId: 'ka10080', path: '/api/dostk/chart', body, symbol, nextKey }, signal)
    const list = answer.body?.stk_min_pole_chart_qry
    if (answer.body && !Array.isArray(list)) return { wire: [], problems: [NO_LIST], nextKey: null }
    return { wire: (list ?? []) as unknown[], problems: [], nextKey: answer.nextKey }
  }

  /** Reads backwards from the interval's last day until its first minute is reached or Kiwoom has no more. */
  const read = async (symbol: string, { from, to }: Interval, signal: AbortSignal): Promise<Reading> => {
    const wire: unknown[] = []
    const problems: string[] = []
    let baseDate = kstDate(to - 1) === kstDate(now()) ? null : kstDate(to - 1)
    let nextKey: string | null = null
    let oldest = Infinity
    let brokenOff = false
    let stuck = 0
    for (let pages = 0; pages < MAX_PAGES; pages++) {
      const part = await page(symbol, baseDate, nextKey, signal)
      wire.push(...part.wire)
      problems.push(...part.problems)
      const first = readRows(part.wire).rows[0]
      const further = first !== undefined && first.openTime < oldest
      if (further) {
        oldest = first.openTime
        brokenOff = startsWithin(first)
      }
      if (oldest <= from || oldest === Infinity) break
      nextKey = further ? part.nextKey : null
      if (nextKey !== null) continue
      if (part.nextKey === null && part.wire.length < FULL_PAGE && !brokenOff) break
      // After a full page whose header knows no next one, a page that breaks off in mid-day, or a next one that leads
      // in circles, the chart is asked by date.
      stuck = further ? 0 : stuck + 1
      if (stuck === 2) return { ...joined(wire, problems), endsEarly: true }
      baseDate = kstDate(stuck === 0 ? oldest : kstDayStart(oldest) - DAY)
    }
    return { ...joined(wire, problems), endsEarly: false }
  }

  return {
    async bars(symbol, interval, signal) {
      let reading = await read(symbol, interval, signal)
      const before = complaintOf(reading, interval)
      if (before) {
        log.info({ venue: series, symbol, ...before }, 'kiwoom chart is not whole, reading it again')
        reading = await read(symbol, interval, signal)
      }
      const { rows, problems, endsEarly } = reading
      const complaint = before && complaintOf(reading, interval)
      const [first] = rows
      if (first === undefined && before)
        throw new RetryableError(
          `Kiwoom's chart of ${symbol} cannot be read (${problems[0] ?? 'its rows do not come again'}); ` +
            'it is asked for again later',
        )
      if (first && first.openTime > interval.from && startsWithin(first) && kstDate(first.openTime) === kstDate(now()))
        throw new RetryableError(
          `Kiwoom's chart of ${symbol} breaks off before ${kstText(first.openTime)}, ` +
            'although more was traded that day; it is asked for again later',
        )
      if (complaint)
        log.warn({ venue: series, symbol, ...complaint }, 'kiwoom chart is still not whole, the good rows are kept')
      if (endsEarly)
        log.warn({ venue: series, symbol, from: kstText(interval.from) }, 'kiwoom gives no bars further back')
      const receivedAt = now()
      const asked = rows.filter(({ openTime }) => openTime >= interval.from && openTime < interval.to)
      const bars = tradedInSession(asked, calendar).map(
        ({ accumulated, ...row }): Bar => ({ series, symbol, ...row, receivedAt }),
      )
      return { bars, whole: complaint === null && !endsEarly }
    },
  }
}

/** True if shares were traded that day before the row, by the row's running volume. */
const startsWithin = ({ accumulated, volume }: ReadRow): boolean => accumulated !== null && accumulated > volume

const joined = (wire: readonly unknown[], problems: readonly string[]) => {
  const { rows, problems: refused } = readRows(wire)
  return { rows, problems: [...problems, ...refused] }
}

/** The problems of a reading inside the interval, as fields of a log line; null if it is whole. */
const complaintOf = ({ rows, problems }: Reading, { from, to }: Interval): Record<string, unknown> | null => {
  const lost = lostVolume(rows).filter(({ openTime }) => openTime >= from && openTime < to)
  const first = lost[0]
  const [oldest] = rows
  const brokenOff = oldest !== undefined && oldest.openTime > from && startsWithin(oldest)
  if (!first && problems.length === 0 && !brokenOff) return null
  return {
    ...(brokenOff
      ? { breaksOffBefore: kstText(oldest.openTime), shares: (oldest.accumulated ?? 0) - oldest.volume }
      : {}),
    ...(first ? { lostBars: lost.length, before: kstText(first.openTime), shares: first.shares } : {}),
    ...(problems.length > 0 ? { refusedRows: problems.length, problem: problems[0] } : {}),
  }
}

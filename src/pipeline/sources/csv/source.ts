import { basename } from 'node:path'
import { SetupError, UnknownSymbolError } from '../../../errors.ts'
import { type Bar, MINUTE } from '../../../model/time/bar.ts'
import type { Interval } from '../../../model/time/interval.ts'
import type { Calendar } from '../../../model/time/session.ts'
import { anySymbol } from '../../../model/time/symbol.ts'
import { type BarsFile, describeBarsFile, readBarsCsv } from '../../bars-file/read.ts'
import { createKrxCalendar } from '../../calendar/krx.ts'
import type { CalendarOverrides } from '../../calendar/overrides.ts'
import { createDayCalendar } from '../../calendar/plain.ts'
import { createRunningTime } from '../running-time.ts'
import type { BarSource } from '../source.ts'
import { tradedInSession } from '../valid-bars.ts'
import { createReplayClock, tradingTimes } from './clock.ts'

export interface CsvSourceOptions {
  readonly path: string
  /** The series of the bars; two files are two markets. */
  readonly series?: string
  /** Market minutes in a real minute; with `max` the clock is at the file's end at once. */
  readonly speed: number | 'max'
  readonly hours: 'krx' | '24h'
  /** The wall clock. */
  readonly now: () => number
  /** The newest stored minute, at which an earlier run of the same file stopped. */
  readonly resumeAt: number | null
  /** The operator's corrections of the KRX calendar. */
  readonly overrides?: CalendarOverrides
  /** The symbol of every row, for a file that does not name it. */
  readonly symbol?: string | null
  /** Called with a sentence about each of the first rows that were left out or put right. */
  readonly report?: (sentence: string) => void
}

/** After a sleep of the machine the clock goes on where it stopped, and does not race through the missed time. */
const LONGEST_LEAP_MS = 5 * 60_000

/** The series of a replayed file: `csv:` and the file's name without its endings. */
export const replaySeries = (path: string): string =>
  `csv:${basename(path)
    .replace(/\.(csv|csv\.gz)$/i, '')
    .slice(0, 60)}`

/**
 * Replays a file of bars as if it happened now: the market's clock runs fast through the file and jumps over silences.
 */
export const createCsvSource = (options: CsvSourceOptions): BarSource => {
  const { path, series = replaySeries(options.path), speed, hours, now, resumeAt, report = () => {} } = options
  if (speed !== 'max' && !(speed > 0 && speed < Infinity))
    throw new RangeError(`speed is ${speed}, expected a number above 0, or max`)
  const calendar =
    hours === '24h'
      ? createDayCalendar()
      : createKrxCalendar(options.overrides === undefined ? {} : { overrides: options.overrides })
  let loaded: { barsBySymbol: ReadonlyMap<string, readonly Bar[]>; first: number; clock: () => number } | null = null
  const file = () => {
    if (loaded === null) throw new Error(`the csv source of ${path} is not open, expected open() before`)
    return loaded
  }

  return {
    name: 'csv',
    kind: 'bars',
    series,
    provenance: { kind: 'replay' },
    calendar,
    collectAt: '* * * * * *',
    speed: speed === 'max' ? Number.POSITIVE_INFINITY : speed,
    sessionsPerFetch: 60,
    get capacity() {
      return file().barsBySymbol.size
    },
    get historySessions() {
      return sessionsBetween(calendar, file().first, file().clock())
    },
    now: () => file().clock(),
    async open(signal) {
      if (path === '') throw new SetupError('CSV_FILE is not set: name the file of bars to replay (.csv or .csv.gz)')
      const read = await readBarsCsv(path, {
        signal,
        series,
        symbol: options.symbol ?? null,
        ...(hours === '24h' ? { parseSymbol: anySymbol } : {}),
      }).catch((error: unknown) => {
        throw error instanceof SetupError ? new SetupError(`CSV_FILE: ${error.message}`, { cause: error }) : error
      })
      const barsBySymbol = new Map<string, readonly Bar[]>()
      let outside = 0
      for (const [symbol, bars] of read.bars) {
        const inside = tradedBars(bars, calendar, path)
        outside += bars.length - inside.length
        if (inside.length > 0) barsBySymbol.set(symbol, inside)
      }
      if (barsBySymbol.size === 0) throw new SetupError(`CSV_FILE: ${nothingToReplay(read, path, hours)}`)
      for (const sentence of describeBarsFile(read)) report(sentence)
      if (outside > 0)
        report(
          `${basename(path)}: ${outside} rows were left out: without a trade, or outside the market's hours (${hours})`,
        )
      const times = tradingTimes(barsBySymbol.values())
      const first = times[0]!.from
      if (resumeAt !== null && resumeAt >= times.at(-1)!.to - MINUTE)
        report(`${basename(path)}: its last minute was replayed before; the clock stands at its end`)
      const running = createRunningTime(now, LONGEST_LEAP_MS)
      const startAt = resumeAt === null ? null : resumeAt + MINUTE
      loaded = {
        barsBySymbol,
        first,
        clock: createReplayClock(times, running, speed === 'max' ? Infinity : speed, startAt),
      }
    },
    async close() {
      loaded = null
    },
    async listings(signal) {
      signal.throwIfAborted()
      return [...file().barsBySymbol.keys()].map((symbol) => ({
        symbol,
        name: symbol,
        nameEn: null,
        market: 'CSV',
        warnings: [],
        nxtTradable: null,
      }))
    },
    async fetchBars(symbol, { from, to }: Interval, signal) {
      signal.throwIfAborted()
      const { barsBySymbol, clock } = file()
      const bars = barsBySymbol.get(symbol)
      if (bars === undefined) throw new UnknownSymbolError(symbol)
      return bars.slice(firstAtOrAfter(bars, from), firstAtOrAfter(bars, Math.min(to, clock() - MINUTE + 1)))
    },
  }
}

/** @throws {SetupError} that names the file, when the calendar does not know a bar's year */
const tradedBars = (bars: readonly Bar[], calendar: Calendar, path: string): Bar[] => {
  try {
    return tradedInSession(bars, calendar)
  } catch (cause) {
    if (cause instanceof SetupError) throw new SetupError(`CSV_FILE: ${path}: ${cause.message}`, { cause })
    throw cause
  }
}

const nothingToReplay = (read: BarsFile, path: string, hours: 'krx' | '24h'): string => {
  const [problem] = read.problems
  if (read.bars.size === 0 && problem !== undefined)
    return `no row of ${path} could be read; the first: ${problem.message}`
  const wider = hours === 'krx' ? ' (CSV_HOURS=24h takes any hour)' : ''
  return `${path} has no usable bar: expected trades inside the market's hours, ${hours}${wider}`
}

/** Index of the first bar with `openTime ≥ time`. */
const firstAtOrAfter = (bars: readonly Bar[], time: number): number => {
  let low = 0
  let high = bars.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (bars[middle]!.openTime < time) low = middle + 1
    else high = middle
  }
  return low
}

/** The number of sessions in `[from, to]`, at least one, so that a replay that has just begun has a session to show. */
const sessionsBetween = (calendar: Calendar, from: number, to: number): number => {
  let sessions = 1
  for (let session = calendar.lastSession(to); session.open > from; session = calendar.lastSession(session.open - 1))
    sessions++
  return sessions
}

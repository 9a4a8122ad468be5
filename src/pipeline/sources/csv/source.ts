import { basename } from 'node:path'
import { SetupError, UnknownSymbolError } from '../../../errors.ts'
import { type Bar, MINUTE } from '../../../model/time/bar.ts'
import type { Interval } from '../../../model/time/interval.ts'
import { type Calendar, isSessionMinute } from '../../../model/time/session.ts'
import { anySymbol } from '../../../model/time/symbol.ts'
import { type BarsFile, describeBarsFile, readBarsCsv } from '../../bars-file/read.ts'
import { createKrxCalendar } from '../../calendar/krx.ts'
import type { CalendarOverrides } from '../../calendar/overrides.ts'
import { createDayCalendar } from '../../calendar/plain.ts'
import { createRunningTime } from '../running-time.ts'
import type { BarSource } from '../source.ts'
import { createReplayClock, stretchesOf } from './clock.ts'

export interface CsvSourceOptions {
  readonly path: string
  /** The barsBySymbol; two files are two markets. */
  readonly series?: string
  /** Market minutes in a real minute; `max` has the whole file at once. */
  readonly speed: number | 'max'
  readonly hours: 'krx' | '24h'
  /** The wall clock. */
  readonly now: () => number
  /** Newest stored minute: where an earlier run of the same file stopped. */
  readonly resumeAt: number | null
  /** Late notices for the KRX calendar. */
  readonly overrides?: CalendarOverrides
  /** Where a file with one stock does not name it. */
  readonly symbol?: string | null
  /** Gets a sentence about each of the first rows that were left out or put right. */
  readonly tell?: (sentence: string) => void
}

/** A process that slept goes on where it stopped, and does not race through what it missed. */
const LONGEST_LEAP_MS = 5 * 60_000

/** The barsBySymbol of a replayed file: its name without the endings. */
export const replaySeries = (path: string): string =>
  `csv:${basename(path)
    .replace(/\.(csv|csv\.gz)$/i, '')
    .slice(0, 60)}`

/** Replays a file of bars as if it happened now: the market's clock runs through the file, faster than real, and jumps over silences. */
export const createCsvSource = (options: CsvSourceOptions): BarSource => {
  const { path, series = replaySeries(options.path), speed, hours, now, resumeAt, tell = () => {} } = options
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
        const inside = bars.filter((bar) => bar.volume > 0 && isInside(calendar, bar.openTime, path))
        outside += bars.length - inside.length
        if (inside.length > 0) barsBySymbol.set(symbol, inside)
      }
      if (barsBySymbol.size === 0) throw new SetupError(`CSV_FILE: ${nothingToReplay(read, path, hours)}`)
      for (const sentence of describeBarsFile(read)) tell(sentence)
      if (outside > 0)
        tell(
          `${basename(path)}: ${outside} rows were left out: without a trade, or outside the market's hours (${hours})`,
        )
      const stretches = stretchesOf(barsBySymbol.values())
      const first = stretches[0]!.from
      if (resumeAt !== null && resumeAt >= stretches.at(-1)!.to - MINUTE)
        tell(`${basename(path)}: its last minute was replayed before; the clock stands at its end`)
      const running = createRunningTime(now, LONGEST_LEAP_MS)
      const startAt = resumeAt === null ? null : resumeAt + MINUTE
      loaded = {
        barsBySymbol,
        first,
        clock: createReplayClock(stretches, running, speed === 'max' ? Infinity : speed, startAt),
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

const isInside = (calendar: Calendar, openTime: number, path: string): boolean => {
  try {
    return isSessionMinute(calendar, openTime)
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

/** At least one, so that a replay that has just begun has a session to show. */
const sessionsBetween = (calendar: Calendar, from: number, to: number): number => {
  let sessions = 1
  for (let session = calendar.lastSession(to); session.open > from; session = calendar.lastSession(session.open - 1))
    sessions++
  return sessions
}

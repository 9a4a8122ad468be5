import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Config } from '../config.ts'
import { SetupError } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Bar, MINUTE } from '../model/time/bar.ts'
import { type Calendar, isSessionMinute } from '../model/time/session.ts'
import { krxSymbol } from '../model/time/symbol.ts'
import { readBarsCsv } from '../pipeline/bars-file/read.ts'
import { loadKrxCalendar } from '../pipeline/calendar/krx.ts'
import { openStore } from '../pipeline/store/index.ts'
import { symbolOf } from './series.ts'
import { counted, type Terminal } from './terminal.ts'

/** Bad rows that are printed one by one; the rest are counted. */
const TOLD = 20

type Series = readonly [symbol: string, bars: readonly Bar[]]

interface Options {
  readonly file: string
  readonly venue: string
  readonly symbol?: string
  readonly json?: boolean
}

/**
 * Stores the good bars of a file, symbol by symbol, each whole or not at all; prints every bad row by line and column.
 */
export const importBars = async (
  { file, venue: series, symbol: text, json }: Options,
  config: Config,
  log: Log,
  terminal: Terminal,
): Promise<void> => {
  const symbol = text === undefined ? null : symbolOf(text)
  const read = await readBarsCsv(file, { series, symbol })
  for (const { message } of [...read.problems.slice(0, TOLD), ...read.notes.slice(0, TOLD)]) terminal.problem(message)
  if (read.bad > TOLD) terminal.problem(`… and ${read.bad - TOLD} more rows that could not be read`)
  const named = [...read.bars].filter(([name]) => symbol === null || name === symbol)
  if (read.bars.size === 0) throw new SetupError(`${file}: no row could be read, nothing was kept`)
  if (named.length === 0) throw new SetupError(`${file} has no bars of ${symbol}, nothing was kept`)
  const now = Date.now()
  const writtenAt = read.form === 'opt10080' ? (await stat(file)).mtimeMs : null
  const closed = kept(
    named,
    (bar) => bar.openTime + MINUTE <= now && !(writtenAt !== null && isForming(bar, writtenAt)),
  )
  const calendar = await loadKrxCalendar(config.CALENDAR_FILE ?? null)
  const wanted = kept(closed, (bar) => mayTrade(bar, calendar, file))
  const leave = (rows: number, why: string): number => {
    if (rows > 0) terminal.problem(`${basename(file)}: ${counted(rows, 'row')} left out: ${why}`)
    return rows
  }
  const leftOut =
    leave(sum(named) - sum(closed), `the minute had not closed yet${inFuture(named, now)}`) +
    leave(sum(closed) - sum(wanted), "outside the market's hours (krx)")
  if (sum(wanted) === 0) throw new SetupError(`${file}: no row is a closed minute of the market, nothing was kept`)
  const store = await openStore(config.DATABASE_URL, { log })
  try {
    let news = 0
    for (const [name, bars] of wanted) {
      const [first, last] = [bars[0], bars.at(-1)]
      if (!first || !last) continue
      const before = await store.bars.coverage(series, name)
      if (before && (first.openTime > before.to || last.openTime + MINUTE < before.from))
        terminal.problem(
          `${name}: between these bars and those kept before lie minutes that now count as without a trade; import them too`,
        )
      const covered = {
        from: Math.min(first.openTime, before?.to ?? first.openTime),
        to: Math.max(last.openTime + MINUTE, before?.from ?? 0),
      }
      const fresh = await store.bars.save(series, name, bars, covered)
      news += fresh.length
      if (json)
        terminal.json({
          symbol: name,
          venue: series,
          rows: bars.length,
          new: fresh.length,
          from: first.openTime,
          to: last.openTime,
        })
      else terminal.progress(`${name}: ${counted(fresh.length, 'new bar')}`)
    }
    terminal.progress(null)
    if (!json) {
      terminal.line(
        `${counted(read.rows, 'row')} of ${counted(read.bars.size, 'symbol')} read, ${counted(news, 'bar')} new or changed, ${counted(read.bad + leftOut, 'row')} left out; kept in ${store.description} as series ${series}`,
      )
    }
  } finally {
    await store.close()
  }
  if (read.bad > 0 || inFuture(named, now) !== '') terminal.failed()
}

/** True if the bar lies in a session. Only KRX's hours are known: bars of other symbols always pass. */
const mayTrade = ({ symbol, openTime }: Bar, calendar: Calendar, file: string): boolean => {
  if (krxSymbol(symbol) === null) return true
  try {
    return isSessionMinute(calendar, openTime)
  } catch (cause) {
    throw cause instanceof SetupError ? new SetupError(`${file}: ${cause.message}`, { cause }) : cause
  }
}

/**
 * True if the bar's minute was still forming when the file was written: the first row of a chart asked for during
 * trading.
 */
const isForming = ({ openTime }: Bar, at: number): boolean => openTime <= at && at < openTime + MINUTE

/** Names the newest minute if it lies in the future; stored, it would mark all minutes until then as read. */
const inFuture = (imported: readonly Series[], now: number): string => {
  const newest = Math.max(...imported.map(([, bars]) => bars.at(-1)?.openTime ?? 0))
  return newest > now ? `; the newest is ${new Date(newest).toISOString()}, which lies in the future` : ''
}

const kept = (imported: readonly Series[], wanted: (bar: Bar) => boolean): Series[] =>
  imported.map(([name, bars]) => [name, bars.filter(wanted)])

const sum = (imported: readonly Series[]): number => imported.reduce((count, [, bars]) => count + bars.length, 0)

import { createTimeLeft } from '../bot/interaction/progress.ts'
import type { Config } from '../config.ts'
import { SetupError } from '../errors.ts'
import type { Log } from '../log.ts'
import { krxSymbol } from '../model/time/symbol.ts'
import { backfill } from '../pipeline/bars/backfill.ts'
import { createRereads } from '../pipeline/bars/rereads.ts'
import { openClosedDays } from '../pipeline/calendar/closed-days.ts'
import { sessionsBack } from '../pipeline/calendar/sessions-back.ts'
import { sources } from '../pipeline/sources/index.ts'
import type { BarSource } from '../pipeline/sources/source.ts'
import { createDirectoryOf } from '../pipeline/stocks/directory.ts'
import { listingsOf } from '../pipeline/stocks/listings.ts'
import { openStore } from '../pipeline/store/index.ts'
import { counted, type Terminal, UsageError } from './terminal.ts'

interface Options {
  readonly symbol: string
  readonly days: number
  readonly json?: boolean
}

/** Fetches history; Ctrl-C keeps what has come, and the next run goes on from there. */
export const backfillSymbol = async (
  { symbol: text, days, json }: Options,
  config: Config,
  log: Log,
  terminal: Terminal,
): Promise<void> => {
  const store = await openStore(config.DATABASE_URL, { log })
  const stop = new AbortController()
  // npm passes on a Ctrl-C that the terminal has sent already, so the second one is the same.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort())
  try {
    const source = await sources[config.SOURCE](config, { store, log, now: Date.now })
    try {
      if (source.kind === 'changes')
        throw new SetupError(
          `${source.series} holds changes in percent, not prices: there are no bars to fetch from it`,
        )
      await source.open(stop.signal)
      const directory = createDirectoryOf(source.calendar)
      directory.replace(await listingsOf({ source, store, now: Date.now, log }, stop.signal))
      const known = directory.resolve(text)
      const code = krxSymbol(text)
      const listing =
        known.kind === 'found' ? known.listing : code === null ? null : await source.lookup?.(code, stop.signal)
      if (!listing) throw new UsageError(`--symbol: ${text} is not a stock of the source ${source.name}`)
      const { symbol } = listing
      checkDays(days, source)
      const began = performance.now()
      const timeLeft = createTimeLeft()
      const fresh = await backfill(
        { source, rereads: createRereads({ days: await openClosedDays({ source, store, log }) }), bars: store.bars },
        symbol,
        days,
        ({ bars, sessionsDone, sessionsTotal }) => {
          const seconds = (performance.now() - began) / 1000
          const left = timeLeft({ done: sessionsDone, total: sessionsTotal, seconds })
          if (json) terminal.json({ symbol, bars, sessionsDone, sessionsTotal, seconds: Number(seconds.toFixed(1)) })
          else
            terminal.progress(
              `${symbol} ${bar(sessionsDone / sessionsTotal)} ${sessionsDone} of ${sessionsTotal} days, ${bars} bars, ${Math.round(bars / Math.max(seconds, 0.1))} bars/s${left === null ? '' : `, ${Math.round(left)} s left`}`,
            )
        },
        stop.signal,
      )
      terminal.progress(null)
      if (!json)
        terminal.line(`${counted(fresh, 'new bar')} of ${symbol} in ${store.description} (series ${source.series})`)
    } finally {
      await source.close()
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error
    terminal.progress(null)
    terminal.problem('stopped; what has come is kept, and the same command goes on from there')
    terminal.failed()
  } finally {
    await store.close()
  }
}

const checkDays = (days: number, source: BarSource): void => {
  try {
    sessionsBack(source.calendar, source.now(), days)
  } catch (cause) {
    throw cause instanceof SetupError
      ? new UsageError(`--days: so many are not known (${cause.message})`, { cause })
      : cause
  }
}

const WIDTH = 24
const bar = (share: number): string => '█'.repeat(Math.round(share * WIDTH)).padEnd(WIDTH, '░')

import { createSerial } from '../../async/serial.ts'
import type { Log } from '../../log.ts'
import type { Calendar, Session } from '../../model/time/session.ts'
import type { Store } from '../store/contract.ts'
import { createObservedCalendar, type ObservedCalendar } from './observed.ts'

/**
 * The days that the source's calendar calls open and that were found closed. They are a fact of the store, so that after a restart the same
 * minutes count. No bar of such a day is stored: one would lie outside of every session.
 */
export interface ClosedDays {
  /** The source's calendar without them: by it bars are collected, judged and counted. */
  readonly calendar: ObservedCalendar
  has(date: string): boolean
  /** Takes the session for closed. False, and nothing done, when the series has a bar since its open. */
  close(session: Session): Promise<boolean>
  /** Takes the session for open again; one that was not closed stays as it is. */
  reopen(session: Session): Promise<void>
  /** Start of the minutes to be read again by a symbol whose answers end there: they were given on a day that was reopened since; or null. */
  rereadFrom(answeredUntil: number): number | null
}

type ClosedDay = Pick<Session, 'date' | 'open' | 'close'>

interface Kept {
  /** For good: without them old minutes would be judged otherwise than they were. */
  readonly closed: readonly ClosedDay[]
  /** What had been answered within these intervals when their day was reopened is not believed. Kept while a symbol's answers end in one. */
  readonly reopened: readonly { readonly open: number; readonly until: number }[]
}

interface Dependencies {
  readonly source: { readonly series: string; readonly calendar: Calendar; now(): number }
  readonly store: Pick<Store, 'bars' | 'keyValues'>
  readonly log: Log
}

/** Reads what was found before. A day of which the series has a bar by now, whoever wrote it, is open. */
export const openClosedDays = async ({ source, store, log }: Dependencies): Promise<ClosedDays> => {
  const { series } = source
  const key = `closed-days:${series}`
  const serial = createSerial()
  const text = await store.keyValues.get(key)
  let kept: Kept = text === null ? { closed: [], reopened: [] } : (JSON.parse(text) as Kept)
  const calendar = createObservedCalendar(
    source.calendar,
    kept.closed.map(({ date }) => date),
  )

  const keep = async (next: Kept): Promise<void> => {
    await store.keyValues.set(key, JSON.stringify(next))
    kept = next
  }
  const find = (date: string) => kept.closed.find((day) => day.date === date)

  const reopen = ({ date }: Pick<Session, 'date'>): Promise<void> =>
    serial(key, async () => {
      const day = find(date)
      if (day === undefined) return
      const until = Math.min(source.now(), day.close)
      await keep({
        closed: kept.closed.filter((other) => other !== day),
        reopened: [...kept.reopened, { open: day.open, until }],
      })
      calendar.reopen(date)
      log.warn({ venue: series, date }, 'trades on a day that was taken for closed: it is open again')
    })

  const days: ClosedDays = {
    calendar,
    has: (date) => find(date) !== undefined,
    close: ({ date, open, close }) =>
      serial(key, async () => {
        if (((await store.bars.newest(series)) ?? 0) >= open) return false
        if (find(date) === undefined) await keep({ ...kept, closed: [...kept.closed, { date, open, close }] })
        calendar.close(date)
        return true
      }),
    reopen,
    rereadFrom(answeredUntil) {
      const opens = kept.reopened.filter((day) => endsIn(day, answeredUntil)).map(({ open }) => open)
      return opens.length > 0 ? Math.min(...opens) : null
    },
  }
  for (const day of kept.closed) if (await isTraded(store, series, day)) await reopen(day)
  if (kept.reopened.length > 0) {
    const ends = await answersOf(store, series)
    const reopened = kept.reopened.filter((day) => ends.some((end) => endsIn(day, end)))
    if (reopened.length < kept.reopened.length) await keep({ ...kept, reopened })
  }
  return days
}

const endsIn = ({ open, until }: Kept['reopened'][number], answeredUntil: number): boolean =>
  open < answeredUntil && answeredUntil <= until

/** Where each symbol's answers end. */
const answersOf = async ({ bars }: Pick<Store, 'bars'>, series: string): Promise<number[]> => {
  const ends: number[] = []
  for (const symbol of await bars.symbols(series)) {
    const coverage = await bars.coverage(series, symbol)
    if (coverage) ends.push(coverage.to)
  }
  return ends
}

const isTraded = async (
  { bars }: Pick<Store, 'bars'>,
  series: string,
  { open, close }: ClosedDay,
): Promise<boolean> => {
  for (const symbol of await bars.symbols(series)) {
    const [last] = await bars.last(series, symbol, 1, close)
    if (last && last.openTime >= open) return true
  }
  return false
}

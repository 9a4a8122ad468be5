import { createSerial } from '../../async/serial.ts'
import type { Log } from '../../log.ts'
import type { Calendar, Session } from '../../model/time/session.ts'
import type { Store } from '../store/contract.ts'
import { createObservedCalendar, type ObservedCalendar } from './observed.ts'

/**
 * Days that the source's calendar calls open and that were found closed. The store keeps them, so that the same minutes
 * count after a restart. No bar of such a day is stored: it would lie outside every session.
 */
export interface ClosedDays {
  /** The source's calendar without these days. Collecting, judging and counting go by it. */
  readonly calendar: ObservedCalendar
  has(date: string): boolean
  /** Closes the session's day. Returns false and does nothing if the series has a bar since the session's open. */
  close(session: Session): Promise<boolean>
  /** Opens the session's day again. Does nothing if it is not closed. */
  reopen(session: Session): Promise<void>
  /**
   * Start of the minutes to read again for a symbol whose answers end on a day that was reopened since; null for any
   * other.
   */
  rereadFrom(answeredUntil: number): number | null
  /** Reads what another process has stored. */
  refresh(): Promise<void>
}

type ClosedDay = Pick<Session, 'date' | 'open' | 'close'>

interface Saved {
  /** Saved for ever: without them a rebuild would judge old minutes differently. */
  readonly closed: readonly ClosedDay[]
  /**
   * Intervals whose answers were given while the day counted as closed. One is saved while a symbol's answers end in
   * it.
   */
  readonly reopened: readonly { readonly open: number; readonly until: number }[]
}

interface Dependencies {
  readonly source: { readonly series: string; readonly calendar: Calendar; now(): number }
  readonly store: Pick<Store, 'bars' | 'keyValues'>
  readonly log: Log
}

/** Reads the stored days. A day of which the series has a bar by now, whoever wrote it, is opened again. */
export const openClosedDays = async ({ source, store, log }: Dependencies): Promise<ClosedDays> => {
  const { series } = source
  const key = `closed-days:${series}`
  const serial = createSerial()
  const text = await store.keyValues.get(key)
  let saved: Saved = text === null ? { closed: [], reopened: [] } : (JSON.parse(text) as Saved)
  const calendar = createObservedCalendar(
    source.calendar,
    saved.closed.map(({ date }) => date),
  )

  const save = async (next: Saved): Promise<void> => {
    await store.keyValues.set(key, JSON.stringify(next))
    saved = next
  }
  const find = (date: string) => saved.closed.find((day) => day.date === date)

  /** Another process may have changed the days since. */
  const readAgain = async (): Promise<void> => {
    const stored = await store.keyValues.get(key)
    if (stored === null) return
    const before = saved
    saved = JSON.parse(stored) as Saved
    for (const { date } of saved.closed) calendar.close(date)
    for (const { date } of before.closed) if (find(date) === undefined) calendar.reopen(date)
  }

  const reopen = ({ date }: Pick<Session, 'date'>): Promise<void> =>
    serial(key, async () => {
      await readAgain()
      const day = find(date)
      if (day === undefined) return
      const until = Math.min(source.now(), day.close)
      await save({
        closed: saved.closed.filter((other) => other !== day),
        reopened: [...saved.reopened, { open: day.open, until }],
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
        await readAgain()
        if (find(date) === undefined) await save({ ...saved, closed: [...saved.closed, { date, open, close }] })
        calendar.close(date)
        return true
      }),
    reopen,
    rereadFrom(answeredUntil) {
      const opens = saved.reopened.filter((day) => endsIn(day, answeredUntil)).map(({ open }) => open)
      return opens.length > 0 ? Math.min(...opens) : null
    },
    refresh: () => serial(key, readAgain),
  }
  for (const day of saved.closed) if (await isTraded(store, series, day)) await reopen(day)
  if (saved.reopened.length > 0) {
    const ends = await answersOf(store, series)
    const reopened = saved.reopened.filter((day) => ends.some((end) => endsIn(day, end)))
    if (reopened.length < saved.reopened.length) await save({ ...saved, reopened })
  }
  return days
}

const endsIn = ({ open, until }: Saved['reopened'][number], answeredUntil: number): boolean =>
  open < answeredUntil && answeredUntil <= until

/** End of each symbol's coverage. */
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

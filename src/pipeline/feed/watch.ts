import { createSerial } from '../../async/serial.ts'
import type { Log } from '../../log.ts'
import { MINUTE } from '../../model/time/bar.ts'
import type { Session } from '../../model/time/session.ts'
import type { ClosedDays } from '../calendar/closed-days.ts'
import { sessionsBack } from '../calendar/sessions-back.ts'
import type { BarSource, Source } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { Listing, WatchRecord } from '../store/records.ts'
import type { NoticeBoard } from '../views/views.ts'
import { type Announced, channelNews, type OwedNotice } from './channel-notices.ts'
import { createDayProbe } from './day-probe.ts'
import type { FeedMinutes } from './minutes.ts'
import { createToNotice, feedKey, finishedElsewhere } from './notice-board.ts'
import {
  type FeedState,
  feedStates,
  HABIT_MINUTES,
  isActive,
  PAUSING_BARS,
  SILENCE,
  type StockObservation,
} from './state.ts'

/** A longer time between two passes means that the process slept; the source's behaviour meanwhile is unknown. */
const SLEPT_MS = 60_000
const SUSPENDED = '거래정지'
/** True if the exchange lists the stock as suspended. */
export const isSuspended = ({ warnings }: Listing): boolean => warnings.some((warning) => warning.includes(SUSPENDED))

const FLOWING: FeedState = { kind: 'flowing' }

/**
 * Watches that minutes come. Its states and owed notices are one value of the store, so each notice is posted once,
 * restarts included.
 */
export interface FeedWatch extends NoticeBoard {
  /** One pass. It has a schedule of its own, because a collect pass that hangs is silence too. */
  pass(signal?: AbortSignal): Promise<void>
  /** Reads what the watch of another process has found. */
  refresh(): Promise<void>
  /**
   * Start of the first missing minute that one fetch still reaches, or null. While no stock has trades, stocks that
   * seldom trade miss minutes as well.
   */
  missingSince(symbol: string): number | null
}

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'provenance' | 'calendar' | 'now' | 'tellsClosedDays'> &
    Partial<Pick<BarSource, 'halted' | 'sessionsPerFetch'>>
  readonly minutes: FeedMinutes
  readonly days: ClosedDays
  readonly store: Store
  readonly directory: { get(symbol: string): Listing | null }
  readonly log: Log
  /** Our clock, epoch ms. */
  readonly now: () => number
}

/** What the feed watch keeps, as JSON under `feedKey`. */
interface Saved {
  readonly states: Readonly<Record<string, FeedState>>
  readonly told: Readonly<Record<string, Announced>>
  readonly owed: readonly OwedNotice[]
  readonly empty?: EmptyTime | null
}

/** The newest time in which no stock had trades; `until` is null while it goes on. */
interface EmptyTime {
  readonly since: number
  readonly until: number | null
}

export const openFeedWatch = async ({
  source,
  minutes,
  days,
  store,
  directory,
  log,
  now,
}: Dependencies): Promise<FeedWatch> => {
  const { series, calendar } = source
  const key = feedKey(series)
  const serial = createSerial()
  const read = async (): Promise<Saved> => {
    const text = await store.keyValues.get(key)
    return text === null ? { states: {}, told: {}, owed: [] } : (JSON.parse(text) as Saved)
  }
  let saved = await read()
  /** End of each symbol's answers, and since when (our clock) it has not moved. */
  const ends = new Map<string, { end: number; since: number }>()
  let passedAt = Number.NEGATIVE_INFINITY
  const probe = createDayProbe({ source, minutes, days, store, log, now })

  const save = async (next: Saved): Promise<void> => {
    const changed = JSON.stringify(next) !== JSON.stringify(saved)
    if (changed) await store.keyValues.set(key, JSON.stringify(next))
    saved = next
  }

  /** Observes one stock; null while its history is being fetched. */
  const observe = async (symbol: string, at: number): Promise<StockObservation | null> => {
    const answeredUntil = await minutes.answeredUntil(symbol)
    if (answeredUntil === null) return null
    const state = saved.states[symbol] ?? FLOWING
    const known = ends.get(symbol)
    // On a closed day the source is not asked, so its answers cannot be stuck.
    const stuckSince = known?.end === answeredUntil && state.kind !== 'closed-today' ? known.since : at
    ends.set(symbol, { end: answeredUntil, since: stuckSince })
    const few = await minutes.newest(symbol, HABIT_MINUTES)
    const pauses =
      answeredUntil - ((few.at(-1) ?? 0) + MINUTE) > SILENCE && days.calendar.sessionAt(source.now()) !== null
    const listing = directory.get(symbol)
    const bars = pauses ? await minutes.newest(symbol, PAUSING_BARS) : few
    return {
      symbol,
      state,
      answeredUntil,
      stuckMs: at - stuckSince,
      bars,
      suspended: listing !== null && isSuspended(listing),
      halted: (minute) => source.halted?.(symbol, minute) ?? null,
    }
  }

  const statesNow = async (
    today: Session,
    stocks: readonly StockObservation[],
    marketNow: number,
    signal: AbortSignal,
  ) => {
    const tellsClosedDays = source.tellsClosedDays ?? true
    const observation = {
      now: marketNow,
      calendar,
      observed: days.calendar,
      stocks,
      tellsClosedDays,
      canAsk: tellsClosedDays && probe.canAsk,
      provenOpen: probe.isOpen(today),
    }
    const states = feedStates(observation)
    const newlyClosed = stocks.some(
      ({ symbol, state }) => state.kind !== 'closed-today' && states.get(symbol)?.kind === 'closed-today',
    )
    if (!newlyClosed || days.has(today.date) || (await probe.close(today, signal))) return states
    return feedStates({ ...observation, provenOpen: true })
  }

  const pass = async (signal: AbortSignal): Promise<void> => {
    const at = now()
    const marketNow = source.now()
    const today = calendar.lastSession(marketNow)
    // A clock that was set back counts as a sleep as well.
    if (at - passedAt > SLEPT_MS || at < passedAt) {
      ends.clear()
      probe.wake()
    }
    passedAt = at
    // Another process may have had the watch since the last pass.
    saved = await read()
    const watches = await watchesOf(store, series)
    const finished = await finishedElsewhere(store.keyValues, series)
    const stocks: StockObservation[] = []
    for (const symbol of watches.keys()) {
      const stock = await observe(symbol, at)
      if (stock) stocks.push(stock)
    }
    for (const symbol of ends.keys()) if (!watches.has(symbol)) ends.delete(symbol)
    const active = stocks.find((stock) => isActive(stock, days.calendar))?.symbol ?? null
    if (days.has(today.date)) await probe.check(today, active, signal)
    const states = await statesNow(today, stocks, marketNow, signal)
    for (const { symbol, state } of stocks) {
      const after = states.get(symbol)
      if (after && after.kind !== state.kind)
        log.warn({ venue: series, symbol, before: state.kind, ...after }, 'feed of a stock changed')
    }

    const told: Record<string, Announced> = {}
    const owed: OwedNotice[] = []
    for (const [channelId, followed] of Map.groupBy([...watches.values()].flat(), (watch) => watch.channelId)) {
      const channel = { channelId, guildId: followed[0]?.guildId ?? '', symbols: followed.map((watch) => watch.symbol) }
      const news = channelNews(channel, saved.told[channelId], states, { now: marketNow, today: today.date })
      if (Object.values(news.told).some((one) => one !== null)) told[channelId] = news.told
      const waiting = saved.owed.filter(
        (notice) => notice.channelId === channelId && isStillTrue(notice, today.date) && !finished.has(notice.id),
      )
      owed.push(...waiting, ...news.owed)
    }
    await save({
      states: Object.fromEntries([...states].filter(([, state]) => state.kind !== 'flowing')),
      told,
      owed,
      empty: emptyTime(states, saved.empty ?? null, marketNow),
    })
  }

  /** The newest empty time, for a stock that is not silent itself and has not been asked for since; else null. */
  const missedWhileEmpty = (symbol: string): EmptyTime | null => {
    const { empty } = saved
    return empty && (empty.until === null || (ends.get(symbol)?.end ?? 0) <= empty.until) ? empty : null
  }

  const isStillTrue = ({ kind, at }: OwedNotice, today: string) =>
    (kind !== 'closed' && kind !== 'open') || calendar.lastSession(at).date === today

  const toNotice = createToNotice({ source, directory })

  return {
    // A replayed file cannot fall silent.
    pass: async (signal = new AbortController().signal) => {
      if (source.provenance.kind !== 'replay') await serial(series, () => pass(signal))
    },
    refresh: () =>
      serial(series, async () => {
        saved = await read()
      }),
    missingSince(symbol) {
      const state = saved.states[symbol]
      const missing = state?.kind === 'silent' ? { since: state.since, until: null } : missedWhileEmpty(symbol)
      if (missing === null) return null
      const reach =
        sessionsBack(days.calendar, source.now(), source.sessionsPerFetch ?? 1).at(-1)?.open ?? missing.since
      return missing.until !== null && missing.until <= reach ? null : Math.max(missing.since, reach)
    },
    owed: async () => saved.owed.map(toNotice),
    finished: (id) => serial(series, () => save({ ...saved, owed: saved.owed.filter((notice) => notice.id !== id) })),
  }
}

const emptyTime = (states: ReadonlyMap<string, FeedState>, before: EmptyTime | null, now: number): EmptyTime | null => {
  const sinces = [...states.values()].flatMap((state) =>
    state.kind === 'silent' && state.why === 'empty' ? [state.since] : [],
  )
  const goesOn = before?.until === null ? before : null
  if (sinces.length > 0) return { since: Math.min(...sinces, goesOn?.since ?? now), until: null }
  return goesOn ? { since: goesOn.since, until: now } : before
}

/** The watches of a series by symbol. */
const watchesOf = async (store: Store, series: string): Promise<Map<string, readonly WatchRecord[]>> => {
  const found = new Map<string, readonly WatchRecord[]>()
  for (const symbol of await store.watches.symbols(series))
    found.set(symbol, await store.watches.ofSymbol(series, symbol))
  return found
}

import { type Bar, DAY, MINUTE, minuteOf } from '../../../../model/time/bar.ts'
import type { Interval } from '../../../../model/time/interval.ts'
import { type Calendar, isSessionMinute } from '../../../../model/time/session.ts'
import type { ServerClock } from '../rest/server-clock.ts'
import type { KiwoomTimings } from '../timings.ts'
import { sleep } from '../wait.ts'
import { sessionMinutes } from './session-minutes.ts'
import { createTickChain, type TickChain } from './tick-chain.ts'
import type { Tick } from './ticks.ts'

export interface LiveCounts {
  ticks: number
  duplicates: number
  /** Trades that came after a trade of a later minute, or filled a hole. */
  late: number
  /** Trades whose fields cannot be read, or whose time cannot be true. */
  refused: number
}

/** Closed minutes made from ticks, and exact knowledge of which minutes they are good for. */
export interface LiveMinutes {
  /** The venue has confirmed the registration: from the next whole minute on every tick comes. */
  begin(symbol: string): void
  /** The connection is gone: what was complete stays good, nothing more comes. */
  endAll(): void
  forget(symbol: string): void
  tick(symbol: string, tick: Tick, receivedAt: number): void
  /** A tick of the stock could not be read. */
  unreadable(symbol: string, receivedAt: number): void
  /** The bars of these minutes (not empty, oldest first) when ticks cover them without a hole, waiting a moment for the last one to close; else null. */
  answer(symbol: string, asked: readonly number[], signal: AbortSignal): Promise<Bar[] | null>
  /** The chart's own bars of these minutes, all there are: they count more than ticks, and close holes. */
  settle(symbol: string, asked: readonly number[], bars: readonly Bar[]): void
  /** Minutes in which a stock is believed to have had no trade although nothing but silence says so, for too long; none when it is not. */
  unproven(symbol: string): number[]
  /** What the chart says of such minutes. Returns how many of them had trades: then the feed does not bring the stock, and its minutes are the chart's. */
  prove(symbol: string, asked: readonly number[], bars: readonly Bar[]): number
  readonly counts: Readonly<LiveCounts>
}

interface Followed {
  readonly chain: TickChain
  /** Of the minutes in these intervals every tick has come; the last one may be open (`to` is ∞). */
  coverage: Interval[]
  /** Minutes as the chart told them; null: no trade. */
  readonly settled: Map<number, Bar | null>
  /** Up to here the venue itself has shown that the feed brings the stock, or that there was nothing to bring. */
  provenUntil: number
  receivedAt: number
}

interface Settings {
  readonly series: string
  readonly calendar: Calendar
  readonly clock: ServerClock
  readonly now: () => number
  readonly timings: KiwoomTimings
  /** True for the exchange's own series, whose first bar may hold what was traded before the open. */
  readonly sharesBeforeOpen: boolean
}

/** Long enough for the newest session to be known after a weekend. */
const KEPT_MS = 4 * DAY
/** An answer waits at most this long of real time, whatever the clocks say. */
const ANSWER_LIMIT_MS = 15_000

export const createLiveMinutes = ({
  series,
  calendar,
  clock,
  now,
  timings,
  sharesBeforeOpen,
}: Settings): LiveMinutes => {
  const followed = new Map<string, Followed>()
  const counts: LiveCounts = { ticks: 0, duplicates: 0, late: 0, refused: 0 }
  /** Venue's time of the newest trade of any stock, and before which everything has been delivered. Both of this connection only. */
  let newestTrade = -Infinity
  let deliveredUntil = -Infinity
  let minuteAsked = Number.NaN
  let minuteIsBar = false

  const isBar = (openTime: number): boolean => {
    if (openTime !== minuteAsked) {
      minuteIsBar = isSessionMinute(calendar, openTime)
      minuteAsked = openTime
    }
    return minuteIsBar
  }

  const stateOf = (symbol: string): Followed => {
    let state = followed.get(symbol)
    if (!state) {
      state = {
        chain: createTickChain({ sharesBeforeOpen }),
        coverage: [],
        settled: new Map(),
        provenUntil: -Infinity,
        receivedAt: 0,
      }
      followed.set(symbol, state)
    }
    return state
  }

  /** Every tick of the stock before this instant has been delivered, as far as this connection goes. */
  const completeUntil = ({ chain }: Followed): number => Math.max(deliveredUntil, chain.newestMinute())

  const minuteState = (state: Followed, minute: number): 'covered' | 'pending' | 'no' => {
    if (state.settled.has(minute)) return 'covered'
    const covering = state.coverage.find(({ from, to }) => from <= minute && minute + MINUTE <= to)
    if (!covering || state.chain.inDoubt(minute)) return 'no'
    return covering.to < Infinity || minute + MINUTE <= completeUntil(state) ? 'covered' : 'pending'
  }

  const stateOfAll = (state: Followed, asked: readonly number[]): 'covered' | 'pending' | 'no' => {
    let pending = false
    for (const minute of asked) {
      const found = minuteState(state, minute)
      if (found === 'no') return 'no'
      if (found === 'pending') pending = true
    }
    if (pending) return 'pending'
    // When nobody trades, a feed that has silently lost its registrations looks just the same.
    const last = asked.at(-1)!
    const heard = Math.max(newestTrade, state.chain.newestMinute())
    return state.settled.has(last) || heard >= last + MINUTE - timings.quietMs ? 'covered' : 'no'
  }

  const barsOf = (symbol: string, state: Followed, asked: readonly number[]): Bar[] => {
    const bars: Bar[] = []
    for (const openTime of asked) {
      if (state.settled.has(openTime)) {
        const bar = state.settled.get(openTime)
        if (bar) bars.push(bar)
        continue
      }
      const minute = state.chain.minute(openTime)
      if (!minute) continue
      const { open, high, low, close, volume } = minute
      bars.push({ series, symbol, openTime, open, high, low, close, volume, receivedAt: state.receivedAt })
    }
    return bars
  }

  const prune = (state: Followed, before: number) => {
    state.chain.prune(before)
    for (const openTime of state.settled.keys()) if (openTime < before) state.settled.delete(openTime)
    state.coverage = state.coverage.filter(({ to }) => to > before)
  }

  const settle: LiveMinutes['settle'] = (symbol, asked, bars) => {
    const state = followed.get(symbol)
    if (!state) return
    // The venue may still correct its newest minutes: those count as told when they are read once more.
    const final = clock.earliest() - 2 * MINUTE
    const oldest = now() - KEPT_MS
    const told = new Map(bars.map((bar) => [bar.openTime, bar]))
    for (const minute of asked)
      if (minute >= oldest && minute <= final) state.settled.set(minute, told.get(minute) ?? null)
  }

  return {
    counts,
    begin(symbol) {
      const state = stateOf(symbol)
      const from = minuteOf(clock.latest() + MINUTE - 1)
      state.coverage.push({ from, to: Infinity })
      state.provenUntil = from
    },
    endAll() {
      for (const state of followed.values()) {
        const open = state.coverage.at(-1)
        if (open?.to !== Infinity) continue
        state.coverage.pop()
        const to = minuteOf(completeUntil(state))
        if (to > open.from) state.coverage.push({ from: open.from, to })
      }
      newestTrade = -Infinity
      deliveredUntil = -Infinity
    },
    forget(symbol) {
      followed.delete(symbol)
    },
    tick(symbol, tick, receivedAt) {
      const state = stateOf(symbol)
      const openTime = minuteOf(tick.time)
      const ahead = tick.time - clock.latest(receivedAt)
      if (ahead > timings.skewLimitMs) {
        counts.refused += 1
        state.chain.doubt(minuteOf(clock.earliest(receivedAt)))
        return
      }
      clock.sample('trade', tick.time, receivedAt)
      const before = state.chain.newestMinute()
      const within = isBar(openTime)
      const added = state.chain.add(tick, within)
      counts.ticks += 1
      if (added === 'duplicate') counts.duplicates += 1
      else if (added === 'late') counts.late += 1
      // The venue calls the trade outside regular hours, the calendar says inside: its own bar decides.
      if (
        within &&
        tick.session !== null &&
        tick.session !== 2 &&
        calendar.sessionAt(openTime)?.closingBar !== openTime
      )
        state.chain.doubt(openTime)
      state.receivedAt = receivedAt
      if (tick.time > newestTrade) {
        newestTrade = tick.time
        deliveredUntil = Math.max(deliveredUntil, newestTrade - timings.streamSettleMs)
      }
      if (openTime > before) prune(state, openTime - KEPT_MS)
    },
    unreadable(symbol, receivedAt) {
      counts.refused += 1
      const { chain } = stateOf(symbol)
      for (const at of [clock.earliest(receivedAt), clock.latest(receivedAt)]) chain.doubt(minuteOf(at))
    },
    async answer(symbol, asked, signal) {
      const end = asked.at(-1)! + MINUTE
      const giveUpAt = performance.now() + ANSWER_LIMIT_MS
      for (;;) {
        const state = followed.get(symbol)
        const found = state ? stateOfAll(state, asked) : 'no'
        if (!state || found === 'no') return null
        if (found === 'covered') return barsOf(symbol, state, asked)
        if (clock.earliest() >= end + timings.liveWaitMs || performance.now() > giveUpAt) return null
        await sleep(timings.pollMs, signal)
      }
    },
    settle,
    unproven(symbol) {
      const state = followed.get(symbol)
      const open = state?.coverage.at(-1)
      if (!state || open?.to !== Infinity) return []
      const from = Math.max(open.from, state.provenUntil, state.chain.newestMinute())
      const to = minuteOf(clock.earliest() - timings.settleMs)
      const silent = to > from ? sessionMinutes(calendar, { from, to }) : []
      return silent.length * MINUTE >= timings.stockQuietMs ? silent : []
    },
    prove(symbol, asked, bars) {
      const state = followed.get(symbol)
      if (!state) return 0
      const missed = bars.filter(({ openTime }) => asked.includes(openTime) && !state.chain.minute(openTime)).length
      settle(symbol, asked, bars)
      state.provenUntil = asked.at(-1)! + MINUTE
      if (missed > 0) state.coverage = []
      return missed
    },
  }
}

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
  /** Trades that came after a trade of a later minute, or filled a gap. */
  late: number
  /** Trades whose fields cannot be read, or whose time cannot be true. */
  refused: number
}

/** Closed minutes made from ticks. It knows exactly which minutes are complete. */
export interface LiveMinutes {
  /** Kiwoom has confirmed the registration: from the next whole minute on every tick comes. */
  begin(symbol: string): void
  /** The connection has ended: complete minutes stay good, and no more ticks come. */
  endAll(): void
  forget(symbol: string): void
  tick(symbol: string, tick: Tick, receivedAt: number): void
  /** A tick of the stock could not be read. */
  unreadable(symbol: string, receivedAt: number): void
  /**
   * The bars of these minutes if ticks cover them without a gap, else null. It waits a moment for the last minute to
   * close.
   *
   * @param asked - not empty, oldest first
   */
  answer(symbol: string, asked: readonly number[], signal: AbortSignal): Promise<Bar[] | null>
  /** Takes all the chart's bars of these minutes: they count more than ticks, and close gaps. */
  applyChart(symbol: string, asked: readonly number[], bars: readonly Bar[]): void
  /** The minutes, too many to trust, for which only the feed's silence says that the stock had no trade; else none. */
  unproven(symbol: string): number[]
  /**
   * Takes the chart's bars of such minutes, and returns how many of them had trades. If any had, the feed does not
   * bring the stock, and its minutes are read from the chart.
   */
  prove(symbol: string, asked: readonly number[], bars: readonly Bar[]): number
  readonly counts: Readonly<LiveCounts>
}

interface Followed {
  readonly chain: TickChain
  /** Every tick of the minutes in these intervals has come; the last interval may be open (`to` is ∞). */
  coverage: Interval[]
  /** The chart's bar of each minute that it has given; null if it has none, for lack of a trade. */
  readonly charted: Map<number, Bar | null>
  /** Kiwoom has shown, up to this time, that the feed brings the stock or that there was no trade to bring. */
  provenUntil: number
  receivedAt: number
}

interface Settings {
  readonly series: string
  readonly calendar: Calendar
  readonly clock: ServerClock
  readonly now: () => number
  readonly timings: KiwoomTimings
  /** True for KRX's series, whose first bar may contain shares that were traded before the open. */
  readonly sharesBeforeOpen: boolean
}

/** Minutes stay in memory this long, so that the newest session is still known after a weekend. */
const MEMORY_MS = 4 * DAY
/** An answer waits at most this long in real time, whatever the clocks say. */
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
  /** Kiwoom's time of the newest trade of any stock on this connection. */
  let newestTrade = -Infinity
  /** Every trade on this connection before this time, Kiwoom's, has been delivered. */
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
        charted: new Map(),
        provenUntil: -Infinity,
        receivedAt: 0,
      }
      followed.set(symbol, state)
    }
    return state
  }

  /** Every tick of the stock before this instant has been delivered on this connection. */
  const completeUntil = ({ chain }: Followed): number => Math.max(deliveredUntil, chain.newestMinute())

  const minuteState = (state: Followed, minute: number): 'covered' | 'pending' | 'no' => {
    if (state.charted.has(minute)) return 'covered'
    const covering = state.coverage.find(({ from, to }) => from <= minute && minute + MINUTE <= to)
    if (!covering || state.chain.inDoubt(minute)) return 'no'
    return covering.to < Infinity || minute + MINUTE <= completeUntil(state) ? 'covered' : 'pending'
  }

  const stateOfAll = (state: Followed, asked: readonly number[]): 'covered' | 'pending' | 'no' => {
    let pending = false
    for (const minute of asked) {
      const coverage = minuteState(state, minute)
      if (coverage === 'no') return 'no'
      if (coverage === 'pending') pending = true
    }
    if (pending) return 'pending'
    // If nobody trades, a feed that has silently lost its registrations is just as quiet.
    const last = asked.at(-1)!
    const heard = Math.max(newestTrade, state.chain.newestMinute())
    return state.charted.has(last) || heard >= last + MINUTE - timings.quietMs ? 'covered' : 'no'
  }

  const barsOf = (symbol: string, state: Followed, asked: readonly number[]): Bar[] => {
    const bars: Bar[] = []
    for (const openTime of asked) {
      if (state.charted.has(openTime)) {
        const bar = state.charted.get(openTime)
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
    for (const openTime of state.charted.keys()) if (openTime < before) state.charted.delete(openTime)
    state.coverage = state.coverage.filter(({ to }) => to > before)
  }

  const applyChart: LiveMinutes['applyChart'] = (symbol, asked, bars) => {
    const state = followed.get(symbol)
    if (!state) return
    // Kiwoom may still correct its newest minutes: these are taken when they are read once more.
    const final = clock.earliest() - 2 * MINUTE
    const oldest = now() - MEMORY_MS
    const byMinute = new Map(bars.map((bar) => [bar.openTime, bar]))
    for (const minute of asked)
      if (minute >= oldest && minute <= final) state.charted.set(minute, byMinute.get(minute) ?? null)
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
      // Kiwoom puts the trade outside regular hours, the calendar inside: Kiwoom's bar decides.
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
        deliveredUntil = Math.max(deliveredUntil, newestTrade - timings.feedDelayMs)
      }
      if (openTime > before) prune(state, openTime - MEMORY_MS)
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
        const coverage = state ? stateOfAll(state, asked) : 'no'
        if (!state || coverage === 'no') return null
        if (coverage === 'covered') return barsOf(symbol, state, asked)
        if (clock.earliest() >= end + timings.liveWaitMs || performance.now() > giveUpAt) return null
        await sleep(timings.pollMs, signal)
      }
    },
    applyChart,
    unproven(symbol) {
      const state = followed.get(symbol)
      const open = state?.coverage.at(-1)
      if (!state || open?.to !== Infinity) return []
      const from = Math.max(open.from, state.provenUntil, state.chain.newestMinute())
      const to = minuteOf(clock.earliest() - timings.chartDelayMs)
      const silent = to > from ? sessionMinutes(calendar, { from, to }) : []
      return silent.length * MINUTE >= timings.stockQuietMs ? silent : []
    },
    prove(symbol, asked, bars) {
      const state = followed.get(symbol)
      if (!state) return 0
      const missed = bars.filter(({ openTime }) => asked.includes(openTime) && !state.chain.minute(openTime)).length
      applyChart(symbol, asked, bars)
      state.provenUntil = asked.at(-1)! + MINUTE
      if (missed > 0) state.coverage = []
      return missed
    },
  }
}

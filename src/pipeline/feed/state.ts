import { MINUTE } from '../../model/time/bar.ts'
import { type Calendar, isBarMinute, type Session } from '../../model/time/session.ts'
import { nextKnownSession } from '../calendar/known-days.ts'

/** Overdue minutes, or absent trades of an active stock, count as silence after this time. */
export const SILENCE = 2 * MINUTE
/** The same for one stock while the source goes on with others: it may only be waiting for its turn. */
const OWN_SILENCE = 10 * MINUTE
/**
 * A volatility interruption stops one stock for two to two and a half minutes, so up to three minute bars are missing.
 */
const INTERRUPTION = 3 * MINUTE
/** This many stocks are never interrupted in the same minutes. */
const TOO_MANY_TO_BE_HALTED = 3
/** A stock's habit is read from this many bar minutes up to its last bar; an active stock traded in most of them. */
export const HABIT_MINUTES = 30
/** A pause is compared with this many of the stock's bars, a session or more, since lively minutes pass. */
export const PAUSING_BARS = 400
/** A pause is a run of minutes without a trade that the stock's habit makes less likely than this. */
const UNLIKELY = 1e-6
/** A stock that trades steadily has a minute without a trade no more often than this. */
const STEADY = 0.2
/** An incessant stock, which trades in practically every minute, has one no more often than this. */
const INCESSANT = 0.01
/** Trading comes in spells: a pause may be this many times as long as the stock's longest recent one. */
const SPELLS = 3
/** Without a bar of a busy stock by then the market is closed. The two minutes are for days that open an hour late. */
const CLOSED_AFTER = 62 * MINUTE

export type FeedState =
  | { readonly kind: 'flowing' }
  | {
      readonly kind: 'silent'
      /** Start of the first missing minute. */
      readonly since: number
      /**
       * `unanswered`: the source does not answer. `empty`: it answers, and no stock has a trade. `alone`: only this
       * stock has none, as in a halt that the source does not know of, or nothing else is watched. `unfilled`: no
       * minute of the day has been written into the source's table.
       */
      readonly why: 'unanswered' | 'empty' | 'alone' | 'unfilled'
    }
  /** The calendar calls the day open, and nothing trades. */
  | { readonly kind: 'closed-today'; readonly date: string }

/** One watched stock as observed in one pass. */
export interface StockObservation {
  readonly symbol: string
  /** State after the pass before. */
  readonly state: FeedState
  /** End of the minutes that the source has answered for. */
  readonly answeredUntil: number
  /** Time for which we have seen that end unmoved, ms of our clock: our own sleep is not held against the source. */
  readonly stuckMs: number
  /**
   * Times of its newest bars, oldest first: {@link HABIT_MINUTES} of them, and of a stock that pauses {@link
   * PAUSING_BARS}.
   */
  readonly bars: readonly number[]
  /** The exchange lists it as suspended. */
  readonly suspended: boolean
  /** True if the exchange stopped its trading in a minute; null if the source cannot know. */
  halted(minute: number): boolean | null
}

export interface FeedObservation {
  /** Market time. */
  readonly now: number
  readonly calendar: Calendar
  /**
   * The calendar without the closed days, perhaps today: on those the source is not asked and no stock shows its habit.
   */
  readonly observed: Calendar
  readonly stocks: readonly StockObservation[]
  /** See `Source.tellsClosedDays`. */
  readonly tellsClosedDays: boolean
  /** True if an unwatched stock is known to trade today. */
  readonly provenOpen: boolean
  /**
   * True if a stock that trades in every minute can be asked for: the day can then look closed without a busy watched
   * stock.
   */
  readonly canAsk: boolean
}

interface MeasuredStock {
  readonly stock: StockObservation
  readonly last: number
  readonly tradedToday: boolean
  readonly overdue: boolean
  readonly unanswered: boolean
  /** First minute without an answer. */
  readonly firstUnanswered: number
  readonly active: boolean
  /** Minutes of the session answered for since the last trade, without those in which it was halted. */
  readonly quiet: number
  readonly haltsKnown: boolean
  /** True if it trades in practically every minute. */
  readonly incessant: boolean
  /** Logarithm of the chance that a minute has no trade. */
  readonly logQuiet: number
  /** Minutes of its longest pause before this one, without those in which it was halted. */
  readonly longestPause: number
}

const FLOWING: FeedState = { kind: 'flowing' }

/** The state of every watched stock's feed. Pure. */
export const feedStates = (feed: FeedObservation): Map<string, FeedState> => {
  const { now, calendar, observed, stocks, tellsClosedDays } = feed
  const session = calendar.sessionAt(now)
  const measured = stocks.filter(({ bars }) => bars.length > 0).map((stock) => measure(stock, feed, session))
  const states = new Map(stocks.map(({ symbol, state }) => [symbol, state]))
  for (const each of measured) states.set(each.stock.symbol, afterwards(each, feed))
  if (session === null) return states

  const flowing = (each: MeasuredStock) => states.get(each.stock.symbol)?.kind === 'flowing'
  const nothingComes = looksClosed(measured, feed, session)
  if (observed.sessionAt(now) === null || (nothingComes && tellsClosedDays)) {
    for (const each of measured) {
      const state = states.get(each.stock.symbol)
      const since = state?.kind === 'silent' ? state.since : session.open
      if (since >= session.open) states.set(each.stock.symbol, { kind: 'closed-today', date: session.date })
    }
    return states
  }
  if (now >= session.continuousEnd) return states

  for (const stopped of measured.filter((each) => flowing(each) && each.active && each.unanswered))
    states.set(stopped.stock.symbol, { kind: 'silent', since: stopped.firstUnanswered, why: 'unanswered' })

  if (nothingComes)
    for (const stopped of measured.filter((each) => flowing(each) && each.active))
      states.set(stopped.stock.symbol, { kind: 'silent', since: session.open, why: 'unfilled' })

  const today = measured.filter((each) => flowing(each) && each.tradedToday)
  const judged = today.filter((each) => each.active)
  const why = judged.length > 1 && allQuiet(today, judged) ? 'empty' : 'alone'
  for (const stopped of judged.filter((each) => why === 'empty' || isUnlikeItself(each)))
    states.set(stopped.stock.symbol, { kind: 'silent', since: stopped.last + MINUTE, why })
  return states
}

/** The state after the minutes that have come since. */
const afterwards = ({ stock, last, overdue }: MeasuredStock, { now, calendar, stocks }: FeedObservation): FeedState => {
  const { state } = stock
  if (state.kind === 'silent') return last >= state.since && !overdue ? FLOWING : state
  if (state.kind === 'flowing') return state
  const session = calendar.lastSession(now)
  return session.date === state.date && !stocks.some(({ bars }) => (bars.at(-1) ?? 0) >= session.open) ? state : FLOWING
}

/**
 * True if nothing traded in the first hour although the source answers, and a busy stock is watched or can be asked
 * for.
 */
const looksClosed = (
  measured: readonly MeasuredStock[],
  { now, provenOpen, canAsk }: FeedObservation,
  session: Session,
): boolean =>
  !provenOpen &&
  now >= session.open + CLOSED_AFTER &&
  !measured.some((each) => each.tradedToday) &&
  measured.some(
    ({ stock, active }) =>
      (active || canAsk) && stock.state.kind !== 'closed-today' && stock.answeredUntil >= session.open + CLOSED_AFTER,
  )

/** True if no stock has traded for the same minutes, not even one that seldom does. */
const allQuiet = (today: readonly MeasuredStock[], judged: readonly MeasuredStock[]): boolean =>
  isQuiet(judged, Math.min(...today.map((each) => each.quiet)))

/** True if a pause of all these stocks at once is too long for an interruption and for chance. */
const isQuiet = (measured: readonly MeasuredStock[], quiet: number): boolean => {
  const cannotBeHalted = measured.length >= TOO_MANY_TO_BE_HALTED || measured.every((each) => each.haltsKnown)
  const chance = measured.reduce((sum, each) => sum + each.logQuiet, 0) * quiet
  return quiet * MINUTE > (cannotBeHalted ? SILENCE : INTERRUPTION) && chance < Math.log(UNLIKELY)
}

/**
 * True if one stock's pause is unlike it. Only a stock that trades steadily is judged by itself, against its earlier
 * pauses.
 */
const isUnlikeItself = (each: MeasuredStock): boolean =>
  Math.exp(each.logQuiet) <= STEADY &&
  each.quiet * MINUTE >
    (each.incessant && each.haltsKnown ? SILENCE : INTERRUPTION + SPELLS * each.longestPause * MINUTE) &&
  isQuiet([each], each.quiet)

/** True if the stock may trade now and traded in most of the last {@link HABIT_MINUTES} minutes in which it could. */
export const isActive = ({ bars, suspended }: StockObservation, observed: Calendar): boolean =>
  !suspended && tradedOfLate(bars, observed) > HABIT_MINUTES / 2

const measure = (
  stock: StockObservation,
  { now, observed, stocks }: FeedObservation,
  session: Session | null,
): MeasuredStock => {
  const last = stock.bars.at(-1) ?? 0
  const traded = tradedOfLate(stock.bars, observed)
  const firstUnanswered = barMinuteFrom(observed, stock.answeredUntil)
  // A minute is due when it has closed.
  const overdue = now - (firstUnanswered + MINUTE) > SILENCE
  const missing: number[] = []
  if (session)
    for (
      let minute = Math.max(last + MINUTE, session.open);
      minute < Math.min(stock.answeredUntil, session.continuousEnd);
      minute += MINUTE
    )
      missing.push(minute)
  const halts = missing.map((minute) => stock.halted(minute))
  const before = tradedBefore(stock, observed)
  const couldTrade = HABIT_MINUTES - before.haltedOfLate
  // Laplace's estimate: thirty minutes of trades do not prove that there are always some.
  const quietChance = (some: number, minutes: number) => 1 - (some + 1) / (minutes + 2)
  const seldom = quietChance(before.traded, before.minutes)
  const incessant = traded >= couldTrade && seldom < INCESSANT
  return {
    stock,
    last,
    tradedToday: session !== null && last >= session.open,
    overdue,
    unanswered: overdue && stock.stuckMs > (stocks.every(({ stuckMs }) => stuckMs > SILENCE) ? SILENCE : OWN_SILENCE),
    firstUnanswered,
    active: isActive(stock, observed),
    quiet: halts.filter((halted) => halted !== true).length,
    haltsKnown: halts.every((halted) => halted !== null),
    incessant,
    logQuiet: Math.log(incessant ? seldom : Math.max(quietChance(traded, couldTrade), seldom)),
    longestPause: before.longestPause,
  }
}

/**
 * Counts the minutes of continuous trading between the bars, without known halts: those with a trade, and the longest
 * pause.
 */
const tradedBefore = ({ bars, halted }: StockObservation, calendar: Calendar) => {
  let [minutes, traded, longestPause, haltedOfLate] = [0, 0, 0, 0]
  const lately = habitStart(calendar, bars.at(-1) ?? 0)
  let session: Session | null = null
  for (const [index, time] of bars.entries()) {
    if (session === null || time >= session.close) session = calendar.lastSession(time)
    const previous = bars[index - 1] ?? Number.NEGATIVE_INFINITY
    if (previous < session.open || time >= session.continuousEnd) continue
    let apart = (time - previous) / MINUTE
    for (let minute = previous + MINUTE; minute < time; minute += MINUTE) {
      if (halted(minute) !== true) continue
      apart -= 1
      if (minute >= lately) haltedOfLate += 1
    }
    minutes += apart
    traded += 1
    longestPause = Math.max(longestPause, apart - 1)
  }
  return { minutes, traded, longestPause, haltedOfLate }
}

const tradedOfLate = (bars: readonly number[], calendar: Calendar): number => {
  const last = bars.at(-1)
  if (last === undefined) return 0
  const start = habitStart(calendar, last)
  return bars.filter((time) => time >= start).length
}

/** Start of the {@link HABIT_MINUTES} minutes that can have a bar, of which the one at `last` is the last. */
const habitStart = (calendar: Calendar, last: number): number => {
  let at = last
  let session = calendar.lastSession(last)
  for (let left = HABIT_MINUTES - 1; left > 0; left--) {
    if (at === session.closingBar) at = session.continuousEnd - MINUTE
    else if (at > session.open) at -= MINUTE
    else {
      session = calendar.lastSession(session.open - 1)
      at = session.closingBar ?? session.continuousEnd - MINUTE
    }
  }
  return at
}

/** The first minute from `time` on that can have a bar; null after the years that the calendar knows. */
const barMinuteFrom = (calendar: Calendar, time: number): number => {
  const session = calendar.sessionAt(time)
  if (session !== null && isBarMinute(session, time)) return time
  return session?.closingBar ?? nextKnownSession(calendar, time)?.open ?? Number.POSITIVE_INFINITY
}

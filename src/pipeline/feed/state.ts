import { MINUTE } from '../../model/time/bar.ts'
import { type Calendar, isBarMinute, type Session } from '../../model/time/session.ts'
import { nextKnownSession } from '../calendar/known-days.ts'

/** Minutes may be overdue, or trades of an active stock absent, for this long before it is called silence. */
export const SILENCE = 2 * MINUTE
/** One stock of a source that goes on with others waits for its turn there: it is overdue for so long before it is called silence. */
const OWN_SILENCE = 10 * MINUTE
/** A volatility interruption stops one stock for two to two and a half minutes, so up to three minute bars are missing. */
const INTERRUPTION = 3 * MINUTE
/** So many stocks are not interrupted in the same minutes. */
const TOO_MANY_TO_BE_HALTED = 3
/** What a stock usually does is read from so many bar minutes up to its last bar; active is one that traded in most of them. */
export const HABIT_MINUTES = 30
/** Lively minutes pass: whether a pause is unlike the stock is read from so many of its bars, a session or more. */
export const PAUSING_BARS = 400
/** A pause is one that the stock's own habit makes less likely than this. */
const UNLIKELY = 1e-6
/** A stock that trades steadily has a minute without a trade no more often than this. */
const STEADY = 0.2
/** One that trades practically always, and in each of its last minutes, no more often than this. */
const INCESSANT = 0.01
/** Trading comes and goes: a stock's pause may be so many times as long as the longest that it had of late. */
const SPELLS = 3
/** No bar of a busy stock by then: the market is closed. The two minutes are for one that opens an hour late (first day of a year, exam days). */
const CLOSED_AFTER = 62 * MINUTE

export type FeedState =
  | { readonly kind: 'flowing' }
  | {
      readonly kind: 'silent'
      /** Start of the first minute that is missing. */
      readonly since: number
      /**
       * `unanswered`: the source gives no answer, to anybody or for long. `empty`: it answers, and no stock has a trade. `alone`: the stock has none
       * while others go on or nothing else is watched, as it would in a halt that the source does not know of. `unfilled`: nobody has written a minute
       * of the day into it.
       */
      readonly why: 'unanswered' | 'empty' | 'alone' | 'unfilled'
    }
  /** The calendar calls the day open, and nothing trades. */
  | { readonly kind: 'closed-today'; readonly date: string }

/** What is known of one watched stock at one look. */
export interface StockLook {
  readonly symbol: string
  /** As it was found the last time. */
  readonly state: FeedState
  /** End of the minutes that the source has answered for. */
  readonly answeredUntil: number
  /** For how long that end has stood still before our eyes, ms of our clock: a source is not blamed for our own sleep or slowness. */
  readonly stuckMs: number
  /** Times of its newest bars, oldest first: {@link HABIT_MINUTES} of them, and of a stock that pauses {@link PAUSING_BARS}. */
  readonly bars: readonly number[]
  /** The exchange lists it as suspended. */
  readonly suspended: boolean
  /** Whether the venue stopped its trading in a minute; null where the source cannot know. */
  halted(minute: number): boolean | null
}

export interface FeedLook {
  /** Market time. */
  readonly now: number
  readonly calendar: Calendar
  /** Without the days found closed, today perhaps among them: on those nothing is asked, and no stock shows its habits. */
  readonly observed: Calendar
  readonly stocks: readonly StockLook[]
  /** Whether the source knows of the exchange itself; see `Source.tellsClosedDays`. */
  readonly tellsClosedDays: boolean
  /** Something that is not watched is known to trade today. */
  readonly provenOpen: boolean
  /** A stock that trades in every minute can be asked for: then none that is watched has to be busy for the day to look closed. */
  readonly canAsk: boolean
}

interface Measured {
  readonly look: StockLook
  readonly last: number
  readonly tradedToday: boolean
  readonly overdue: boolean
  readonly unanswered: boolean
  /** First minute that is not answered for. */
  readonly firstUnanswered: number
  readonly active: boolean
  /** Minutes of the session answered for since the last trade, without those in which it was halted. */
  readonly quiet: number
  readonly haltsKnown: boolean
  /** It trades practically always. */
  readonly incessant: boolean
  /** Logarithm of the chance that a minute has no trade. */
  readonly logQuiet: number
  /** Minutes of its longest pause before this one, without those in which it was halted. */
  readonly longestPause: number
}

const FLOWING: FeedState = { kind: 'flowing' }

/** The state of every watched stock's feed. Pure. */
export const feedStates = (look: FeedLook): Map<string, FeedState> => {
  const { now, calendar, observed, stocks, tellsClosedDays } = look
  const session = calendar.sessionAt(now)
  const measured = stocks.filter(({ bars }) => bars.length > 0).map((stock) => measuredOf(stock, look, session))
  const states = new Map(stocks.map(({ symbol, state }) => [symbol, state]))
  for (const each of measured) states.set(each.look.symbol, afterwards(each, look))
  if (session === null) return states

  const flowing = (each: Measured) => states.get(each.look.symbol)?.kind === 'flowing'
  const nothingComes = looksClosed(measured, look, session)
  if (observed.sessionAt(now) === null || (nothingComes && tellsClosedDays)) {
    for (const each of measured) {
      const state = states.get(each.look.symbol)
      const since = state?.kind === 'silent' ? state.since : session.open
      if (since >= session.open) states.set(each.look.symbol, { kind: 'closed-today', date: session.date })
    }
    return states
  }
  if (now >= session.continuousEnd) return states

  for (const each of measured.filter((each) => flowing(each) && each.active && each.unanswered))
    states.set(each.look.symbol, { kind: 'silent', since: each.firstUnanswered, why: 'unanswered' })

  if (nothingComes)
    for (const each of measured.filter((each) => flowing(each) && each.active))
      states.set(each.look.symbol, { kind: 'silent', since: session.open, why: 'unfilled' })

  const today = measured.filter((each) => flowing(each) && each.tradedToday)
  const judged = today.filter((each) => each.active)
  const why = judged.length > 1 && allQuiet(today, judged) ? 'empty' : 'alone'
  for (const each of judged.filter((each) => why === 'empty' || isUnlikeItself(each)))
    states.set(each.look.symbol, { kind: 'silent', since: each.last + MINUTE, why })
  return states
}

/** What a state becomes by what has come since. */
const afterwards = ({ look, last, overdue }: Measured, { now, calendar, stocks }: FeedLook): FeedState => {
  const { state } = look
  if (state.kind === 'silent') return last >= state.since && !overdue ? FLOWING : state
  if (state.kind === 'flowing') return state
  const session = calendar.lastSession(now)
  return session.date === state.date && !stocks.some(({ bars }) => (bars.at(-1) ?? 0) >= session.open) ? state : FLOWING
}

/** Nothing traded in the first hour although the source answers, and a stock that is usually busy is watched or can be asked for. */
const looksClosed = (measured: readonly Measured[], { now, provenOpen, canAsk }: FeedLook, session: Session): boolean =>
  !provenOpen &&
  now >= session.open + CLOSED_AFTER &&
  !measured.some((each) => each.tradedToday) &&
  measured.some(
    ({ look, active }) =>
      (active || canAsk) && look.state.kind !== 'closed-today' && look.answeredUntil >= session.open + CLOSED_AFTER,
  )

/** No stock has traded for the same minutes, not even one that seldom does. */
const allQuiet = (today: readonly Measured[], judged: readonly Measured[]): boolean =>
  isQuiet(judged, Math.min(...today.map((each) => each.quiet)))

/** Whether so long a pause of all of these at once is neither an interruption nor chance. */
const isQuiet = (measured: readonly Measured[], quiet: number): boolean => {
  const cannotBeHalted = measured.length >= TOO_MANY_TO_BE_HALTED || measured.every((each) => each.haltsKnown)
  const chance = measured.reduce((sum, each) => sum + each.logQuiet, 0) * quiet
  return quiet * MINUTE > (cannotBeHalted ? SILENCE : INTERRUPTION) && chance < Math.log(UNLIKELY)
}

/** One stock's calm spell is no silence: only one that trades steadily is judged by itself, and by the pauses that it had before. */
const isUnlikeItself = (each: Measured): boolean =>
  Math.exp(each.logQuiet) <= STEADY &&
  each.quiet * MINUTE >
    (each.incessant && each.haltsKnown ? SILENCE : INTERRUPTION + SPELLS * each.longestPause * MINUTE) &&
  isQuiet([each], each.quiet)

/** Whether it traded in most of the last {@link HABIT_MINUTES} minutes that it could, and may trade now. */
export const isActive = ({ bars, suspended }: StockLook, observed: Calendar): boolean =>
  !suspended && tradedOfLate(bars, observed) > HABIT_MINUTES / 2

const measuredOf = (look: StockLook, { now, observed, stocks }: FeedLook, session: Session | null): Measured => {
  const last = look.bars.at(-1) ?? 0
  const traded = tradedOfLate(look.bars, observed)
  const firstUnanswered = barMinuteFrom(observed, look.answeredUntil)
  // A minute is due when it has closed.
  const overdue = now - (firstUnanswered + MINUTE) > SILENCE
  const missing: number[] = []
  if (session)
    for (
      let minute = Math.max(last + MINUTE, session.open);
      minute < Math.min(look.answeredUntil, session.continuousEnd);
      minute += MINUTE
    )
      missing.push(minute)
  const halts = missing.map((minute) => look.halted(minute))
  const before = tradedBefore(look, observed)
  const couldTrade = HABIT_MINUTES - before.haltedOfLate
  // Laplace's estimate: thirty minutes of trades do not prove that there are always some.
  const quietChance = (some: number, minutes: number) => 1 - (some + 1) / (minutes + 2)
  const seldom = quietChance(before.traded, before.minutes)
  const incessant = traded >= couldTrade && seldom < INCESSANT
  return {
    look,
    last,
    tradedToday: session !== null && last >= session.open,
    overdue,
    unanswered: overdue && look.stuckMs > (stocks.every(({ stuckMs }) => stuckMs > SILENCE) ? SILENCE : OWN_SILENCE),
    firstUnanswered,
    active: isActive(look, observed),
    quiet: halts.filter((halted) => halted !== true).length,
    haltsKnown: halts.every((halted) => halted !== null),
    incessant,
    logQuiet: Math.log(incessant ? seldom : Math.max(quietChance(traded, couldTrade), seldom)),
    longestPause: before.longestPause,
  }
}

/** Of the minutes of continuous trading between its bars, without known halts, how many had a trade, and the longest stretch that had none. */
const tradedBefore = ({ bars, halted }: StockLook, calendar: Calendar) => {
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

/** Start of the last {@link HABIT_MINUTES} minutes that can have a bar, up to and with the one at `last`. */
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

/** The first minute from `time` on that can have a bar; none is known where the calendar's years are over. */
const barMinuteFrom = (calendar: Calendar, time: number): number => {
  const session = calendar.sessionAt(time)
  if (session !== null && isBarMinute(session, time)) return time
  return session?.closingBar ?? nextKnownSession(calendar, time)?.open ?? Number.POSITIVE_INFINITY
}

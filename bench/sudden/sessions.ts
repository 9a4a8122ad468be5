import { createTick } from '../../src/model/features/tick.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import type { Calendar, Session } from '../../src/model/time/session.ts'
import type { Series } from '../detection/data.ts'
import { keysOf, type Replay } from '../detection/replay.ts'
import { outOf, percent, printTable, shown } from '../table.ts'
import { readShocks, signalledOf } from './shocks.ts'
import { stepOf } from './steps.ts'
import { alertsOf } from './worth.ts'

/** Bars of one stock in one session, and counts of their judgements. */
interface Day {
  readonly symbol: string
  readonly session: Session
  readonly bars: readonly Bar[]
  /** True if the stock has bars in the market's session before this one. */
  readonly follows: boolean
  /** The close before this session; NaN without one. */
  readonly lastClose: number
  readonly judged: number
  readonly abnormal: number
  readonly alerts: readonly number[]
}

/** A close this far above the last one is the limit of 30 %, give or take a step of price. */
const LIMIT = { least: 0.285, most: 0.302 }
/** Minutes at the limit, without another price, that make a locked day. */
const LOCKED = 60

const daysOf = (series: readonly Series[], { minutes, signals: [signals] }: Replay, calendar: Calendar): Day[] => {
  const alerts = Map.groupBy(alertsOf(signals!), ({ symbol }) => symbol)
  return series.flatMap(({ symbol, bars }, s): Day[] => {
    const { scores, abnormal } = minutes[s]!
    const days: Day[] = []
    let from = 0
    while (from < bars.length) {
      const session = calendar.sessionAt(bars[from]!.openTime)
      let to = from + 1
      while (to < bars.length && session && bars[to]!.openTime < session.close) to++
      const before = bars[from - 1]
      if (session)
        days.push({
          symbol,
          session,
          bars: bars.slice(from, to),
          follows:
            before !== undefined &&
            calendar.sessionAt(before.openTime)?.open === calendar.lastSession(session.open - 1).open,
          lastClose: before?.close ?? Number.NaN,
          judged: scores.subarray(from, to).filter((score) => !Number.isNaN(score)).length,
          abnormal: abnormal.subarray(from, to).reduce((sum, is) => sum + is, 0),
          alerts: (alerts.get(symbol) ?? []).flatMap(({ judged: { openTime } }) =>
            openTime >= session.open && openTime < session.close ? [openTime] : [],
          ),
        })
      from = to
    }
    return days
  })
}

/** Minutes that a stock spends at the limit without another price. */
const lockedMinutes = ({ bars, lastClose, follows }: Day): Bar[] =>
  follows
    ? bars.filter(
        ({ high, low, close }) =>
          high === low && close / lastClose - 1 >= LIMIT.least && close / lastClose - 1 <= LIMIT.most,
      )
    : []

const isBetweenSteps = ({ openTime, open, high, low, close }: Bar): boolean =>
  [open, high, low, close].some((price) => price % stepOf(price, openTime) !== 0)

/** The step of price as the detector learns it, from one session alone. */
const learnedStep = ({ bars }: Day): number => {
  const tick = createTick()
  bars.forEach(({ open, high, low, close }, i) => {
    const before = bars[i - 1]
    if (before) tick.learn(open, before.close)
    tick.learn(high, low)
    tick.learn(open, close)
    tick.learn(high, close)
  })
  return tick.size
}

/**
 * Prints counts of every recorded session, odd ones included: bars judged and left out, alerts, and natural sudden
 * minutes of later days.
 */
export const printSessions = (
  print: (line: string) => void,
  series: readonly Series[],
  replayed: Replay,
  calendar: Calendar,
): void => {
  const { summary, minutes, signals, dropped } = replayed
  const days = daysOf(series, replayed, calendar)
  const reasons = [...dropped].map(([reason, count]) => `${count} ${reason}`).join(', ')
  print(
    `  ${summary.bars} bars of ${series.length} stocks in ${days.length} stock-sessions: ${summary.judged} judged, ${summary.bars - summary.judged - summary.dropped} learned from only, ${summary.dropped} left out${reasons && ` (${reasons})`}`,
  )
  const row = (name: string, some: readonly Day[]): string[] => {
    const judged = some.filter((day) => day.judged > 0)
    const count = (of: (day: Day) => number) => judged.reduce((sum, day) => sum + of(day), 0)
    const opening = judged.filter(({ session, alerts }) =>
      alerts.some((time) => time < session.open + 10 * MINUTE),
    ).length
    return [
      name,
      String(some.length),
      String(judged.length),
      String(count((day) => day.judged)),
      percent(
        count((day) => day.abnormal),
        count((day) => day.judged),
      ),
      String(count(({ alerts }) => alerts.length)),
      shown(count(({ alerts }) => alerts.length) / judged.length, 2),
      String(opening),
    ]
  }
  const opensAt = (session: Session) =>
    new Date(session.open + calendar.utcOffsetMinutes * MINUTE).toISOString().slice(11, 16)
  printTable(
    print,
    [
      'stock-sessions',
      'recorded',
      'judged',
      'minutes',
      'abnormal',
      'alerts',
      'each',
      'with one in the first ten minutes',
    ],
    [
      row('all', days),
      row(
        'after a session that is missing',
        days.filter(({ follows, lastClose }) => !follows && !Number.isNaN(lastClose)),
      ),
      row(
        'first bar later than the open',
        days.filter(({ bars, session }) => bars[0]!.openTime > session.open),
      ),
      row(
        'first bar two minutes after the open',
        days.filter(({ bars, session }) => bars[0]!.openTime === session.open + 2 * MINUTE),
      ),
      row(
        'open at 10:00',
        days.filter(({ session }) => opensAt(session) === '10:00'),
      ),
      row(
        'without a closing auction bar',
        days.filter(({ bars, session }) => bars.at(-1)!.openTime !== session.closingBar),
      ),
    ],
  )
  const between = days.map(({ bars }) => bars.filter(isBetweenSteps).length).filter((count) => count > 0)
  const count = between.reduce((sum, each) => sum + each, 0)
  const finer = days.filter((day) => learnedStep(day) < stepOf(day.bars.at(-1)!.close, day.session.open)).length
  print(
    `  prices between two steps of the exchange: in ${count} bars (${percent(count, summary.bars)}) of ${between.length} stock-sessions; the step learned from a session is finer than the exchange's in ${percent(finer, days.length)}`,
  )
  const scored = new Map(minutes.map(({ symbol, times, scores }) => [symbol, { times, scores }]))
  const isJudged = (key: string) => {
    const [symbol = '', time] = key.split(' ')
    const series = scored.get(symbol)
    return series !== undefined && !Number.isNaN(series.scores[series.times.indexOf(Number(time))])
  }
  const later = readShocks().filter(({ phase }) => phase === 'later')
  const judged = later.filter(({ key }) => isJudged(key))
  const keys = keysOf(signals[0]!)
  const { all, big, falls } = signalledOf(judged, (key) => keys.has(key))
  print(
    `  natural sudden minutes of later days: ${later.length}, judged ${judged.length}; told ${outOf(all.signalled, all.of)}, of those ≥ 5 % ${outOf(big.signalled, big.of)}, falls ${outOf(falls.signalled, falls.of)}`,
  )

  print('\nLimit-up days: a stock locked at +30 % for an hour or longer')
  const locked = days.filter((day) => day.judged > 0 && lockedMinutes(day).length >= LOCKED)
  const inside = locked.map((day) => {
    const times = new Set(lockedMinutes(day).map(({ openTime }) => openTime))
    return { minutes: times.size, alerts: day.alerts.filter((time) => times.has(time)).length }
  })
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
  const most = Math.max(0, ...locked.map(({ alerts }) => alerts.length))
  print(
    `  ${locked.length} judged stock-days, ${sum(inside.map((each) => each.minutes))} locked minutes: ${sum(locked.map(({ alerts }) => alerts.length))} alerts (${shown(sum(locked.map(({ alerts }) => alerts.length)) / locked.length, 2)} a stock-day, at most ${most}), ${sum(inside.map(({ alerts }) => alerts))} of them in a locked minute`,
  )
}

import { MINUTE } from '../../src/model/time/bar.ts'
import type { Calendar } from '../../src/model/time/session.ts'
import type { Series } from '../detection/data.ts'
import type { Replay, Signal } from '../detection/replay.ts'
import { percent, printTable, shown } from '../table.ts'
import { stepOf } from './steps.ts'

/** An alert is empty if its stretch moved less than both of these. */
const EMPTY = { percent: 1, usualMoves: 3 }
const FIRST_MINUTES = 5

const isEmpty = ({ judged: { why } }: Signal): boolean =>
  Math.abs(why.movePercent) < EMPTY.percent && Math.abs(why.movePercent) < EMPTY.usualMoves * why.typicalMovePercent

/** True for a minute among a session's first five. */
export const isEarly = ({ judged: { openTime } }: Signal, calendar: Calendar): boolean =>
  openTime - calendar.sessionAt(openTime)!.open < FIRST_MINUTES * MINUTE

export const alertsOf = (signals: readonly Signal[]): Signal[] => signals.filter(({ alert }) => alert)

/** A row of {@link WORTH_HEAD}: the alerts among these signals, and the share of each kind. */
export const worthRow = (name: string, signals: readonly Signal[], stocks: number, calendar: Calendar): string[] => {
  const alerts = alertsOf(signals)
  const share = (is: (each: Signal) => boolean) => percent(alerts.filter(is).length, alerts.length)
  const byStock = [...Map.groupBy(alerts, ({ symbol }) => symbol).values()]
    .map(({ length }) => length)
    .sort((a, b) => b - a)
  const noisiest = byStock.slice(0, 10).reduce((sum, count) => sum + count, 0)
  return [
    name,
    String(alerts.length),
    share(isEmpty),
    share((each) => isEarly(each, calendar)),
    share(({ judged }) => judged.openTime === calendar.sessionAt(judged.openTime)!.open),
    share(({ judged }) => judged.horizon > 1),
    share(({ judged }) => judged.why.gap),
    share(({ judged }) => judged.why.direction === 'down'),
    `${byStock.length} of ${stocks}`,
    percent(noisiest, alerts.length),
  ]
}
export const WORTH_HEAD = [
  'alerts a stock and session',
  'alerts',
  'empty',
  'first 5 minutes',
  'first minute',
  'of 15 minutes',
  'of the gap',
  'falls',
  'stocks with one',
  'ten noisiest',
]

interface Kind {
  readonly series: Series
  /** Root mean square one-minute log return inside sessions. */
  readonly usualMove: number
  /** Traded minutes a session. */
  readonly traded: number
  /** The exchange's step of price as a part of the middle price. */
  readonly tick: number
}

const kindOf = (series: Series, calendar: Calendar): Kind => {
  const { bars } = series
  const sessions = new Set(bars.map(({ openTime }) => calendar.sessionAt(openTime)?.open)).size
  const squares = bars.flatMap((bar, i) => {
    const before = bars[i - 1]
    const inside = before && calendar.sessionAt(before.openTime)?.open === calendar.sessionAt(bar.openTime)?.open
    return inside ? [Math.log(bar.close / before.close) ** 2] : []
  })
  const price = bars.map(({ close }) => close).sort((a, b) => a - b)[bars.length >> 1]!
  return {
    series,
    usualMove: Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / Math.max(1, squares.length)),
    traded: bars.length / sessions,
    tick: stepOf(price, bars[0]!.openTime) / price,
  }
}

const fifth = (kinds: readonly Kind[], by: (kind: Kind) => number): Kind[] =>
  kinds.toSorted((a, b) => by(a) - by(b)).slice(0, Math.round(kinds.length / 5))
const range = (kinds: readonly Kind[], of: (kind: Kind) => string) =>
  kinds.length > 0 ? `${of(kinds[0]!)} to ${of(kinds.at(-1)!)}` : ''

/** Prints alerts a stock and session of quiet, thin and cheap stocks beside those of all stocks. */
export const printKinds = (
  print: (line: string) => void,
  name: string,
  series: readonly Series[],
  { minutes, signals: [signals] }: Replay,
  calendar: Calendar,
): void => {
  const kinds = series.map((each) => kindOf(each, calendar))
  const inOrder = (some: readonly Kind[], by: (kind: Kind) => number) => some.toSorted((a, b) => by(a) - by(b))
  const quiet = fifth(kinds, ({ usualMove }) => usualMove)
  const thinnest = fifth(kinds, ({ traded }) => traded)
  const rare = inOrder(
    kinds.filter(({ traded }) => traded <= 39),
    ({ traded }) => traded,
  )
  const coarse = inOrder(
    kinds.filter(({ tick }) => tick >= 0.005),
    ({ tick }) => tick,
  )
  const coarsest = fifth(kinds, ({ tick }) => -tick)
  const row = (label: string, some: readonly Kind[], says: string): string[] => {
    const symbols = new Set(some.map((kind) => kind.series.symbol))
    const alerts = alertsOf(signals!).filter(({ symbol }) => symbols.has(symbol))
    const sessions = minutes.reduce((sum, each) => sum + (symbols.has(each.symbol) ? each.sessions : 0), 0)
    const rate = sessions > 0 ? shown(alerts.length / sessions) : '–'
    return [
      label,
      String(some.length),
      shown(sessions, 1),
      String(alerts.length),
      rate,
      String(alerts.filter(isEmpty).length),
      says,
    ]
  }
  printTable(
    print,
    [name, 'stocks', 'sessions', 'alerts', 'a stock and session', 'empty', 'of them'],
    [
      row('all', kinds, ''),
      row(
        'quiet: lowest fifth by usual move',
        quiet,
        range(quiet, ({ usualMove }) => `${(100 * usualMove).toFixed(3)} %`),
      ),
      row(
        'thin: the thinnest fifth',
        thinnest,
        range(thinnest, ({ traded }) => `${traded.toFixed(0)} minutes`),
      ),
      row(
        'thin: a trade in ten minutes or rarer',
        rare,
        range(rare, ({ traded }) => `${traded.toFixed(0)} minutes`),
      ),
      row(
        'cheap: the coarsest fifth by tick',
        coarsest,
        range(coarsest, ({ tick }) => `${(100 * tick).toFixed(2)} %`),
      ),
      row(
        'penny: a tick of 0.5 % or more',
        coarse,
        range(coarse, ({ tick }) => `${(100 * tick).toFixed(2)} %`),
      ),
    ],
  )
}

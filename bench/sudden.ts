/**
 * Counts the sudden minutes of real sessions that are signals in their own minute: `npm run bench -- sudden`. Needs the
 * folder that MINUTEWATCH_DATA names, with `krx/sessions-2025.csv.gz` (sessions of many stocks), `krx/shocks-2025.csv`
 * (their sudden minutes), `krx/bars-20190920.csv.gz` (one session of a whole market) and `detection/` (minutes of
 * coins).
 */
import { createDayCalendar } from '../src/pipeline/calendar/plain.ts'
import { inverted as invertedBars } from '../tests/model/bars.ts'
import { alertsAt, boundaryFor, type Scored } from './detection/alerts.ts'
import { readLabels, readPanel, readSeries, type Scorer, type Series } from './detection/data.ts'
import { KRX, keysOf, type Minutes, minuteKey, type Replay, type ReplaySettings, replay } from './detection/replay.ts'
import { KAMPS, OLD_FEATURES, OLD_RULE, REFERENCE, rivals } from './detection/rivals.ts'
import { marketFrom, panelMinutes } from './market-table.ts'
import { type Caught, type Injection, injectIntoCoins, injectIntoDay, injectIntoSessions } from './sudden/injected.ts'
import { productScorer, scoreMovers } from './sudden/movers.ts'
import { printSessions } from './sudden/sessions.ts'
import { readShocks, type Shock, signalledOf } from './sudden/shocks.ts'
import { printKinds, WORTH_HEAD, worthRow } from './sudden/worth.ts'
import { outOf, percent, printTable, shown } from './table.ts'

const RATES = [0.6, 0.3]
const RATE = 0.6
const { calendar } = KRX

type Print = (line: string) => void

export const benchSudden = async (print: Print = console.log): Promise<void> => {
  const panel = await readPanel()
  const product = replay(panel, KRX, RATES)
  const shocks = judgedShocks(product)
  printShocks(print, panel, product, shocks)
  printInverted(print, panel, product, shocks)
  printHalves(print, panel, product, shocks, await halves(panel))
  const day = await readSeries('krx/bars-20190920.csv.gz')
  printInjected(print, day, await readSeries('detection/bars.csv.gz'), panel)
  printMovers(print, day)

  print('\nWorth hearing: the alerts of the panel')
  printTable(
    print,
    WORTH_HEAD,
    RATES.map((rate, r) => worthRow(String(rate), product.signals[r]!, panel.length, calendar)),
  )
  print(`\nKinds of stocks, at ${RATE} alerts a stock and session`)
  printKinds(print, 'the panel', panel, product, calendar)
  print('')
  printKinds(
    print,
    'one session, 60 minutes of warm-up',
    day,
    replay(day, { ...KRX, warmupMinutes: 60 }, [RATE]),
    calendar,
  )

  print(`\nEvery recorded session, odd ones included, at ${RATE}`)
  const all = await readSeries('krx/sessions-2025.csv.gz')
  printSessions(print, all, replay(all, KRX, [RATE]), calendar)
}

/** Natural sudden minutes of the panel that were judged, after the warm-up. */
const judgedShocks = ({ minutes }: Replay): Shock[] => {
  const judged = new Set(
    minutes.flatMap(({ symbol, times, scores }) =>
      [...times].flatMap((time, i) => (Number.isNaN(scores[i]) ? [] : [minuteKey(symbol, time)])),
    ),
  )
  return readShocks().filter(({ key, phase }) => phase === 'panel' && judged.has(key))
}

const SHOCK_HEAD = ['', 'told in its own minute', 'of those ≥ 5 %', 'falls', 'alerts a stock and session']
const shockRow = (
  name: string,
  shocks: readonly Shock[],
  isSignal: (key: string) => boolean,
  alerts: number,
): string[] => {
  const { all, big, falls } = signalledOf(shocks, isSignal)
  return [name, ...[all, big, falls].map(({ signalled, of }) => outOf(signalled, of)), shown(alerts)]
}
const productRow = (name: string, shocks: readonly Shock[], { signals, summary }: Replay, r: number): string[] => {
  const keys = keysOf(signals[r]!)
  const alerts = signals[r]!.filter(({ alert }) => alert).length
  return shockRow(name, shocks, (key) => keys.has(key), alerts / summary.sessions)
}

/**
 * A rival's minutes, without those that the product did not judge. Scores are logarithms, which have the same order.
 */
const rivalMinutes = (panel: readonly Series[], minutes: readonly Minutes[], scorer: Scorer): Scored[] =>
  panel.map((series, s) => {
    const scores = scorer(series).map((score) => Math.log1p(Math.max(0, score)))
    return {
      times: minutes[s]!.times,
      scores: scores.map((score, i) => (Number.isNaN(minutes[s]!.scores[i]) ? Number.NaN : score)),
    }
  })
const keysAbove = (panel: readonly Series[], minutes: readonly Scored[], boundary: number): Set<string> =>
  new Set(
    minutes.flatMap(({ times, scores }, s) =>
      [...times].flatMap((time, i) => (scores[i]! >= boundary ? [minuteKey(panel[s]!.symbol, time)] : [])),
    ),
  )

const printShocks = (print: Print, panel: readonly Series[], product: Replay, shocks: readonly Shock[]): void => {
  const { sessions } = product.summary
  const minuteAlone = replay(panel, { ...KRX, horizons: [1] }, RATES)
  const others = rivals(calendar, true)
  const scored = new Map(
    [REFERENCE, OLD_RULE, OLD_FEATURES, KAMPS].map((name) => [
      name,
      rivalMinutes(panel, product.minutes, others[name]!),
    ]),
  )
  print(`Natural sudden minutes of the panel: ${panel.length} stocks, ${shown(sessions, 1)} judged stock-sessions`)
  RATES.forEach((rate, r) => {
    const rows = [
      productRow(`minutewatch, ${rate}`, shocks, product, r),
      productRow(`minutewatch, one minute alone, ${rate}`, shocks, minuteAlone, r),
    ]
    for (const [name, minutes] of scored) {
      // A rule without a score has no boundary.
      const boundary = name === OLD_RULE ? Math.log1p(1) : boundaryFor(minutes, rate * sessions)
      const keys = keysAbove(panel, minutes, boundary)
      const title = name === OLD_RULE ? `${name}, as it is` : `${name}, ${rate}`
      rows.push(shockRow(title, shocks, (key) => keys.has(key), alertsAt(minutes, boundary) / sessions))
    }
    if (r > 0) print('')
    printTable(print, SHOCK_HEAD, rows)
  })
}

/** The same bars, each price turned into one over it: rises become falls. */
const inverted = ({ symbol, bars }: Series): Series => ({
  symbol,
  bars: invertedBars(bars),
})

const printInverted = (print: Print, panel: readonly Series[], product: Replay, shocks: readonly Shock[]): void => {
  const other = replay(panel.map(inverted), KRX, RATES)
  const mirrored = shocks.map((shock) => ({ ...shock, movePercent: -shock.movePercent }))
  print('\nThe same with all prices inverted: rises are falls')
  const rows = RATES.map((rate, r) => {
    const [there, here] = [keysOf(product.signals[r]!), keysOf(other.signals[r]!)]
    const both = shocks.filter(({ key }) => there.has(key) && here.has(key)).length
    const either = shocks.filter(({ key }) => there.has(key) || here.has(key)).length
    return [...productRow(`minutewatch, ${rate}`, mirrored, other, r), outOf(both, either)]
  })
  printTable(print, [...SHOCK_HEAD, 'both ways, of either'], rows)
}

/** Each half of the stocks is judged by a table that the other half made. */
const halves = async (panel: readonly Series[]): Promise<{ series: Series[]; settings: ReplaySettings }[]> => {
  const parts = [0, 1].map((part) => panel.filter((_, s) => s % 2 === part))
  return Promise.all(
    parts.map(async (series, part) => {
      const { curves } = marketFrom(await panelMinutes(parts[1 - part]!))
      return { series, settings: { ...KRX, market: () => curves } }
    }),
  )
}

const printHalves = (
  print: Print,
  panel: readonly Series[],
  product: Replay,
  shocks: readonly Shock[],
  parts: readonly { series: Series[]; settings: ReplaySettings }[],
): void => {
  const replays = parts.map(({ series, settings }) => replay(series, settings, RATES))
  const sessions = replays.reduce((sum, { summary }) => sum + summary.sessions, 0)
  print('\nThe same with the curves of half of the stocks, judged on the other half')
  printTable(
    print,
    SHOCK_HEAD,
    RATES.flatMap((rate, r) => {
      const rows = replays.map((half, part) => {
        const symbols = new Set(half.minutes.map(({ symbol }) => symbol))
        const ofHalf = shocks.filter(({ key }) => symbols.has(key.split(' ')[0]!))
        return productRow(`  half ${part + 1}, ${rate}`, ofHalf, half, r)
      })
      const keys = keysOf(replays.flatMap(({ signals }) => signals[r]!))
      const alerts = replays.reduce((sum, { signals }) => sum + signals[r]!.filter(({ alert }) => alert).length, 0)
      return [
        productRow(`table of all ${panel.length}, ${rate}`, shocks, product, r),
        shockRow(`tables of the other half, ${rate}`, shocks, (key) => keys.has(key), alerts / sessions),
        ...rows,
      ]
    }),
  )
}

const sized = ({ move, multiple }: Injection) =>
  `${move > 0 ? '+' : '−'}${Math.round(100 * Math.abs(move))} % on ${multiple}×`
const INJECTED_HEAD = ['minutes', 'not judged', 'abnormal', `told at ${RATE}`]
const injectedCells = ({ minutes, judged, abnormal, signalled }: Caught) => [
  String(minutes),
  String(minutes - judged),
  percent(abnormal, minutes),
  percent(signalled, minutes),
]

const printInjected = (
  print: Print,
  day: readonly Series[],
  coins: readonly Series[],
  panel: readonly Series[],
): void => {
  print('\nInjected minutes: liquid stocks of one session, after its first hour')
  printTable(
    print,
    ['', ...INJECTED_HEAD],
    injectIntoDay(day, { ...KRX, warmupMinutes: 60 }, RATE).map(({ injection, caught }) => [
      sized(injection),
      ...injectedCells(caught),
    ]),
  )
  print('\nInjected minutes: coins, after their first day, away from every label')
  printTable(
    print,
    ['', ...INJECTED_HEAD],
    injectIntoCoins(coins, readLabels(), { ...KRX, calendar: createDayCalendar(), warmupMinutes: 1440 }, RATE).map(
      ({ injection, caught }) => [sized(injection), ...injectedCells(caught)],
    ),
  )
  print('\nInjected minutes: the open, and after a pause, in sessions of the panel from the third on')
  printTable(
    print,
    ['', ...INJECTED_HEAD],
    injectIntoSessions(panel, KRX, RATE).map(({ place, injection, caught }) => [
      `${'minute' in place ? `09:0${place.minute}` : `after ${place.pause} minutes without bars`}, ${sized(injection)}`,
      ...injectedCells(caught),
    ]),
  )
}

const printMovers = (print: Print, day: readonly Series[]): void => {
  const settings = { ...KRX, warmupMinutes: 30 }
  const others = rivals(calendar, true)
  const scorers: [string, Scorer][] = [
    ['minutewatch', productScorer(settings)],
    ['minutewatch, one minute alone', productScorer({ ...settings, horizons: [1] })],
    ['minutewatch, fifteen minutes alone', productScorer({ ...settings, horizons: [15] })],
    ...[REFERENCE, KAMPS].map((name): [string, Scorer] => [name, others[name]!]),
  ]
  print('\nSlow movers: stocks of one session that crossed ±10 % of their open after the first half-hour')
  printTable(
    print,
    ['', 'told by a minute after', 'judged by then', 'false half-hours a stock-day'],
    scorers.map(([name, scorer]) => {
      const { signalled, movers, judged, falseBlocks } = scoreMovers(day, scorer)
      return [name, outOf(signalled, movers), String(judged), shown(falseBlocks)]
    }),
  )
}

if (import.meta.main) await benchSudden()

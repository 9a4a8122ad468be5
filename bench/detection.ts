/**
 * The detector beside its rivals, on the same labelled minutes in the same run: `npm run bench -- detection`. Needs the
 * folder that MINUTEWATCH_DATA names, with `detection/` (labelled minutes, plain and attenuated) and `krx/` (one
 * session of many stocks). With `--sensitivity` it shows the effect of each number of the detector at half and at
 * double its value instead, and reads `krx/sessions-2025.csv.gz` as well.
 */
import { parseArgs } from 'node:util'
import { createDayCalendar } from '../src/pipeline/calendar/plain.ts'
import { type Labels, readLabels, readSeries, type Scorer, type Series } from './detection/data.ts'
import { risesOf } from './detection/product.ts'
import { type Result, scoreClimbs, scoreEvents } from './detection/protocol.ts'
import { KRX, type ReplaySettings } from './detection/replay.ts'
import { resampledScorer } from './detection/resampled.ts'
import { rivals } from './detection/rivals.ts'
import { printSensitivity } from './detection/sensitivity.ts'
import { coinMinutes, marketFrom } from './market-table.ts'
import { printTable, shown } from './table.ts'

const BOOTSTRAPS = 50
const ALARMS_PER_DAY = 0.05
const CLUSTERS = [2, 3, 4] as const

const AROUND: ReplaySettings = { calendar: createDayCalendar(), k: 4, seed: 1, warmupMinutes: 1440 }
const SESSION: ReplaySettings = { ...KRX, warmupMinutes: 30 }

type Print = (line: string) => void
interface Sets {
  readonly coins: readonly Series[]
  readonly weak: readonly Series[]
  readonly labels: Labels
  readonly day: readonly Series[]
}

export const benchDetection = async (print: Print = console.log): Promise<void> => {
  const { values } = parseArgs({ options: { sensitivity: { type: 'boolean' } } })
  const sets = {
    labels: readLabels(),
    coins: await readSeries('detection/bars.csv.gz'),
    weak: await readSeries('detection/bars-weak.csv.gz'),
    day: await readSeries('krx/bars-20190920.csv.gz'),
  }
  if (values.sensitivity) return printSensitivity(print, { ...sets, around: AROUND })
  await printScores(print, sets)
  printMembership(print, sets)
}

const printScores = async (print: Print, { coins, weak, labels, day }: Sets): Promise<void> => {
  const row = (name: string, onCoins: Scorer, onSession: Scorer | null): string[] => {
    const [plain, mild] = [coins, weak].map((series) => scoreEvents(series, labels, onCoins)) as [Result, Result]
    const climbs = onSession && scoreClimbs(day, onSession, { perDay: ALARMS_PER_DAY })
    return [
      name,
      shown(plain.averagePrecision, 4),
      shown(plain.bestF1),
      shown(plain.recall),
      shown(plain.delayMinutes, 0),
      shown(mild.averagePrecision, 4),
      shown(mild.bestF1),
      shown(mild.recall),
      climbs ? `${climbs.signalled} of ${climbs.climbers}` : '–',
    ]
  }
  const onSession = rivals(SESSION.calendar, false)
  const ours = (name: string, horizons?: readonly number[]) => {
    const chosen = horizons ? { horizons } : {}
    return row(name, risesOf({ ...AROUND, ...chosen }), risesOf({ ...SESSION, ...chosen }))
  }
  print('Labelled pumps of coins, rises alone; climbs of one session of KRX')
  printTable(
    print,
    ['', 'AP', 'F1', 'recall', 'delay', 'weak AP', 'F1', 'recall', 'climbs spoken of'],
    [
      ...Object.entries(rivals(AROUND.calendar, false)).map(([name, score]) => row(name, score, onSession[name]!)),
      ours('minutewatch, one minute alone', [1]),
      ours('minutewatch, all horizons'),
      row('minutewatch, all, tables of the other half of the coins', await byOtherHalf(coins), null),
    ],
  )
}

/** Each half of the coins is judged by curves that the other half made. */
const byOtherHalf = async (coins: readonly Series[]): Promise<Scorer> => {
  const symbols = coins.map(({ symbol }) => symbol)
  const curves = await Promise.all(
    [0, 1].map(async (part) => marketFrom(await coinMinutes(coins.filter((_, s) => s % 2 !== part))).curves),
  )
  return (series) => risesOf({ ...AROUND, market: () => curves[symbols.indexOf(series.symbol) % 2]! })(series)
}

const printMembership = (print: Print, { coins, weak, labels, day }: Sets): void => {
  print(
    '\nMembership in the abnormal cluster by itself, without a number of alerts: coins by one minute alone, the session by all horizons',
  )
  printTable(
    print,
    ['', 'P', 'R', 'F1', 'false a day', 'weak P', 'R', 'F1', 'climbs', 'alarms a stock-day', 'of quiet ones'],
    CLUSTERS.map((k) => {
      const [plain, mild] = [coins, weak].map((series) =>
        scoreEvents(series, labels, risesOf({ ...AROUND, k, horizons: [1] }, true)).at(1),
      )
      const climbs = scoreClimbs(day, risesOf({ ...SESSION, k }, true), { score: 1 })
      return [
        `k = ${k}`,
        ...[plain!.precision, plain!.recall, plain!.f1, plain!.falsePerDay].map((value) => shown(value)),
        ...[mild!.precision, mild!.recall, mild!.f1].map((value) => shown(value)),
        `${climbs.signalled} of ${climbs.climbers}`,
        shown(climbs.alarms),
        String(climbs.quietMedian),
      ]
    }),
  )
  print(`\nThe same F1 of coins over ${BOOTSTRAPS} bootstraps of the training minutes, drawn in half-hours`)
  const resampled = resampledScorer(AROUND)
  printTable(
    print,
    ['', 'least', 'median', 'most'],
    CLUSTERS.map((k) => {
      const f1 = Array.from({ length: BOOTSTRAPS }, (_, b) => scoreEvents(coins, labels, resampled(k, b + 1)).at(1).f1)
      f1.sort((a, b) => a - b)
      return [`k = ${k}`, ...[f1[0]!, f1[BOOTSTRAPS >> 1]!, f1.at(-1)!].map((value) => shown(value))]
    }),
  )
}

if (import.meta.main) await benchDetection()

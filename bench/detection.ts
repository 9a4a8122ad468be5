/**
 * The detector beside its rivals, on the same labelled minutes in the same run: `npm run bench -- detection`. Needs the folder that
 * MINUTEWATCH_DATA names, with `detection/` (labelled minutes, plain and attenuated) and `krx/` (one session of many stocks).
 */
import { createBacktest } from '../src/model/backtest.ts'
import { createDetector, type DetectorSettings } from '../src/model/detector.ts'
import { fitModel } from '../src/model/fit.ts'
import type { Model } from '../src/model/model.ts'
import { seededRandom } from '../src/model/random.ts'
import { dayCalendar, weekdayCalendar } from '../src/pipeline/calendar/plain.ts'
import { readLabels, readSeries, type Scorer, type Series } from './detection/data.ts'
import { type Climbs, type Result, scoreClimbs, scoreEvents } from './detection/protocol.ts'
import { RIVALS } from './detection/rivals.ts'

const BOOTSTRAPS = 50
const ALARMS_PER_DAY = 0.05

type Settings = Pick<DetectorSettings, 'calendar' | 'k' | 'seed' | 'warmupMinutes'>
const around: Settings = { calendar: dayCalendar(), k: 4, seed: 1, warmupMinutes: 1440 }
const session: Settings = { calendar: weekdayCalendar(), k: 4, seed: 1, warmupMinutes: 30 }

const ours =
  (settings: Settings, membership: boolean): Scorer =>
  ({ bars }) => {
    const backtest = createBacktest({ ...settings, rule: { kind: 'membership' } })
    return Float64Array.from(bars, (bar) => {
      const replayed = backtest.push(bar)
      if (replayed.kind !== 'judged') return Number.NaN
      return membership ? Number(replayed.signal) : replayed.judged.score
    })
  }

/** Membership by models of resampled training minutes: the same minutes, drawn anew with replacement at every fit. */
const bootstrapped =
  (seed: number, k: 2 | 3 | 4): Scorer =>
  ({ symbol, bars }) => {
    const plain = createDetector({ ...around, k, symbol })
    const resampled = (cutoff: number): Model => {
      const random = seededRandom(seed * 7919 + ((cutoff / 60_000) % 9973))
      const { sessions, sessionMinutes, peaks } = plain.model!
      const rows = plain.rows().filter((row) => row.openTime < cutoff)
      const drawn = rows.map(() => rows[Math.floor(random() * rows.length)]!)
      const span = sessions * sessionMinutes
      return fitModel(drawn, {
        symbol,
        market: around.calendar.name,
        k,
        seed: around.seed,
        cutoff,
        span,
        sessionMinutes,
        peaks,
        pool: null,
      })
    }
    const twin = createDetector({ ...around, k, symbol }, resampled)
    return Float64Array.from(bars, (bar) => {
      plain.push(bar)
      const judged = twin.push(bar)
      return judged.state === 'judged' ? Number(judged.abnormal) : Number.NaN
    })
  }

const number = (value: number, digits = 3) => (Number.isFinite(value) ? value.toFixed(digits) : '–')

export const benchDetection = async (print: (line: string) => void = console.log): Promise<void> => {
  const labels = readLabels()
  const [plain, weak, krx] = [
    await readSeries('detection/bars.csv.gz'),
    await readSeries('detection/bars-weak.csv.gz'),
    await readSeries('krx/bars-20190920.csv.gz'),
  ]
  const line = (name: string, cells: readonly string[], climbs: string) =>
    print(`${name.padEnd(54)}${cells.map((cell) => cell.padStart(9)).join('')}${climbs.padStart(18)}`)
  line('detector', ['AP', 'F1', 'recall', 'delay', 'weak AP', 'F1', 'recall'], 'climbs spoken of')
  const cells = ({ averagePrecision, bestF1, recall, delayMinutes }: Result, delay: boolean) => [
    number(averagePrecision, 4),
    number(bestF1),
    number(recall),
    ...(delay ? [number(delayMinutes, 0)] : []),
  ]
  const row = (name: string, score: Scorer, onSession: Scorer) => {
    const climbs = scoreClimbs(krx, onSession, { perDay: ALARMS_PER_DAY })
    const columns = [...cells(scoreEvents(plain, labels, score), true), ...cells(scoreEvents(weak, labels, score), false)]
    line(name, columns, `${climbs.spokenOf} of ${climbs.climbers}`)
  }
  for (const [name, score] of Object.entries(RIVALS)) row(name, score, score)
  row('ours', ours(around, false), ours(session, false))

  print('\nmembership in an abnormal cluster by itself, no budget')
  for (const k of [2, 3, 4] as const) print(membershipLine(k, plain, weak, krx))

  const f1 = [2, 3, 4].map((k) =>
    Array.from({ length: BOOTSTRAPS }, (_, b) => scoreEvents(plain, labels, bootstrapped(b + 1, k as 2 | 3 | 4)).at(1).f1).sort(
      (a, b) => a - b,
    ),
  )
  f1.forEach((all, i) => {
    print(
      `k = ${i + 2}: F1 over ${BOOTSTRAPS} bootstraps of the training minutes: least ${number(all[0]!)}, median ${number(all[BOOTSTRAPS >> 1]!)}, most ${number(all.at(-1)!)}`,
    )
  })

  function membershipLine(k: 2 | 3 | 4, strong: readonly Series[], mild: readonly Series[], day: readonly Series[]): string {
    const tell = (r: ReturnType<Result['at']>) =>
      `P ${number(r.precision)} R ${number(r.recall)} F1 ${number(r.f1)}, ${number(r.falsePerDay)} false a day`
    const climbs: Climbs = scoreClimbs(day, ours({ ...session, k }, true), { score: 1 })
    const [a, b] = [strong, mild].map((series) => scoreEvents(series, labels, ours({ ...around, k }, true)).at(1))
    return `k = ${k}: ${tell(a!)}; weak ${tell(b!)}; session: ${climbs.spokenOf} of ${climbs.climbers} climbs, ${number(climbs.alarms)} alarms a stock-day, median of quiet stocks ${climbs.quietMedian}`
  }
}

if (import.meta.main) await benchDetection()

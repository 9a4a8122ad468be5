/**
 * Bars judged a second on one core, and training beside scikit-learn and R on the same rows: `npm run bench -- model`.
 * Bars and rows are made up from a seed; times are medians of rounds.
 */
import { createSeededRandom } from '../src/model/clusters/random.ts'
import { createDetector, type Detector } from '../src/model/detector/detector.ts'
import type { Model } from '../src/model/detector/model.ts'
import { createTracker, HORIZONS } from '../src/model/features/features.ts'
import { marketOf } from '../src/model/features/markets.ts'
import { PARAMETERS } from '../src/model/features/parameters.ts'
import { type Bar, MINUTE } from '../src/model/time/bar.ts'
import type { Calendar } from '../src/model/time/session.ts'
import { createWeekdayCalendar } from '../src/pipeline/calendar/plain.ts'
import { bar } from '../tests/model/bars.ts'
import { median, printFigures } from './figures.ts'
import { trainingFigures } from './model-speed/training.ts'
import { printTable } from './table.ts'

const ROUNDS = 7
const STOCKS = 2_800

const barsOf = (symbol: string, seed: number, calendar: Calendar, sessions: number): Bar[] => {
  const random = createSeededRandom(seed)
  const bars: Bar[] = []
  let session = calendar.nextSession(Date.UTC(2026, 0, 1))
  let close = 4_000
  for (let s = 0; s < sessions; s++) {
    for (let openTime = session.open; openTime < session.continuousEnd; openTime += MINUTE) {
      const open = close
      close = Math.max(100, Math.round((open * (1 + (random() + random() - 1) * 0.004)) / 5) * 5)
      const [high, low] = [
        Math.max(open, close) + 5 * Math.floor(2 * random()),
        Math.min(open, close) - 5 * Math.floor(2 * random()),
      ]
      const volume = 1 + Math.floor(2_000 * random() ** 3)
      bars.push(bar(openTime, { symbol, open, high, low, close, volume }))
    }
    session = calendar.nextSession(session.open)
  }
  return bars
}

const timed = (rounds: number, run: () => unknown): number =>
  median(
    Array.from({ length: rounds }, () => {
      const start = performance.now()
      run()
      return performance.now() - start
    }),
  )

export const benchModelSpeed = async (print: (line: string) => void = console.log): Promise<void> => {
  const calendar = createWeekdayCalendar()
  const year = barsOf('038530', 1, calendar, 250)
  const rows = [HORIZONS.slice(0, 1), HORIZONS].map((horizons) => {
    const make = (symbol: string, known?: (cutoff: number) => Model | null): Detector =>
      createDetector({ symbol, calendar, k: 4, seed: 1, warmupMinutes: 381, horizons }, known)
    const judge = (known?: (cutoff: number) => Model | null) => {
      const detector = make('038530', known)
      for (const each of year) detector.push(each)
      return detector
    }
    const stored = new Map(
      judge()
        .takeFitted()
        .map((model) => [model.cutoff, model]),
    )
    const perSecond = (run: () => unknown) =>
      Math.round((year.length / timed(ROUNDS, run)) * 1000).toLocaleString('en-GB')
    const features = () => {
      const tracker = createTracker(calendar, marketOf(calendar.name), PARAMETERS, horizons)
      for (const each of year) tracker.push(each)
    }
    return [
      horizons.join(', '),
      perSecond(features),
      perSecond(() => judge((cutoff) => stored.get(cutoff) ?? null)),
      `${perSecond(() => judge())} (${stored.size})`,
      `${median(minutesOfMarket(calendar, make)).toFixed(1)} ms`,
    ]
  })
  print(`Bars a second on one core, a year of one stock (${year.length} bars); medians`)
  printTable(
    print,
    ['horizons', 'features alone', 'judged, models stored', 'judged, models fitted', `one minute of ${STOCKS} stocks`],
    rows,
  )
  print('')
  printFigures(await trainingFigures([1, 2]), print)
}

/** Milliseconds that every stock of a market takes for the same minute, for some minutes. */
const minutesOfMarket = (calendar: Calendar, make: (symbol: string) => Detector): number[] => {
  const minutes = Array.from({ length: 20 }, () => [] as Bar[])
  const detectors = Array.from({ length: STOCKS }, (_, i) => {
    const bars = barsOf(`S${i}`, i + 2, calendar, 2)
    const detector = make(`S${i}`)
    for (const each of bars.slice(0, 500)) detector.push(each)
    for (const [m, minute] of minutes.entries()) minute.push(bars[500 + m]!)
    return detector
  })
  return minutes.map((minute) => {
    const start = performance.now()
    for (const [i, detector] of detectors.entries()) detector.push(minute[i]!)
    return performance.now() - start
  })
}

if (import.meta.main) await benchModelSpeed()

/** Bars judged and models fitted a second, on one core: `npm run bench -- model`. Bars are made up from a seed; medians of rounds. */
import { type Bar, MINUTE } from '../src/model/bar.ts'
import { cluster } from '../src/model/clusters.ts'
import { createDetector, type Detector } from '../src/model/detector.ts'
import { createTracker } from '../src/model/features.ts'
import type { Model } from '../src/model/model.ts'
import { seededRandom } from '../src/model/random.ts'
import type { Calendar } from '../src/model/session.ts'
import { weekdayCalendar } from '../src/pipeline/calendar/plain.ts'

const ROUNDS = 7
const STOCKS = 2_800
const SEED_ROWS = 75_165

const barsOf = (symbol: string, seed: number, calendar: Calendar, sessions: number): Bar[] => {
  const random = seededRandom(seed)
  const bars: Bar[] = []
  let session = calendar.nextSession(Date.UTC(2026, 0, 1))
  let close = 4_000
  for (let s = 0; s < sessions; s++) {
    for (let openTime = session.open; openTime < session.continuousEnd; openTime += MINUTE) {
      const open = close
      close = Math.max(100, Math.round((open * (1 + (random() + random() - 1) * 0.004)) / 5) * 5)
      const [high, low] = [Math.max(open, close) + 5 * Math.floor(2 * random()), Math.min(open, close) - 5 * Math.floor(2 * random())]
      bars.push({ venue: 'bench', symbol, openTime, open, high, low, close, volume: 1 + Math.floor(2_000 * random() ** 3), receivedAt: 0 })
    }
    session = calendar.nextSession(session.open)
  }
  return bars
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!
const timed = (rounds: number, run: () => void): number =>
  median(
    Array.from({ length: rounds }, () => {
      const start = performance.now()
      run()
      return performance.now() - start
    }),
  )

export const benchModelSpeed = (print: (line: string) => void = console.log): void => {
  const calendar = weekdayCalendar()
  const year = barsOf('038530', 1, calendar, 250)
  const perSecond = (ms: number) =>
    `${Math.round((year.length / ms) * 1000)
      .toLocaleString('en-GB')
      .padStart(10)} bars/s`
  const make = (symbol: string, known?: (cutoff: number) => Model | null): Detector =>
    createDetector({ symbol, calendar, k: 4, seed: 1, warmupMinutes: 381 }, known)
  const judge = (known?: (cutoff: number) => Model | null) => {
    const detector = make('038530', known)
    for (const bar of year) detector.push(bar)
    return detector
  }
  const stored = new Map(
    judge()
      .takeFitted()
      .map((model) => [model.cutoff, model]),
  )
  print(`a year of one stock, ${year.length} bars:`)
  print(
    `  features alone                        ${perSecond(
      timed(ROUNDS, () => {
        const tracker = createTracker(calendar)
        for (const bar of year) tracker.push(bar)
      }),
    )}`,
  )
  print(`  judged, models stored (a restart)     ${perSecond(timed(ROUNDS, () => judge((cutoff) => stored.get(cutoff) ?? null)))}`)
  print(`  judged, ${stored.size} models fitted on the way ${perSecond(timed(3, () => judge()))}`)

  const minutes = Array.from({ length: 20 }, () => [] as Bar[])
  const detectors = Array.from({ length: STOCKS }, (_, i) => {
    const bars = barsOf(`S${i}`, i + 2, calendar, 2)
    const detector = make(`S${i}`)
    for (const bar of bars.slice(0, 500)) detector.push(bar)
    for (const [m, minute] of minutes.entries()) minute.push(bars[500 + m]!)
    return detector
  })
  const took = minutes.map((minute) => {
    const start = performance.now()
    for (const [i, detector] of detectors.entries()) detector.push(minute[i]!)
    return performance.now() - start
  })
  print(`one minute of ${STOCKS} stocks: median ${median(took).toFixed(1)} ms of ${took.length} minutes`)

  const random = seededRandom(9)
  const rows = Array.from({ length: SEED_ROWS }, () => [
    Math.round((random() - 0.5) * 6),
    Math.round(100 * Math.exp(6 * (random() + random() + random() - 1.5)) - 100),
  ])
  for (const k of [2, 3, 4]) {
    const start = performance.now()
    const found = cluster(rows, { k, seed: 1 })
    print(
      `k-means of ${SEED_ROWS} rows of the old features, k = ${k}: ${(performance.now() - start).toFixed(0)} ms, ${found.restarts} starts, inertia ${found.inertia.toPrecision(9)}`,
    )
  }
}

if (import.meta.main) benchModelSpeed()

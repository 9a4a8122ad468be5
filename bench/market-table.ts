/**
 * Makes the table of a market's usual numbers from recorded minutes, and writes it: `npm run bench -- market-table`. It
 * holds no minutes, only a volume profile, two usual moves, and three curves of 14 quantiles a market. The minutes are
 * the eleven sessions of the panel (`krx/sessions-2025.csv.gz`) and the coin minutes outside the labelled windows.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { scaled, scalesOf } from '../src/model/detector/scale.ts'
import { createTracker, HORIZONS } from '../src/model/features/features.ts'
import { type Market, type MarketCurves, type MarketProfile, RATES } from '../src/model/features/market.ts'
import { continuousSlots } from '../src/model/features/minute-index.ts'
import { PARAMETERS, type Parameters } from '../src/model/features/parameters.ts'
import { MINUTE } from '../src/model/time/bar.ts'
import type { Calendar } from '../src/model/time/session.ts'
import { createKrxCalendar } from '../src/pipeline/calendar/krx.ts'
import { createDayCalendar } from '../src/pipeline/calendar/plain.ts'
import { boundaryFor, type Scored } from './detection/alerts.ts'
import { isLabelled, readLabels, readPanel, readSeries, type Series } from './detection/data.ts'

/**
 * Slots at which the profile of a session changes: each minute at the open, fewer later, more again before the closing
 * auction.
 */
const STARTS = [0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 40, 60, 80, 100, 130, 160, 200, 240, 280, 310, 340, 360, 370, 375]
const FLAT: MarketProfile = { starts: [0], multiples: [1], closing: 1 }
/** A boundary that fewer alerts reach says nothing of its rate. */
const LEAST_ALERTS = 4
/** Below this boundary every minute with a move counts, and alerts run into each other. */
const LEAST_BOUNDARY = 0.5
/** Sessions of a stock with fewer bars say little about the time of day. */
const LEAST_BARS = 100

interface Minutes {
  readonly calendar: Calendar
  readonly series: readonly Series[]
  readonly warmupMinutes: number
  /** Minutes that take no part in the curves. */
  leftOut(symbol: string, openTime: number): boolean
}

/** The usual numbers of a market, from minutes of it. */
export const marketFrom = (minutes: Minutes, parameters: Parameters = PARAMETERS): Market => {
  const { calendar, series } = minutes
  const around = calendar.name === '24h'
  const usual = {
    usualMove: middle(series.map((each) => usualMoveOf(each, calendar))),
    usualGap: around ? 0 : rootMeanSquare(series.flatMap((each) => gapsOf(each, calendar))),
    profile: around ? FLAT : profileOf(series, calendar),
  }
  return { ...usual, curves: curvesFrom(minutes, { ...usual, curves: { horizons: {}, combined: [] } }, parameters) }
}

const curvesFrom = (
  { calendar, series, warmupMinutes, leftOut }: Minutes,
  market: Market,
  parameters: Parameters,
): MarketCurves => {
  let sessions = 0
  const scores = HORIZONS.map((): Scored[] => [])
  for (const { symbol, bars } of series) {
    const tracker = createTracker(calendar, market, parameters)
    const times = Float64Array.from(bars, ({ openTime }) => openTime)
    const ofSymbol = HORIZONS.map(() => new Float64Array(bars.length).fill(Number.NaN))
    let judged = 0
    for (const [i, bar] of bars.entries()) {
      const { have, known, opens, session, horizons } = tracker.push(bar)
      if (!known || have < warmupMinutes || leftOut(symbol, bar.openTime)) continue
      const since = opens || judged === 0 ? bar.openTime : judged
      judged = bar.openTime + MINUTE
      // A minute without a trade was watched too; one that was left out was not.
      const watched = judged - since > 60 * MINUTE && around(calendar) ? MINUTE : judged - since
      sessions += watched / (session.close - session.open)
      horizons.forEach(({ surge }, h) => {
        ofSymbol[h]![i] = Math.log1p(surge)
      })
    }
    ofSymbol.forEach((each, h) => void scores[h]!.push({ times, scores: each }))
  }
  const curveOf = (all: readonly Scored[]) =>
    prolonged(
      RATES.map((rate) => {
        const boundary = boundaryFor(all, rate * sessions)
        return rate * sessions < LEAST_ALERTS || boundary < LEAST_BOUNDARY ? null : boundary
      }),
    )
  const horizons = Object.fromEntries(HORIZONS.map((minutes, h) => [String(minutes), curveOf(scores[h]!)]))
  const scales = scalesOf(HORIZONS, { horizons, combined: [] }, parameters.longShare)
  const combined = scores[0]!.map(({ times }, s) => ({
    times,
    scores: Float64Array.from(times, (_, i) =>
      Math.max(...HORIZONS.map((_minutes, h) => scaled(scales[h]!, scores[h]![s]!.scores[i]!))),
    ),
  }))
  return { horizons, combined: curveOf(combined) }
}

/**
 * Extends the scores to the rates that no boundary reaches, with the slope of the nearest four rates that one does
 * reach. These are the rarest, for which the minutes are too few, and the most frequent, at which a lower boundary only
 * joins alerts. Scores are logarithms, so surges have a Pareto tail.
 */
const prolonged = (scores: readonly (number | null)[]): number[] => {
  const known = scores.flatMap((score, i) => (score === null ? [] : [{ score, log: Math.log(RATES[i]!) }]))
  const through = (log: number, [a, b]: readonly [(typeof known)[number], (typeof known)[number]]) =>
    a.score + ((b.score - a.score) * (log - a.log)) / (b.log - a.log)
  const first: readonly [(typeof known)[number], (typeof known)[number]] = [known[0]!, known[3]!]
  const last: readonly [(typeof known)[number], (typeof known)[number]] = [known.at(-4)!, known.at(-1)!]
  return RATES.map((rate, i) => {
    const log = Math.log(rate)
    return rounded(Math.max(0, scores[i] ?? through(log, log > known[0]!.log ? first : last)))
  })
}

const around = (calendar: Calendar) => calendar.name === '24h'

/** Root mean square one-minute log return inside sessions. */
const usualMoveOf = ({ bars }: Series, calendar: Calendar): number =>
  rootMeanSquare(
    bars.flatMap((bar, i) => {
      const before = bars[i - 1]
      const inside =
        before &&
        (around(calendar) || calendar.sessionAt(before.openTime)?.open === calendar.sessionAt(bar.openTime)?.open)
      return inside ? [Math.log(bar.close / before.close)] : []
    }),
  )

const gapsOf = ({ bars }: Series, calendar: Calendar): number[] =>
  bars.flatMap((bar, i) => {
    const before = bars[i - 1]
    const opens = before && calendar.sessionAt(before.openTime)?.open !== calendar.sessionAt(bar.openTime)?.open
    return opens ? [Math.log(bar.open / before.close)] : []
  })

const profileOf = (series: readonly Series[], calendar: Calendar): MarketProfile => {
  const sums = new Float64Array(STARTS.length + 1)
  let sessions = 0
  for (const { bars } of series) {
    for (const [session, day] of Map.groupBy(bars, (bar) => calendar.sessionAt(bar.openTime)!)) {
      if (day.length < LEAST_BARS) continue
      const slots = continuousSlots(session)
      const mean = day.reduce((sum, { volume }) => sum + volume, 0) / (slots + 1)
      sessions++
      for (const { openTime, volume } of day) {
        const slot = (openTime - session.open) / MINUTE
        const bin = slot >= slots ? STARTS.length : STARTS.findLastIndex((start) => slot >= start)
        const width = bin === STARTS.length ? 1 : (STARTS[bin + 1] ?? slots) - STARTS[bin]!
        sums[bin]! += volume / mean / width
      }
    }
  }
  const multiples = Array.from(sums, (sum) => rounded(sum / sessions))
  return { starts: STARTS, multiples: multiples.slice(0, -1), closing: multiples.at(-1)! }
}

const rootMeanSquare = (values: readonly number[]) =>
  rounded(Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length))
const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
const rounded = (value: number) => Number(value.toPrecision(4))

/** Minutes of the panel, or of some of its stocks. */
export const panelMinutes = async (series?: readonly Series[]): Promise<Minutes> => ({
  calendar: createKrxCalendar(),
  series: series ?? (await readPanel()),
  warmupMinutes: PARAMETERS.baselineMinutes,
  leftOut: () => false,
})

/** Coin minutes outside the labelled windows, or those of some symbols. */
export const coinMinutes = async (series?: readonly Series[]): Promise<Minutes> => {
  const labels = readLabels()
  return {
    calendar: createDayCalendar(),
    series: series ?? (await readSeries('detection/bars.csv.gz')),
    warmupMinutes: 1440,
    leftOut: (symbol, openTime) => isLabelled(labels, symbol, openTime / MINUTE),
  }
}

export const benchMarketTable = async (print: (line: string) => void = console.log): Promise<void> => {
  const tables = { krx: marketFrom(await panelMinutes()), around: marketFrom(await coinMinutes()) }
  const path = join(import.meta.dirname, '../src/model/features/market-tables.ts')
  writeFileSync(
    path,
    `import type { Market } from './market.ts'\n\n/** Written by \`npm run bench -- market-table\` from recorded minutes: numbers alone, no rows. Not edited by hand. */\nexport const MARKET_TABLES: Readonly<Record<'krx' | 'around', Market>> = ${JSON.stringify(tables, null, 2)}\n`,
  )
  for (const [name, { usualMove, usualGap, curves }] of Object.entries(tables))
    print(
      `${name.padEnd(8)} usual move ${usualMove}, gap ${usualGap}; a session's alert from ${curves.combined.join(' ')}`,
    )
}

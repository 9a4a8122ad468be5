import { MINUTE } from '../../src/model/time/bar.ts'
import { CLEAR, type Labels, type Scorer, type Series } from './data.ts'

const WARM_UP = 1440
const BLOCK = 30
/** An event is detected from so many minutes before its onset to so many after its announcement. */
const HIT = { before: 5, after: 10 }

export interface Result {
  readonly averagePrecision: number
  readonly bestF1: number
  /** At 0.1 false alarms a symbol-day. */
  readonly recall: number
  readonly delayMinutes: number
  /** The result if scores from this one on are alarms. */
  at(threshold: number): {
    readonly precision: number
    readonly recall: number
    readonly f1: number
    readonly falsePerDay: number
  }
}

/**
 * Average precision over labelled events (positive) and half-hours without one (negative). An event is detected if a
 * bar from 5 minutes before its onset to 10 after its announcement scores enough; a half-hour counts by its best bar.
 * The first day of each symbol is warm-up.
 */
export const scoreEvents = (series: readonly Series[], labels: Labels, scorer: Scorer): Result => {
  const events: { best: number; near: [delay: number, score: number][] }[] = []
  const blocks: number[] = []
  for (const { symbol, first, last } of labels.windows) {
    const recorded = series.find((s) => s.symbol === symbol)
    const scores = recorded ? scorer(recorded) : new Float64Array()
    const bars = (recorded?.bars ?? []).flatMap((bar, i): [number, number][] => {
      const minute = bar.openTime / MINUTE
      return minute >= first + WARM_UP && !Number.isNaN(scores[i]) ? [[minute, scores[i]!]] : []
    })
    const labelled = labels.events.filter((e) => e.symbol === symbol)
    for (const event of labelled.filter((e) => e.pump)) {
      const near = bars.filter(([m]) => m >= event.onset - HIT.before && m <= event.announced + HIT.after)
      events.push({
        best: Math.max(-Infinity, ...near.map(([, s]) => s)),
        near: near.map(([m, s]) => [m - event.onset, s]),
      })
    }
    const best = new Map<number, number>()
    for (const [minute, score] of bars) {
      const block = Math.floor(minute / BLOCK)
      best.set(block, Math.max(best.get(block) ?? -Infinity, score))
    }
    for (let t = Math.ceil((first + WARM_UP) / BLOCK) * BLOCK; t + BLOCK <= last + 1; t += BLOCK) {
      if (labelled.some((e) => t < e.announced + CLEAR.after && t + BLOCK > e.onset - CLEAR.before)) continue
      blocks.push(best.get(t / BLOCK) ?? -Infinity)
    }
  }
  blocks.sort((a, b) => b - a)
  const days = (blocks.length * BLOCK) / WARM_UP
  const at = (threshold: number) => {
    const hits = events.filter((e) => e.best >= threshold).length
    const alarms = blocks.filter((s) => s >= threshold).length
    const [precision, recall] = [hits / Math.max(1, hits + alarms), hits / events.length]
    return {
      precision,
      recall,
      f1: hits ? (2 * precision * recall) / (precision + recall) : 0,
      falsePerDay: alarms / days,
    }
  }
  const limit = blocks[Math.floor(0.1 * days)] ?? -Infinity
  const detected = events.filter((e) => e.best > limit)
  const delays = detected.map((e) => e.near.find(([, s]) => s > limit)![0]).sort((a, b) => a - b)
  return {
    averagePrecision: averagePrecision(
      events.map((e) => e.best),
      blocks,
    ),
    bestF1: Math.max(...events.filter((e) => Number.isFinite(e.best)).map((e) => at(e.best).f1)),
    recall: detected.length / events.length,
    delayMinutes: delays[delays.length >> 1] ?? Number.NaN,
    at,
  }
}

/** Average precision of these scores; equal scores are one step. */
const averagePrecision = (positives: readonly number[], negatives: readonly number[]): number => {
  const all = [...positives.map((s) => [s, 1] as const), ...negatives.map((s) => [s, 0] as const)].sort(
    ([a], [b]) => b - a,
  )
  let [hits, sum] = [0, 0]
  for (let i = 0; i < all.length; ) {
    let gained = 0
    const [score] = all[i]!
    for (; i < all.length && all[i]![0] === score; i++) gained += all[i]![1]
    hits += gained
    sum += (gained / positives.length) * (hits / i)
  }
  return sum
}

export interface Climbs {
  /** Stocks that scored enough no later than a minute after they were 10 % above their open. */
  readonly signalled: number
  readonly climbers: number
  /** Half-hours with an alarm a stock-day, over all stocks. */
  readonly alarms: number
  /** The same, as the median over stocks without a move of 5 %. */
  readonly quietMedian: number
}

/**
 * Scores one session of many stocks, without its first half-hour. The alarm level is the score that `perDay` half-hours
 * a stock reach, or the one given.
 */
export const scoreClimbs = (
  series: readonly Series[],
  scorer: Scorer,
  level: { perDay: number } | { score: number },
): Climbs => {
  const days = series.map(({ symbol, bars }) => {
    const scores = scorer({ symbol, bars })
    const open = bars[0]!.open
    const minutes = bars.map((bar) => (bar.openTime / MINUTE) % 1440)
    const blocks = new Map<number, number>()
    bars.forEach((_, i) => {
      const score = scores[i]!
      if (minutes[i]! < BLOCK || Number.isNaN(score)) return
      const block = Math.floor(minutes[i]! / BLOCK)
      blocks.set(block, Math.max(blocks.get(block) ?? -Infinity, score))
    })
    const crossing = bars.findIndex((bar) => bar.high >= 1.1 * open)
    const until = crossing < 0 ? -1 : minutes[crossing]! + 1
    const before = bars.flatMap((_, i) =>
      minutes[i]! >= BLOCK && minutes[i]! <= until && !Number.isNaN(scores[i]) ? [scores[i]!] : [],
    )
    const quiet = bars.every((bar) => bar.high < 1.05 * open && bar.low > 0.95 * open)
    return { blocks: [...blocks.values()], climbs: crossing >= 0, before: Math.max(-Infinity, ...before), quiet }
  })
  const all = days.flatMap((day) => day.blocks).sort((a, b) => b - a)
  const limit =
    'score' in level ? level.score : (all[Math.floor(level.perDay * series.length)] ?? -Infinity) * (1 + 1e-12)
  const alarms = (day: (typeof days)[number]) => day.blocks.filter((score) => score >= limit).length
  const quiet = days
    .filter((day) => day.quiet)
    .map(alarms)
    .sort((a, b) => a - b)
  return {
    signalled: days.filter((day) => day.climbs && day.before >= limit).length,
    climbers: days.filter((day) => day.climbs).length,
    alarms: days.reduce((sum, day) => sum + alarms(day), 0) / series.length,
    quietMedian: quiet[quiet.length >> 1] ?? 0,
  }
}

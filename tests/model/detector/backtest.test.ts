import { expect, test } from 'vitest'
import { fitChangesCentersOfBars } from '../../../src/model/changes/centers.ts'
import { createSeededRandom } from '../../../src/model/clusters/random.ts'
import { type BacktestSettings, createBacktest, type SignalRule } from '../../../src/model/detector/backtest.ts'
import { boundary } from '../../../src/model/detector/boundary.ts'
import { fitCenters } from '../../../src/model/detector/centers.ts'
import { EPISODE_GAP } from '../../../src/model/detector/episode.ts'
import type { Bar } from '../../../src/model/time/bar.ts'
import { createDayCalendar, createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { bar, quietBars, START, withSpike } from '../bars.ts'

const krx = createWeekdayCalendar()
const run = (
  bars: readonly Bar[],
  rule: SignalRule = { kind: 'membership' },
  settings: Partial<BacktestSettings> = {},
) => {
  const backtest = createBacktest({ calendar: krx, k: 4, seed: 1, warmupMinutes: 381, rule, ...settings })
  return { replayed: bars.map((b) => backtest.push(b)), summary: backtest.summary(), backtest }
}
const of = (symbol: string, seed: number) =>
  withSpike(quietBars(krx, { seed, sessions: 3 }), 600 + seed, 12, 80).map((b) => ({ ...b, symbol }))

test('symbols replayed together are judged as if alone', () => {
  const [a, b] = [of('A', 1), of('B', 2)]
  const together = run(a.flatMap((bar, i) => [bar, b[i]!]))
  const alone = run(a)
  expect(together.replayed.filter((_, i) => i % 2 === 0)).toEqual(alone.replayed)
  expect(together.summary).toMatchObject({ symbols: 2, bars: 2 * a.length, dropped: 0 })
})

test('every judged minute says over which horizon it is odd; the ones chosen are the only ones', () => {
  const horizonsOf = ({ replayed }: ReturnType<typeof run>) =>
    new Set(replayed.flatMap((r) => (r.kind === 'judged' ? [r.judged.horizon] : [])))
  expect(horizonsOf(run(of('A', 1)))).toEqual(new Set([1, 15]))
  expect(horizonsOf(run(of('A', 1), { kind: 'membership' }, { horizons: [15] }))).toEqual(new Set([15]))
})

test('neighbouring signals are one alert', () => {
  const bars = [700, 705, 714, 726].reduce(
    (all, at) => withSpike(all, at, 12, 80),
    quietBars(krx, { seed: 2, sessions: 2 }),
  )
  expect(run(bars, { kind: 'budget', perDay: 0.1 }, { horizons: [1] }).summary).toMatchObject({ signals: 4, alerts: 2 })
})

test('alerts are counted for each session that was judged, and for the part of one that was', () => {
  const bars = of('A', 1)
  const whole = run(bars, { kind: 'budget', perDay: 0.1 }).summary
  expect(whole).toMatchObject({ sessions: 2, alerts: 1, alertsPerSession: 0.5, budgeted: 0.1 })
  const late = run(bars.slice(100), { kind: 'budget', perDay: 0.1 }).summary
  expect(late.sessions).toBeCloseTo(2 - 100 / 391, 12)
  expect(late.alertsPerSession).toBeCloseTo(1 / late.sessions, 12)
})

test('nothing is counted while nothing is judged', () => {
  expect(run(of('A', 1).slice(0, 300)).summary).toMatchObject({
    judged: 0,
    sessions: 0,
    alertsPerSession: 0,
    budgeted: null,
  })
})

test('the hash is the same for the same bars and another for others', () => {
  expect(run(of('A', 1)).summary.hash).toBe(run(of('A', 1)).summary.hash)
  expect(run(of('A', 1)).summary.hash).not.toBe(run(of('A', 3)).summary.hash)
})

test('a bar that cannot be is left out, with its reason, and changes nothing else', () => {
  const bars = of('A', 1)
  const broken = [
    { ...bars[500]!, high: Number.NaN },
    bars[499]!,
    { ...bars[400]! },
    bar(START + 15 * 3_600_000, { symbol: 'A' }),
  ]
  const dirty = run([...bars.slice(0, 500), ...broken, ...bars.slice(500)])
  expect(dirty.replayed.slice(500, 504)).toEqual([
    { kind: 'dropped', reason: 'high is NaN, expected a price above 0' },
    { kind: 'dropped', reason: 'the same minute twice' },
    { kind: 'dropped', reason: 'out of time order' },
    { kind: 'dropped', reason: 'outside the sessions' },
  ])
  expect(dirty.summary.hash).toBe(run(bars).summary.hash)
})

test('membership signals every abnormal minute and no other', () => {
  const { replayed, summary } = run(of('A', 1))
  for (const r of replayed) if (r.kind === 'judged') expect(r.signal).toBe(r.judged.abnormal)
  expect(summary.signals).toBe(summary.abnormal)
})

test('a threshold alone decides where it is given', () => {
  const { replayed } = run(of('A', 1), { kind: 'threshold', score: 2 })
  for (const r of replayed) if (r.kind === 'judged') expect(r.signal).toBe(r.judged.score >= 2)
})

test('a budget signals an abnormal minute that reaches the boundary of the model that judged it', () => {
  const backtest = createBacktest({
    calendar: krx,
    k: 2,
    seed: 1,
    warmupMinutes: 381,
    rule: { kind: 'budget', perDay: 2 },
  })
  for (const b of of('A', 1)) {
    const r = backtest.push(b)
    if (r.kind !== 'judged') continue
    const { abnormal, score } = r.judged
    expect(r.signal).toBe(abnormal && score >= boundary(backtest.detector('A')!.model!, 2))
  }
})

test('a budget takes some of the abnormal minutes, a bigger one more', () => {
  const random = createSeededRandom(5)
  const bars = quietBars(krx, { seed: 21, sessions: 12 }).map((b) => {
    const wild = random() < 0.01
    return wild ? { ...b, high: Math.round(b.high * (1.02 + random() * 0.2)), volume: b.volume * 60 } : b
  })
  const alerts = [0.2, 1, 1_000].map((perDay) => run(bars, { kind: 'budget', perDay }).summary.alerts)
  expect(alerts[0]!).toBeLessThan(alerts[1]!)
  expect(alerts[1]!).toBeLessThanOrEqual(alerts[2]!)
  expect(alerts[2]!).toBe(run(bars).summary.alerts)
})

test('a stock far livelier than its market comes down to its budget as its own past grows', () => {
  const random = createSeededRandom(6)
  const bars = quietBars(krx, { seed: 22, sessions: 90 }).map((b) => {
    const size = random() < 0.008 ? 0.04 * (1 - random()) ** -0.5 : 0
    return size > 0
      ? { ...b, high: Math.round(b.high * (1 + Math.min(size, 1))), volume: Math.round(b.volume * 1_500 * size) }
      : b
  })
  const { replayed } = run(bars, { kind: 'budget', perDay: 0.6 })
  const alertsIn = (from: number, to: number) => {
    let [alerts, last] = [0, -Infinity]
    for (const r of replayed.slice(from * 381, to * 381)) {
      if (r.kind !== 'judged' || !r.signal) continue
      if (r.judged.openTime - last > EPISODE_GAP) alerts++
      last = r.judged.openTime
    }
    return alerts / (to - from)
  }
  expect(alertsIn(2, 12)).toBeGreaterThan(1.5)
  expect(alertsIn(70, 90)).toBeLessThan(0.75 * alertsIn(2, 12))
})

test('centers of our features and of the old ones, and a clear word where there are too few bars', () => {
  const bars = quietBars(createDayCalendar(), { seed: 4, sessions: 1 })
  const settings = { symbol: '038530', k: 3, seed: 1, calendar: createDayCalendar() }
  const seed = fitChangesCentersOfBars(bars, settings)
  expect(Object.keys(seed.clusters[0]!.center)).toEqual(['per_price', 'per_volume'])
  expect(seed.clusters.reduce((sum, c) => sum + c.size, 0)).toBe(bars.length - 1)
  expect(seed.clusters.filter((c) => c.abnormal)).toHaveLength(1)
  const model = fitCenters(bars, settings)
  expect(Object.keys(model.clusters[0]!.center)).toEqual(['surge', 'move', 'multiple'])
  expect(() => fitChangesCentersOfBars(bars.slice(0, 1), settings)).toThrow(
    'not enough history for 038530: 1 bars make no row',
  )
  expect(() => fitCenters(bars.slice(0, 9), settings)).toThrow('not enough history for 038530: 9 bars')
})

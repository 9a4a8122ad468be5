import { expect, test } from 'vitest'
import { type Bar, MINUTE } from '../../src/model/bar.ts'
import { boundary, createDetector, type Detector, type DetectorSettings, fitPool } from '../../src/model/detector.ts'
import { HORIZONS } from '../../src/model/features.ts'
import { marketOf } from '../../src/model/markets.ts'
import type { Model } from '../../src/model/model.ts'
import { fromSnapshot, poolFromSnapshot, toSnapshot } from '../../src/model/snapshot.ts'
import { dayCalendar, weekdayCalendar } from '../../src/pipeline/calendar/plain.ts'
import { bar, judgeAll, judgedOnly, quietBars, START, withSpike } from './bars.ts'

const krx = weekdayCalendar()
const make = (settings: Partial<DetectorSettings> = {}, known?: (cutoff: number) => Model | null): Detector =>
  createDetector({ symbol: '038530', calendar: krx, k: 4, seed: 1, warmupMinutes: 381, ...settings }, known)

const history = quietBars(krx, { seed: 11, sessions: 8 })
const eventful = [700, 1_500, 2_300].reduce((bars, at) => withSpike(bars, at, 9, 60), history)

test('three equal spikes alarm three times', () => {
  const abnormal = judgedOnly(judgeAll(make(), eventful)).filter((j) => j.abnormal)
  const starts = abnormal.filter((j, i) => i === 0 || j.openTime - abnormal[i - 1]!.openTime > 20 * MINUTE)
  expect(starts.map((j) => j.openTime)).toEqual([700, 1_500, 2_300].map((at) => eventful[at]!.openTime))
})

test('a fall alarms like the rise that mirrors it', () => {
  const falling = [700, 1_500, 2_300].reduce((bars, at) => withFall(bars, at, 9, 60), history)
  const abnormal = judgedOnly(judgeAll(make(), falling)).filter((j) => j.abnormal && j.score > 3)
  expect(abnormal.map((j) => j.openTime)).toEqual(expect.arrayContaining([700, 1_500, 2_300].map((at) => falling[at]!.openTime)))
  expect(abnormal.find((j) => j.openTime === falling[700]!.openTime)!.why).toMatchObject({ direction: 'down', horizon: 1 })
})
const withFall = (bars: readonly Bar[], at: number, percent: number, multiple: number): Bar[] =>
  bars.map((b, i) => {
    const factor = i < at ? 1 : 1 - percent / 100
    const moved = { ...b, open: i === at ? b.open : b.open * factor, close: b.close * factor }
    const [high, low] = [Math.max(moved.open, moved.close), Math.min(moved.open, moved.close)]
    return { ...moved, high, low, volume: i === at ? b.volume * multiple : b.volume }
  })

test('the sudden minute outranks the minutes after it', () => {
  const judged = judgedOnly(judgeAll(make(), eventful))
  for (const at of [700, 1_500, 2_300]) {
    const near = judged.filter((j) => Math.abs(j.openTime - eventful[at]!.openTime) <= 20 * MINUTE)
    expect(near.toSorted((x, y) => y.score - x.score)[0]!.openTime).toBe(eventful[at]!.openTime)
  }
})

test('a slow climb is told over fifteen minutes, with that stretch’s own numbers', () => {
  const climbing = history.map((b, i) => {
    const factor = 1 + 0.006 * Math.min(15, Math.max(0, i - 2_000))
    return {
      ...b,
      open: b.open * factor,
      high: b.high * factor,
      low: b.low * factor,
      close: b.close * factor,
      volume: i > 2_000 && i < 2_016 ? b.volume * 8 : b.volume,
    }
  })
  const found = judgedOnly(judgeAll(make(), climbing)).find((j) => j.openTime === climbing[2_015]!.openTime)!
  expect(found).toMatchObject({ abnormal: true, horizon: 15 })
  expect(found.why.reference).toBeCloseTo(climbing[2_000]!.close, 6)
  expect(found.why.movePercent).toBeCloseTo(100 * (climbing[2_015]!.high / climbing[2_000]!.close - 1), 6)
  expect(found.why.volume).toBe(climbing.slice(2_001, 2_016).reduce((sum, { volume }) => sum + volume, 0))
})

test('one horizon alone judges by itself', () => {
  const judged = judgedOnly(judgeAll(make({ horizons: [1] }), eventful))
  expect(new Set(judged.map(({ horizon }) => horizon))).toEqual(new Set([1]))
  expect(judged.find((j) => j.openTime === eventful[700]!.openTime)!.abnormal).toBe(true)
})

test('a day that repeats its usual open, lunch and close reaches no normal channel', () => {
  const day = (place: number) => (place === 0 ? 9 : place > 0.997 ? 8 : 0.5 + 2 * (2 * place - 1) ** 2)
  const detector = make()
  const judged = judgedOnly(judgeAll(detector, quietBars(krx, { seed: 12, sessions: 20, day })))
  expect(judged.filter((j) => j.score >= boundary(detector.model!, 0.6))).toEqual([])
})

test('a burst of volume after a thin minute, without a move, is no alarm', () => {
  const bars = history.map((b, i) => (i === 900 ? { ...b, volume: 1 } : b))
  const judged = judgedOnly(judgeAll(make(), bars)).find((j) => j.openTime === bars[901]!.openTime)!
  expect(judged.abnormal).toBe(false)
  expect(judged.severity.rank).toBeGreaterThan(10)
})

test('noise alone reaches no normal channel, in sessions or around the clock, thick or thin', () => {
  for (const calendar of [krx, dayCalendar()]) {
    for (const active of [1, 0.3]) {
      const bars = quietBars(calendar, { seed: 13, sessions: 5, active })
      const detector = make({ calendar, warmupMinutes: 381 })
      const judged = judgedOnly(judgeAll(detector, bars))
      expect(judged.length).toBeGreaterThan(400)
      expect(judged.filter((j) => j.score >= boundary(detector.model!, 0.6))).toEqual([])
    }
  }
})

test('an old pump does not hide the next one', () => {
  const pump = (bars: Bar[], at: number, percent: number) => [0, 1, 2, 3].reduce((b, i) => withSpike(b, at + i, percent, 300), bars)
  const judged = judgedOnly(judgeAll(make(), pump(pump(history, 800, 60), 1_700, 8)))
  expect(judged.find((j) => j.openTime === history[1_700]!.openTime)!.abnormal).toBe(true)
})

test('the same bars give the same judgements and models: in one piece, in parts, and after a restart with stored models', () => {
  const whole = make()
  const judgements = JSON.stringify(judgeAll(whole, eventful))
  const models = whole.takeFitted()
  const parts = make()
  const inParts = [...judgeAll(parts, eventful.slice(0, 1_000)), ...judgeAll(parts, eventful.slice(1_000))]
  expect(JSON.stringify(inParts)).toBe(judgements)
  expect(JSON.stringify(parts.takeFitted())).toBe(JSON.stringify(models))
  const stored = new Map(models.map((model) => [model.cutoff, fromSnapshot(toSnapshot(model))]))
  const again = make({}, (cutoff) => stored.get(cutoff) ?? null)
  expect(JSON.stringify(judgeAll(again, eventful))).toBe(judgements)
  expect(again.takeFitted()).toEqual([])
})

test('a stored model of other settings is not used', () => {
  const first = make({ k: 2 })
  judgeAll(first, history)
  const stored = new Map(first.takeFitted().map((model) => [model.cutoff, model]))
  const other = make({ k: 3 }, (cutoff) => stored.get(cutoff) ?? null)
  judgeAll(other, history)
  expect(other.model!.k).toBe(3)
})

test('what is said of a minute depends on nothing that comes later', () => {
  const all = judgeAll(make(), eventful)
  expect(judgeAll(make(), eventful.slice(0, 1_503))).toEqual(all.slice(0, 1_503))
})

test('models are fitted when the warm-up is reached and at each session, from bars before their cutoff', () => {
  const detector = make()
  judgeAll(detector, history)
  const models = detector.takeFitted()
  const opens = [...new Set(history.map((b) => krx.lastSession(b.openTime).open))]
  expect(models.map((m) => m.cutoff)).toEqual(opens.slice(1))
  expect(models.map((m) => m.rows)).toEqual([...models.map((m) => m.rows)].sort((a, b) => a - b))
  expect(detector.takeFitted()).toEqual([])
})

test('while it learns it says how much it has and how much it needs, and judges nothing', () => {
  const detector = make({ warmupMinutes: 100 })
  const judgements = judgeAll(detector, history.slice(0, 140))
  expect(judgements[0]).toEqual({ state: 'learning', openTime: history[0]!.openTime, have: 0, need: 100 })
  expect(judgements[50]).toMatchObject({ state: 'learning', have: 50, need: 100 })
  expect(judgements[99]!.state).toBe('learning')
  expect(judgements[100]!.state).toBe('judged')
  expect(make().usual).toBeNull()
})

test('a stock that traded twice last month is still learning', () => {
  const detector = make()
  judgeAll(detector, history.slice(0, 1_000))
  expect(detector.learning).toBeNull()
  const later = START + 42 * 24 * 60 * MINUTE
  const judgement = detector.push(bar(later + 60 * MINUTE))
  expect(judgement).toMatchObject({ state: 'learning', have: 0 })
  expect(detector.usual).toBeNull()
})

test('constant prices and no volume give numbers or learning, never NaN', () => {
  for (const volume of [0, 100]) {
    const bars = Array.from({ length: 900 }, (_, i) => bar(START + (i % 380) * MINUTE + Math.floor(i / 380) * 24 * 60 * MINUTE, { volume }))
    const text = JSON.stringify(judgeAll(make({ warmupMinutes: 100 }), bars))
    expect(text).not.toMatch(/null,"typicalTurnover|NaN/)
    const states = new Set(judgeAll(make({ warmupMinutes: 100 }), bars).map((j) => j.state))
    expect(states).toEqual(volume === 0 ? new Set(['learning']) : new Set(['learning', 'judged']))
  }
})

test('severity is the place among all minutes so far, and is never told anew', () => {
  const judged = judgedOnly(judgeAll(make(), eventful))
  expect(judged.map((j) => j.severity.of)).toEqual(judged.map((_, i) => i + 1))
  const first = judged.find((j) => j.openTime === eventful[700]!.openTime)!
  expect(first.severity.rank).toBe(1)
})

test('why holds the numbers of the bar and its baseline, and shares that add up to one', () => {
  const judged = judgedOnly(judgeAll(make(), eventful)).find((j) => j.openTime === eventful[1_500]!.openTime)!
  const b = eventful[1_500]!
  const { why } = judged
  expect(why.reference).toBe(eventful[1_499]!.close)
  expect(why.movePercent).toBeCloseTo((b.high / why.reference - 1) * 100, 9)
  expect(why.volumeMultiple).toBeCloseTo(b.volume / why.typicalVolume, 9)
  expect(why.turnover).toBe(b.close * b.volume)
  expect(Object.values(why.drivers).reduce((x, y) => x + y)).toBeCloseTo(1, 12)
  expect(why.drivers.volume).toBeGreaterThan(0)
})

test('rows of the scatter carry the cluster that the model puts them in, and another k can be had', () => {
  const detector = make()
  expect(detector.fitNow(2)).toBeNull()
  expect(detector.moveFor(0, 2, 1)).toBeNull()
  judgeAll(detector, eventful)
  const two = detector.fitNow(2)!
  HORIZONS.forEach((_, h) => {
    const { clusters } = two.horizons[h]!
    expect(clusters).toHaveLength(2)
    const rows = detector.rows(two, h)
    expect(rows.map((r) => r.openTime)).toEqual(rows.map((r) => r.openTime).toSorted((a, b) => a - b))
    expect(rows.filter((r) => r.cluster === 0)).toHaveLength(clusters[0]!.size)
  })
})

test('the move that reaches a score is the one that has it, and more volume asks for less of it', () => {
  const detector = make()
  const judged = judgedOnly(judgeAll(detector, eventful.slice(0, 701))).at(-1)!
  const { move } = detector.usual!
  const needed = detector.moveFor(0, judged.score, judged.why.volumeMultiple!)!
  // Between them lies the tick.
  expect(Math.abs(100 * needed - Math.abs(judged.why.movePercent))).toBeLessThan(200 * move)
  expect(detector.moveFor(0, judged.score, 10)!).toBeLessThan(detector.moveFor(0, judged.score, 1)!)
})

test('a pool of lively stocks raises the boundary of a stock without history of its own', () => {
  const lively = Array.from({ length: 12 }, (_, n) => {
    const detector = make({ symbol: `S${n}` })
    const bars = Array.from({ length: 30 }, (_, i) => 400 + 80 * i + n).reduce((b, at) => withSpike(b, at, 15, 200), history)
    judgeAll(detector, bars)
    return detector.past
  })
  const cutoff = history.at(-1)!.openTime + MINUTE
  const pool = fitPool(lively, HORIZONS, marketOf(krx.name).curves, cutoff)
  expect(pool.sessions).toBeGreaterThan(12 * 6)
  const [alone, pooled] = [make(), make({ market: () => pool.curves })]
  for (const detector of [alone, pooled]) judgeAll(detector, history.slice(0, 500))
  expect(boundary(pooled.model!, 0.6)).toBeGreaterThan(boundary(alone.model!, 0.6))
  expect(poolFromSnapshot(toSnapshot(pool))).toEqual(pool)
})

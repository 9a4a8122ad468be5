import { describe, expect, test } from 'vitest'
import {
  boundary,
  createDetector,
  type Detector,
  type DetectorSettings,
  fitPool,
} from '../../../src/model/detector/detector.ts'
import type { Judged, Judgement } from '../../../src/model/detector/judgement.ts'
import type { Model } from '../../../src/model/detector/model.ts'
import { scoreAt } from '../../../src/model/detector/rates.ts'
import { fromSnapshot, toSnapshot } from '../../../src/model/detector/snapshot.ts'
import { HORIZONS } from '../../../src/model/features/features.ts'
import { marketOf } from '../../../src/model/features/markets.ts'
import { PARAMETERS } from '../../../src/model/features/parameters.ts'
import { type Bar, DAY, MINUTE } from '../../../src/model/time/bar.ts'
import { createDayCalendar, createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { naiveReadings } from '../../support/naive.ts'
import {
  bar,
  inverted,
  judgeAll,
  judgedOnly,
  quietBars,
  START,
  scaledFrom,
  sessionsOf,
  unevenCalendar,
  withMove,
  withSpike,
} from '../bars.ts'

const krx = createWeekdayCalendar()
const make = (settings: Partial<DetectorSettings> = {}, known?: (cutoff: number) => Model | null): Detector =>
  createDetector({ symbol: '038530', calendar: krx, k: 4, seed: 1, warmupMinutes: 381, ...settings }, known)

const history = quietBars(krx, { seed: 11, sessions: 8 })
const EVENTS = [700, 1_500, 2_300]
const eventful = EVENTS.reduce((bars, at) => withSpike(bars, at, 9, 60), history)
const timesOf = (bars: readonly Bar[], places: readonly number[]) => places.map((at) => bars[at]!.openTime)
const judgedAt = (bars: readonly Bar[], at: number, settings?: Partial<DetectorSettings>): Judged =>
  judgeAll(make(settings), bars.slice(0, at + 1)).at(-1) as Judged

/** The signals at so many alerts a session: abnormal minutes that reach the boundary of the model that judged them. */
const signalsOf = (bars: readonly Bar[], rate: number, settings?: Partial<DetectorSettings>): Judged[] => {
  const detector = make(settings)
  return judgedOnly(bars.map((b) => detector.push(b))).filter(
    (j) => j.abnormal && j.score >= boundary(detector.model!, rate),
  )
}
/** The same bars, each of some minutes up by so many percent on so many times its volume. */
const climbing = (bars: readonly Bar[], minutes: readonly number[], percent: number, times: number) =>
  minutes.reduce((all, at) => withMove(all, at, percent, times), bars)

describe('a sudden minute', () => {
  test.for([
    { name: 'rises that fall back', bars: eventful },
    { name: 'rises that stay', bars: EVENTS.reduce((bars, at) => withMove(bars, at, 5, 15), history) },
    { name: 'falls', bars: EVENTS.reduce((bars, at) => withMove(bars, at, -5, 15), history) },
  ])('is a signal each time it comes: three equal $name alarm three times', ({ bars }) => {
    const minutes = signalsOf(bars, 0.6).filter(({ horizon }) => horizon === 1)
    expect(minutes.map(({ openTime }) => openTime)).toEqual(timesOf(bars, EVENTS))
  })

  test('is the furthest out of the minutes around it, not those after it', () => {
    for (const bars of [eventful, EVENTS.reduce((all, at) => withMove(all, at, 5, 15), history)]) {
      const judged = judgedOnly(judgeAll(make(), bars))
      for (const openTime of timesOf(bars, EVENTS)) {
        const around = judged.filter((j) => Math.abs(j.openTime - openTime) <= 30 * MINUTE)
        expect(around.toSorted((a, b) => b.score - a.score)[0]!.openTime).toBe(openTime)
      }
    }
  })

  test('is as far out when it falls as when it rises', () => {
    const dear = quietBars(krx, { seed: 14, sessions: 3, price: 1_000_000, tick: 50 })
    const rise = judgedAt(withMove(dear, 900, 6, 12), 900)
    const fall = judgedAt(inverted(withMove(dear, 900, 6, 12)), 900)
    expect([rise.why.direction, fall.why.direction]).toEqual(['up', 'down'])
    expect(fall.score).toBeCloseTo(rise.score, 1)
    expect(fall.abnormal).toBe(true)
  })

  test('is a signal in the first minutes of a session too', () => {
    for (const slot of [0, 1, 5]) {
      const at = 3 * 381 + slot
      expect(signalsOf(withMove(history, at, 5, 90).slice(0, at + 1), 0.6).at(-1)?.openTime).toBe(history[at]!.openTime)
    }
  })

  test('is a signal after a halt of three minutes', () => {
    const moved = withMove(history, 1_000, 5, 15)
    const halted = [...moved.slice(0, 997), ...moved.slice(1_000)]
    expect(signalsOf(halted.slice(0, 998), 0.6).at(-1)).toMatchObject({ openTime: moved[1_000]!.openTime, horizon: 1 })
  })

  test('is abnormal although there was a bigger one before', () => {
    const pump = (bars: readonly Bar[], at: number, percent: number) =>
      [0, 1, 2, 3].reduce((all, i) => withSpike(all, at + i, percent, 300), bars)
    expect(judgedAt(pump(pump(history, 800, 60), 1_700, 8), 1_700).abnormal).toBe(true)
  })
})

describe('a slow climb', () => {
  const minutes = Array.from({ length: 15 }, (_, i) => 2_000 + i)
  const bars = climbing(history, minutes, 0.515, 4)
  const last = judgedAt(bars, 2_014)

  test('of 8 % over fifteen minutes is a signal over fifteen minutes', () => {
    expect(last).toMatchObject({ abnormal: true, horizon: 15, why: { horizon: 15, direction: 'up', gap: false } })
    expect(signalsOf(bars, 0.6).at(-1)).toMatchObject({ horizon: 15 })
  })

  test('is judged with the numbers of its own stretch, as anyone can add them up', () => {
    const stretch = bars.slice(2_000, 2_015)
    const { why } = last
    expect(why.reference).toBe(bars[1_999]!.close)
    expect(why.movePercent).toBeCloseTo(100 * (bars[2_014]!.high / bars[1_999]!.close - 1), 9)
    expect(why.movePercent).toBeGreaterThan(7.5)
    expect(why.volume).toBe(stretch.reduce((sum, b) => sum + b.volume, 0))
    expect(why.turnover).toBeCloseTo(
      stretch.reduce((sum, b) => sum + b.volume * b.close, 0),
      3,
    )
    expect(why.volumeMultiple).toBeCloseTo(why.volume / why.typicalVolume, 9)
  })

  test('is a signal no later than its end, and no minute of it is one alone', () => {
    const during = signalsOf(bars.slice(0, 2_015), 0.6)
    expect(during.length).toBeGreaterThan(0)
    expect(new Set(during.map(({ horizon }) => horizon))).toEqual(new Set([15]))
  })

  test('that falls is abnormal alike', () => {
    expect(judgedAt(climbing(history, minutes, -0.515, 4), 2_014)).toMatchObject({
      abnormal: true,
      horizon: 15,
      why: { direction: 'down' },
    })
  })

  test('is nothing to a detector of single minutes', () => {
    expect(signalsOf(bars, 0.6, { horizons: [1] })).toEqual([])
  })
})

test.for([1, 15])(
  'a horizon of %i minutes alone has the boundary that its market has over as many minutes',
  (minutes) => {
    const detector = make({ horizons: [minutes] })
    judgeAll(detector, history.slice(0, 400))
    const shipped = scoreAt(marketOf(krx.name).curves.horizons[String(minutes)]!, 0.6)
    expect(Math.abs(boundary(detector.model!, 0.6) - shipped)).toBeLessThan(0.05)
  },
)

describe('single minutes alone', () => {
  test('are judged by one horizon', () => {
    const detector = make({ horizons: [1] })
    const judged = judgedOnly(judgeAll(detector, eventful))
    expect(new Set(judged.map(({ horizon }) => horizon))).toEqual(new Set([1]))
    expect(detector.model!.horizons.map(({ minutes }) => minutes)).toEqual([1])
  })

  test('have the score of their surge', () => {
    for (const { score, features } of judgedOnly(judgeAll(make({ horizons: [1] }), eventful)))
      expect(score).toBe(Math.log1p(features.surge!))
  })

  test('make signals of the same sudden minutes', () => {
    expect(signalsOf(eventful, 0.6, { horizons: [1] }).map(({ openTime }) => openTime)).toEqual(
      timesOf(eventful, EVENTS),
    )
  })
})

test('a minute that reaches the boundary of the liveliest channel is abnormal, whatever its horizon', () => {
  const bars = climbing(eventful, [1_800, 1_803, 1_806, 1_809, 1_812], 1.5, 6)
  for (const k of [2, 3, 4] as const) {
    const detector = make({ k })
    const reached = judgedOnly(bars.map((b) => detector.push(b))).filter((j) => j.score >= boundary(detector.model!, 2))
    expect(reached.filter((j) => !j.abnormal)).toEqual([])
    expect(new Set(reached.map(({ horizon }) => horizon))).toEqual(new Set(HORIZONS))
  }
})

describe('no signal comes', () => {
  test.for([
    { name: 'in sessions', calendar: krx, active: 1 },
    { name: 'in sessions of a thin stock', calendar: krx, active: 0.3 },
    { name: 'around the clock', calendar: createDayCalendar(), active: 1 },
    { name: 'around the clock of a thin stock', calendar: createDayCalendar(), active: 0.3 },
  ])('of noise alone, $name', ({ calendar, active }) => {
    const bars = quietBars(calendar, { seed: 13, sessions: 6, active })
    expect(signalsOf(bars, 0.6, { calendar })).toEqual([])
  })

  test.for([2, 3, 4] as const)('of a day that repeats its usual open, lunch and close, k = %i', (k) => {
    const day = (place: number) => (place === 0 ? 30 : place > 0.997 ? 15 : 0.5 + 2 * (2 * place - 1) ** 2)
    expect(signalsOf(quietBars(krx, { seed: 12, sessions: 12, day }), 0.6, { k })).toEqual([])
  })

  test('of a burst of volume after a thin minute, without a move', () => {
    const bars = history.map((b, i) => (i === 900 ? { ...b, volume: 1 } : b))
    const judged = judgedAt(bars, 901)
    expect(judged.abnormal).toBe(false)
    expect(judged.severity.rank).toBeGreaterThan(10)
  })

  test('of a stock without a move on fifty times its volume', () => {
    const still = history.map((b, i) =>
      i === 1_000 ? { ...b, high: b.open, low: b.open, close: b.open, volume: 50_000 } : b,
    )
    expect(signalsOf(still, 0.6)).toEqual([])
  })
})

describe('a judgement', () => {
  const whole = make()
  const judgements = judgeAll(whole, eventful)
  const models = whole.takeFitted()

  test('is the same to the last byte when the bars come in parts', () => {
    const parts = make()
    const inParts = [...judgeAll(parts, eventful.slice(0, 1_000)), ...judgeAll(parts, eventful.slice(1_000))]
    expect(JSON.stringify(inParts)).toBe(JSON.stringify(judgements))
    expect(JSON.stringify(parts.takeFitted())).toBe(JSON.stringify(models))
  })

  test('is the same to the last byte after a restart with stored models, which are not fitted again', () => {
    const stored = new Map(models.map((model) => [model.cutoff, fromSnapshot(toSnapshot(model))]))
    const again = make({}, (cutoff) => stored.get(cutoff) ?? null)
    expect(JSON.stringify(judgeAll(again, eventful))).toBe(JSON.stringify(judgements))
    expect(again.takeFitted()).toEqual([])
  })

  test('depends on nothing that comes later', () => {
    expect(judgeAll(make(), eventful.slice(0, 1_503))).toEqual(judgements.slice(0, 1_503))
  })

  test('names the model that made it', () => {
    const ids = new Set(judgedOnly(judgements).map(({ modelId }) => modelId))
    expect(ids).toEqual(new Set(models.map(({ id }) => id)))
  })

  test('ranks a minute among all so far, and never anew', () => {
    const judged = judgedOnly(judgements)
    expect(judged.map((j) => j.severity.of)).toEqual(judged.map((_, i) => i + 1))
    expect(judged.find((j) => j.openTime === eventful[700]!.openTime)!.severity.rank).toBe(1)
  })

  test('holds the numbers of the bar and its baseline, and shares that add up to one', () => {
    const { why } = judgedOnly(judgements).find((j) => j.openTime === eventful[1_500]!.openTime)!
    const b = eventful[1_500]!
    expect(why).toMatchObject({
      horizon: 1,
      reference: eventful[1_499]!.close,
      volume: b.volume,
      turnover: b.close * b.volume,
    })
    expect(why.movePercent).toBeCloseTo((b.high / why.reference - 1) * 100, 9)
    expect(why.volumeMultiple).toBeCloseTo(b.volume / why.typicalVolume, 9)
    expect(why.drivers.price! + why.drivers.volume!).toBeCloseTo(1, 12)
    expect(why.drivers.volume!).toBeGreaterThan(0.5)
  })

  test('can be computed again from the bars alone', () => {
    const naive = naiveReadings(eventful.slice(0, 711), {
      calendar: krx,
      market: marketOf(krx.name),
      parameters: PARAMETERS,
      horizons: HORIZONS,
    })
    for (const [i, judgement] of judgements.slice(0, 711).entries()) {
      if (judgement.state === 'learning') continue
      const expected = naive[i]!.horizons!.find(({ minutes }) => minutes === judgement.horizon)!
      expect(judgement.features.surge).toBeCloseTo(expected.surge, 7)
      expect(judgement.why.typicalVolume / expected.usualVolume).toBeCloseTo(1, 9)
      expect(judgement.why.typicalMovePercent).toBeCloseTo(100 * Math.expm1(expected.usualMove), 9)
    }
  })

  test('of an overnight gap has the numbers of the gap', () => {
    const at = 5 * 381
    const gapped = scaledFrom(history, at, 0.8)
    const { why } = judgedAt(gapped, at)
    expect(why).toMatchObject({ gap: true, direction: 'down', horizon: 1, reference: history[at - 1]!.close })
    expect(why.movePercent).toBeCloseTo(100 * (gapped[at]!.open / gapped[at - 1]!.close - 1), 9)
  })
})

describe('models', () => {
  test('are fitted when the warm-up is reached and at each session, from bars before their cutoff', () => {
    const detector = make()
    judgeAll(detector, history)
    const models = detector.takeFitted()
    expect(models.map(({ cutoff }) => cutoff)).toEqual(
      sessionsOf(krx, 8)
        .map(({ open }) => open)
        .slice(1),
    )
    expect(models.map(({ rows }) => rows)).toEqual([321, 702, 1_083, 1_464, 1_845, 2_226, 2_607])
    expect(detector.takeFitted()).toEqual([])
  })

  test.for([
    { name: 'another k', settings: { k: 2 as const } },
    { name: 'another seed', settings: { seed: 2 } },
    { name: 'another symbol', settings: { symbol: '005930' } },
    { name: 'other horizons', settings: { horizons: [1] } },
  ])('that are stored for $name are not used', ({ settings }) => {
    const first = make(settings)
    judgeAll(first, history.slice(0, 800))
    const stored = new Map(first.takeFitted().map((model) => [model.cutoff, model]))
    const other = make({}, (cutoff) => stored.get(cutoff) ?? null)
    judgeAll(other, history.slice(0, 800))
    expect(other.takeFitted().map(({ cutoff }) => cutoff)).toEqual([...stored.keys()])
  })

  test('of a stock without history of its own ask for what its market does', () => {
    const lively = Array.from({ length: 6 }, (_, n) => {
      const detector = make({ symbol: `S${n}` })
      judgeAll(
        detector,
        Array.from({ length: 30 }, (_, i) => 400 + 80 * i + n).reduce((b, at) => withSpike(b, at, 15, 200), history),
      )
      return detector.past
    })
    const pool = fitPool(lively, HORIZONS, marketOf(krx.name).curves, history.at(-1)!.openTime + MINUTE)
    const [alone, pooled] = [make(), make({ market: () => pool.curves })]
    for (const detector of [alone, pooled]) judgeAll(detector, history.slice(0, 500))
    expect(boundary(pooled!.model!, 0.6)).toBeGreaterThan(boundary(alone!.model!, 0.6) + 0.1)
  })
})

describe('while it learns', () => {
  test('it says how much it has and how much it needs, and judges nothing', () => {
    const judgements = judgeAll(make({ warmupMinutes: 100 }), history.slice(0, 140))
    expect(judgements[0]).toEqual({ state: 'learning', openTime: history[0]!.openTime, have: 0, need: 100 })
    expect(judgements[50]).toMatchObject({ state: 'learning', have: 50, need: 100 })
    expect(judgements.map(({ state }) => state).indexOf('judged')).toBe(100)
  })

  test('nothing is usual, no model is there and none can be made', () => {
    const detector = make()
    judgeAll(detector, history.slice(0, 381))
    expect([detector.usual, detector.model, detector.fitNow(2), detector.moveFor(0, 2, 1)]).toEqual([
      null,
      null,
      null,
      null,
    ])
  })

  test('a stock that traded twice last month is one that learns', () => {
    const detector = make()
    judgeAll(detector, history.slice(0, 1_000))
    expect(detector.learning).toBeNull()
    expect(detector.push(bar(START + 42 * DAY + 60 * MINUTE))).toMatchObject({ state: 'learning', have: 0 })
    expect(detector.usual).toBeNull()
  })
})

test.for([
  { volume: 0, states: ['learning'] },
  { volume: 100, states: ['learning', 'judged'] },
])('constant prices on a volume of $volume give numbers or learning, never NaN', ({ volume, states }) => {
  const bars = Array.from({ length: 900 }, (_, i) =>
    bar(START + (i % 380) * MINUTE + Math.floor(i / 380) * DAY, { volume }),
  )
  const judgements = judgeAll(make({ warmupMinutes: 100 }), bars)
  expect([...new Set(judgements.map(({ state }) => state))]).toEqual(states)
  for (const { score, why } of judgedOnly(judgements))
    expect([score, why.movePercent, why.volumeMultiple, why.typicalTurnover].every(Number.isFinite)).toBe(true)
})

describe.for([
  { name: 'whose sessions have unequal lengths', calendar: unevenCalendar(), left: () => true },
  {
    name: 'that begins at 09:02 on its third day',
    calendar: krx,
    left: (session: number, minute: number) => session !== 2 || minute >= 2,
  },
  {
    name: 'that ends at 15:18 on its third day',
    calendar: krx,
    left: (session: number, minute: number) => session !== 2 || minute < 378,
  },
  { name: 'without closing auctions', calendar: krx, left: (_: number, minute: number) => minute < 380 },
  {
    name: 'without its third and fourth day',
    calendar: krx,
    left: (session: number) => session !== 2 && session !== 3,
  },
])('a stock $name', ({ calendar, left }) => {
  const sessions = sessionsOf(calendar, 7)
  const placeOf = ({ openTime }: Bar) => {
    const session = sessions.findLastIndex(({ open }) => open <= openTime)
    return [session, (openTime - sessions[session]!.open) / MINUTE] as const
  }
  const bars = quietBars(calendar, { seed: 15, sessions: 7 }).filter((b) => left(...placeOf(b)))
  const at = bars.findIndex(({ openTime }) => openTime === sessions[6]!.open + 90 * MINUTE)

  test('has a signal of its sudden minute and no other', () => {
    expect(signalsOf(withMove(bars, at, 5, 15), 0.6, { calendar }).map(({ openTime }) => openTime)).toEqual([
      bars[at]!.openTime,
    ])
  })
})

describe('the scatter', () => {
  const detector = make()
  const judged = judgeAll(detector, eventful.slice(0, 701)).at(-1) as Judged

  test('has the newest minutes of each horizon with the clusters that a model puts them in', () => {
    const two = detector.fitNow(2)!
    HORIZONS.forEach((_, h) => {
      const { clusters } = two.horizons[h]!
      const rows = detector.rows(two, h)
      expect(rows.map(({ openTime }) => openTime)).toEqual(
        rows.map(({ openTime }) => openTime).toSorted((a, b) => a - b),
      )
      expect(clusters.map(({ size }) => size)).toEqual(
        clusters.map((_, c) => rows.filter(({ cluster }) => cluster === c).length),
      )
    })
  })

  test('is drawn with the move that a score takes: that of the minute that has it, but for a tick', () => {
    const tick = 5 / judged.why.reference
    const move = detector.moveFor(0, judged.score, judged.why.volumeMultiple!)!
    expect(Math.abs(move - judged.why.movePercent / 100)).toBeLessThan(1.1 * tick)
  })

  test('takes less of a move on more volume, and more of it for a higher score', () => {
    expect(detector.moveFor(0, 3, 10)!).toBeLessThan(detector.moveFor(0, 3, 1)!)
    expect(detector.moveFor(1, 4, 10)!).toBeGreaterThan(detector.moveFor(1, 3, 10)!)
  })
})

test.for([
  { name: 'twice the same minute', minutes: [3, 3], says: 'bars must come in strict time order' },
  { name: 'a step back', minutes: [3, 2], says: 'bars must come in strict time order' },
  { name: 'a bar at night', minutes: [3, 700], says: 'outside the sessions' },
])('$name is refused', ({ minutes, says }) => {
  const detector = make()
  const push = (): Judgement[] => minutes.map((minute) => detector.push(bar(START + minute * MINUTE)))
  expect(push).toThrow(says)
})

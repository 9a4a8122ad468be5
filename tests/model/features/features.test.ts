import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTracker, HORIZONS, type Reading } from '../../../src/model/features/features.ts'
import { marketOf } from '../../../src/model/features/markets.ts'
import { PARAMETERS, type Parameters } from '../../../src/model/features/parameters.ts'
import { type Bar, MINUTE, type Ohlcv } from '../../../src/model/time/bar.ts'
import type { Calendar } from '../../../src/model/time/session.ts'
import { createDayCalendar, createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { naiveReadings } from '../../support/naive.ts'
import {
  bar,
  inverted,
  minutesOf,
  quietBars,
  START,
  scaledFrom,
  sessionsOf,
  unevenCalendar,
  withMove,
  withSpike,
} from '../bars.ts'

const krx = createWeekdayCalendar()
const uneven = unevenCalendar()
const always = createDayCalendar()

interface Settings {
  readonly calendar?: Calendar
  readonly parameters?: Parameters
  readonly horizons?: readonly number[]
}
const track = (
  bars: readonly Ohlcv[],
  { calendar = krx, parameters = PARAMETERS, horizons = HORIZONS }: Settings = {},
): Reading[] => {
  const tracker = createTracker(calendar, marketOf(calendar.name), parameters, horizons)
  return bars.map((b) => {
    const reading = tracker.push(b)
    return { ...reading, horizons: reading.horizons.map((each) => ({ ...each })) }
  })
}

/**
 * A walk on ticks through a calendar's minutes, many of them absent; now and then a burst, a half tick, an overnight
 * gap or another scale of prices.
 */
const walkOf = (calendar: Calendar) => {
  const times = sessionsOf(calendar, 9).flatMap(minutesOf)
  const step = fc.record({
    skip: fc.constantFrom(1, 1, 1, 1, 1, 2, 3, 8, 14, 15, 40, 381, 1_900),
    ticks: fc.integer({ min: -3, max: 3 }),
    reach: fc.integer({ min: 0, max: 4 }),
    gap: fc.constantFrom(0, 0, 0, 0, 0, 0.5, 20, -30),
    times: fc.constantFrom(...Array<number>(60).fill(1), 20, 0.05),
    volume: fc.constantFrom(0, 1, 10, 12, 15, 20, 500, 90_000),
  })
  return fc.array(step, { minLength: 25, maxLength: 90 }).map((steps) => {
    let [at, close] = [0, 1_000]
    const bars: Ohlcv[] = []
    for (const { skip, ticks, reach, gap, times: scale, volume } of steps) {
      const openTime = times[at]
      if (openTime === undefined) break
      const open = Math.max(10, close + gap) * scale
      close = Math.max(10, open + ticks)
      bars.push({
        openTime,
        open,
        high: Math.max(open, close) + reach,
        low: Math.max(1, Math.min(open, close) - reach),
        close,
        volume,
      })
      at += skip
    }
    return bars
  })
}

/** True if two numbers differ only by the rounding of sums that were added up in another order. */
const near = (a: number, b: number) =>
  Object.is(a, b) || Math.abs(a - b) <= 1e-7 * Math.max(1e-6, Math.abs(a), Math.abs(b))
const differences = (got: object, expected: object): string[] =>
  Object.entries(expected).flatMap(([name, value]) => {
    const came = (got as Record<string, unknown>)[name]
    const same = typeof value === 'number' && typeof came === 'number' ? near(came, value) : came === value
    return same ? [] : [`${name} is ${came}, expected ${value}`]
  })
const expectAsDefined = (bars: readonly Ohlcv[], settings: Required<Settings>) => {
  const expected = naiveReadings(bars, { ...settings, market: marketOf(settings.calendar.name) })
  for (const [i, reading] of track(bars, settings).entries()) {
    const { horizons, ...rest } = expected[i]!
    const wrong = reading.horizons.flatMap((into, h) => differences(into, horizons?.[h] ?? { price: 0, surge: 0 }))
    expect([...differences(reading, rest), ...wrong]).toEqual([])
  }
}

describe.for([
  { name: 'sessions of KRX', calendar: krx },
  { name: 'sessions of unequal length, some without a closing auction', calendar: uneven },
  { name: 'a market that never closes', calendar: always },
])('in $name', ({ calendar }) => {
  test.for([{ horizons: [1] }, { horizons: [15] }, { horizons: [1, 15] }, { horizons: [1, 5, 30] }])(
    'every number is that of its definition, computed from nothing, over $horizons minutes',
    ({ horizons }) => {
      const chosen = fc.record({ baselineMinutes: fc.constantFrom(30, 200, 720), leastTraded: fc.constantFrom(3, 20) })
      fc.assert(
        fc.property(walkOf(calendar), chosen, (bars, some) => {
          expectAsDefined(bars, { calendar, parameters: { ...PARAMETERS, ...some }, horizons })
        }),
        { seed: 7, numRuns: 40 },
      )
    },
  )

  test('a reading depends on nothing that comes later', () => {
    fc.assert(
      fc.property(walkOf(calendar), fc.nat(), (bars, n) => {
        const cut = n % bars.length
        expect(track(bars.slice(0, cut), { calendar })).toEqual(track(bars, { calendar }).slice(0, cut))
      }),
      { seed: 7, numRuns: 15 },
    )
  })
})

test.for([
  { name: 'begins at 09:02 after a halt', without: (minute: number) => minute < 2 },
  { name: 'begins at 10:00', without: (minute: number) => minute < 60 },
  { name: 'has no closing auction', without: (minute: number) => minute === 390 },
  { name: 'ends at 15:18', without: (minute: number) => minute >= 378 },
  { name: 'has no bar at all', without: () => true },
])('a session that $name is read as its bars say, and so is what follows', ({ without }) => {
  const [, , session] = sessionsOf(krx, 3)
  const absent = ({ openTime }: Bar) =>
    openTime >= session!.open && openTime < session!.close && without((openTime - session!.open) / MINUTE)
  const bars = quietBars(krx, { seed: 12, sessions: 4, active: 0.4 }).filter((b) => !absent(b))
  expectAsDefined(bars, { calendar: krx, parameters: PARAMETERS, horizons: HORIZONS })
})

test('a day on half ticks is read as its bars say', () => {
  const bars = quietBars(krx, { seed: 13, sessions: 2, active: 0.4 }).map((b, i): Bar => {
    const half = i % 4 === 0 ? 2.5 : 0
    return { ...b, close: b.close + half, high: b.high + half }
  })
  expectAsDefined(bars, { calendar: krx, parameters: PARAMETERS, horizons: HORIZONS })
})

test('an overnight gap is no step of the price: half a tick of it in a session of one bar is not the tick of the next', () => {
  const quiet = quietBars(krx, { seed: 13, sessions: 3, active: 0.4 })
  const [, second, third] = sessionsOf(krx, 3).map(({ open }) => open)
  const before = quiet.filter(({ openTime }) => openTime < second!)
  const open = before.at(-1)!.close + 2.5
  const lonely = bar(second!, { open, high: open + 5, low: open, close: open })
  const bars = [...before, lonely, ...quiet.filter(({ openTime }) => openTime >= third!)]
  expectAsDefined(bars, { calendar: krx, parameters: PARAMETERS, horizons: HORIZONS })
})

test('every number is finite, and no surge negative, whatever the bars', () => {
  const price = fc.constantFrom(1e-8, 1.36e-6, 5, 5_000, 1e6, 1e9)
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ gap: fc.integer({ min: 1, max: 3_000 }), price, volume: fc.constantFrom(0, 1e-8, 1, 1e15) }),
        {
          minLength: 1,
          maxLength: 90,
        },
      ),
      (steps) => {
        let time = START
        const bars = steps.map(({ gap, price: p, volume }) => {
          time += gap * MINUTE
          return bar(time, { open: p, high: p, low: p, close: p, volume })
        })
        for (const { horizons, sigma, usualVolume } of track(bars, { calendar: always })) {
          const numbers = horizons.flatMap((h) => Object.values(h).filter((value) => typeof value === 'number'))
          expect([sigma, usualVolume, ...numbers].every(Number.isFinite)).toBe(true)
          expect(Math.min(...horizons.map(({ surge }) => surge))).toBeGreaterThanOrEqual(0)
        }
      },
    ),
    { seed: 7, numRuns: 40 },
  )
})

test('the judged minute is not part of what it is measured against', () => {
  const bars = quietBars(krx, { seed: 1, sessions: 2 }).slice(0, 601)
  const [plain, huge] = [bars, withSpike(bars, 600, 20, 1_000)].map((b) => track(b)[600]!)
  expect([huge!.usualVolume, huge!.sigma]).toEqual([plain!.usualVolume, plain!.sigma])
})

test('nothing is carried over: the minute after an event is measured like any other', () => {
  const readings = track(withSpike(quietBars(krx, { seed: 2, sessions: 3 }), 900, 8, 60))
  const [event, after] = [readings[900]!, readings[901]!].map(({ horizons }) => horizons[0]!.surge)
  expect(event!).toBeGreaterThan(20 * after!)
})

test('scale does not matter: a price of 1e-8 coins and of 1e6 won, and any unit of volume, read alike', () => {
  const bars = quietBars(krx, { seed: 3, sessions: 2 })
  const coins = scaledFrom(bars, 0, 2 ** -30).map((b) => ({ ...b, volume: b.volume * 1024 }))
  const surges = (readings: readonly Reading[]) => readings.map(({ horizons }) => horizons.map(({ surge }) => surge))
  expect(surges(track(coins))).toEqual(surges(track(bars)))
})

test('falls are measured like rises: inverted prices give the same surges the other way, up to the tick of a dear stock', () => {
  const quiet = quietBars(krx, { seed: 5, sessions: 3, price: 1_000_000, tick: 1 })
  const events = [
    [500, 4, 12],
    [640, -6, 3],
    [900, 15, 30],
  ] as const
  const bars = events.reduce((all, [at, percent, times]) => withMove(all, at, percent, times), quiet)
  const back = track(inverted(bars))
  for (const [i, { horizons }] of track(bars).entries()) {
    for (const [h, { surge, direction }] of horizons.entries()) {
      const mirrored = back[i]!.horizons[h]!
      expect(Math.abs(mirrored.surge - surge)).toBeLessThan(0.02 * (1 + surge))
      if (surge > 5) expect(mirrored.direction).not.toBe(direction)
    }
  }
})

describe('the first minute of a session', () => {
  const usual = quietBars(krx, { seed: 6, sessions: 4 })
  const OPEN = 3 * 381
  const opened = (percent: number) => scaledFrom(usual, OPEN, 1 + percent / 100)
  const readingAtOpen = (bars: readonly Bar[]) => track(bars.slice(0, OPEN + 1))[OPEN]!

  test('is measured from its own open, not from the close before', () => {
    const [minute, stretch] = readingAtOpen(withMove(usual, OPEN, 5, 20)).horizons
    expect([minute!.gap, minute!.reference, stretch!.reference]).toEqual([false, usual[OPEN]!.open, usual[OPEN]!.open])
  })

  test('is still when it only opens elsewhere by less than the market’s usual gap', () => {
    expect(readingAtOpen(opened(1)).horizons[0]!.price).toBeLessThan(1)
  })

  test('is measured by the overnight gap if that is odder than the move, in the gap’s direction and from the close before', () => {
    const bars = opened(-12)
    const [minute] = readingAtOpen(bars).horizons
    expect(minute).toMatchObject({ gap: true, direction: 'down', reference: bars[OPEN - 1]!.close })
    expect(minute!.move).toBeCloseTo(Math.log(bars[OPEN]!.open / bars[OPEN - 1]!.close), 12)
  })

  test('is measured by its move if that is odder than the gap', () => {
    expect(readingAtOpen(withMove(opened(-3), OPEN, 15, 20)).horizons[0]).toMatchObject({ gap: false, direction: 'up' })
  })

  test('has a less odd gap in a stock that gaps every day than in one that never does', () => {
    const gapping = [381, 762, OPEN].reduce((bars, at) => scaledFrom(bars, at, 1.08), usual)
    const [often, never] = [gapping, opened(8)].map((bars) => readingAtOpen(bars).horizons[0]!)
    expect([often!.gap, never!.gap]).toEqual([true, true])
    expect(often!.price).toBeLessThan(0.9 * never!.price)
  })

  test('leaves no trace of its gap in the usual move', () => {
    const [gapped, still] = [opened(12), usual].map((bars) => track(bars).at(-1)!)
    expect(gapped!.sigma).toBeCloseTo(still!.sigma, 12)
  })

  test('is a minute like any other in a market that never closes', () => {
    const bars = quietBars(always, { seed: 7, sessions: 2 })
    const { horizons, opens } = track(withMove(bars.slice(0, 1_441), 1_440, 3, 5), { calendar: always })[1_440]!
    expect(opens).toBe(true)
    expect(horizons.map(({ gap, reference }) => [gap, reference])).toEqual([
      [false, bars[1_439]!.close],
      [false, bars[1_425]!.close],
    ])
  })
})

test('a climb that no minute shows is far out over fifteen minutes, measured from where it began', () => {
  const climb = Array.from({ length: 15 }, (_, i) => 500 + i)
  const bars = climb.reduce((all, at) => withMove(all, at, 0.4, 3), quietBars(krx, { seed: 9, sessions: 2 }))
  const [minute, stretch] = track(bars)[514]!.horizons
  expect(stretch!.reference).toBe(bars[499]!.close)
  expect(stretch!.move).toBeCloseTo(Math.log(bars[514]!.high / bars[499]!.close), 12)
  expect(stretch!.volume).toBe(climb.reduce((total, at) => total + bars[at]!.volume, 0))
  expect(stretch!.surge).toBeGreaterThan(3 * minute!.surge)
})

test('a move within a tick is none, one of two ticks is one', () => {
  const bars = quietBars(krx, { seed: 10, sessions: 2, price: 500, tick: 5 }).slice(0, 601)
  const { close } = bars[599]!
  const [one, two] = [5, 10].map((reach) => {
    const next = bar(bars[600]!.openTime, {
      open: close,
      low: close,
      close: close + reach,
      high: close + reach,
      volume: 90_000,
    })
    return track([...bars.slice(0, 600), next])[600]!.horizons[0]!
  })
  expect([one!.price, one!.surge]).toEqual([0, 0])
  expect(two!.price).toBeCloseTo((Math.log((close + 10) / close) - 5 / close) / two!.unit, 12)
})

test.for([
  { name: 'in the middle of a session', at: 500 },
  { name: 'at the open of one', at: 381 },
])('a jump of the price scale $name starts the baseline anew', ({ at }) => {
  const readings = track(scaledFrom(quietBars(krx, { seed: 4, sessions: 2 }), at, 1_000))
  expect(readings[at]).toMatchObject({ known: false, have: 0, traded: 0 })
  expect(readings[at]!.horizons.map(({ surge }) => surge)).toEqual([0, 0])
  expect(readings[at + 20]!.known).toBe(true)
})

test.for([
  { calendar: uneven, name: 'KRX', factor: 1.5, move: true },
  { calendar: uneven, name: 'KRX', factor: 1.7, move: false },
  { calendar: krx, name: 'a made-up market', factor: 2.9, move: true },
  { calendar: krx, name: 'a made-up market', factor: 3.1, move: false },
  { calendar: always, name: 'a market without limits', factor: 7.5, move: true },
  { calendar: always, name: 'a market without limits', factor: 8.5, move: false },
])('in $name, a price $factor times the last one is a move: $move', ({ calendar, factor, move }) => {
  const bars = scaledFrom(quietBars(calendar, { seed: 4, sessions: 1 }), 200, factor)
  expect(track(bars, { calendar })[200]!.known).toBe(move)
})

test('after days without a trade nothing is usual', () => {
  const late = bar(START + 21 * 24 * 60 * MINUTE, { volume: 50 })
  expect(track([...quietBars(krx, { seed: 5, sessions: 1 }), late]).at(-1)).toMatchObject({ known: false, traded: 0 })
})

test('the open is measured by the market’s open until the stock’s own is known', () => {
  const readings = track(quietBars(krx, { seed: 6, sessions: 40, day: (place) => (place === 0 ? 30 : 1) }))
  const [first, second, last] = [0, 1, 39].map((session) => readings[session * 381]!)
  expect([first!.timeOfDay, second!.timeOfDay]).toEqual([false, true])
  expect(second!.usualVolume / 1_000).toBeGreaterThan(5)
  expect(last!.usualVolume).toBeGreaterThan(1.4 * second!.usualVolume)
})

test.for([
  { name: 'twice the same minute', times: [0, 0], says: 'bars must come in strict time order' },
  { name: 'a step back', times: [5, 2], says: 'bars must come in strict time order' },
  { name: 'a time that is no number', times: [0, Number.NaN], says: 'bars must come in strict time order' },
  { name: 'a bar at night', times: [0, 700], says: 'outside the sessions of weekdays' },
])('refuses $name', ({ times, says }) => {
  const tracker = createTracker(krx, marketOf(krx.name), PARAMETERS)
  expect(() => times.map((minute) => tracker.push(bar(START + minute * MINUTE)))).toThrow(says)
})

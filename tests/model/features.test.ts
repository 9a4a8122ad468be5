import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MINUTE, type Ohlcv } from '../../src/model/bar.ts'
import { createTracker, type Reading } from '../../src/model/features.ts'
import { seedRows } from '../../src/model/seed-rows.ts'
import { dayCalendar, weekdayCalendar } from '../../src/pipeline/calendar/plain.ts'
import { naiveFeatures } from '../support/naive.ts'
import { bar, quietBars, START, withSpike } from './bars.ts'

const track = (calendar: ReturnType<typeof dayCalendar>, bars: readonly Ohlcv[]): Reading[] => {
  const tracker = createTracker(calendar)
  return bars.map((b) => ({ ...tracker.push(b) }))
}
const krx = weekdayCalendar()
const always = dayCalendar()

/** A walk on ticks with gaps; now and then a burst. */
const walk = fc
  .array(
    fc.record({
      gap: fc.constantFrom(1, 1, 1, 1, 2, 4, 9, 40, 900),
      ticks: fc.integer({ min: -3, max: 3 }),
      reach: fc.integer({ min: 0, max: 4 }),
      volume: fc.constantFrom(0, 1, 10, 12, 15, 20, 500, 90_000),
    }),
    { minLength: 25, maxLength: 120 },
  )
  .map((steps) => {
    let [time, close] = [START, 1_000]
    return steps.map(({ gap, ticks, reach, volume }): Ohlcv => {
      time += gap * MINUTE
      const open = close
      close = Math.max(10, open + ticks)
      return { openTime: time, open, high: Math.max(open, close) + reach, low: Math.max(1, Math.min(open, close) - reach), close, volume }
    })
  })

test('the rolling features are those of their definitions, computed from nothing', () => {
  fc.assert(
    fc.property(walk, (bars) => {
      const last = track(always, bars).at(-1)!
      const naive = naiveFeatures(bars)
      expect(last.known).toBe(naive !== null)
      if (!naive) return
      expect(last.price).toBeCloseTo(naive.price, 9)
      expect(last.volume).toBeCloseTo(naive.volume, 9)
      expect(Math.abs(last.surge / (naive.surge || 1) - (naive.surge ? 1 : 0))).toBeLessThan(1e-9)
    }),
    { seed: 7, numRuns: 150 },
  )
})

test('a reading depends on nothing that comes later', () => {
  fc.assert(
    fc.property(walk, fc.nat(), (bars, n) => {
      const cut = n % bars.length
      expect(track(always, bars.slice(0, cut))).toEqual(track(always, bars).slice(0, cut))
    }),
    { seed: 7, numRuns: 40 },
  )
})

test('every feature is finite and not negative, whatever the bars', () => {
  const price = fc.constantFrom(1e-8, 1.36e-6, 5, 5_000, 1e6, 1e9)
  fc.assert(
    fc.property(
      fc.array(fc.record({ gap: fc.integer({ min: 1, max: 3_000 }), price, volume: fc.constantFrom(0, 1e-8, 1, 1e15) }), {
        minLength: 1,
        maxLength: 90,
      }),
      (steps) => {
        let time = START
        const bars = steps.map(({ gap, price: p, volume }) => {
          time += gap * MINUTE
          return bar(time, { open: p, high: p, low: p, close: p, volume })
        })
        for (const reading of track(always, bars)) {
          for (const value of [reading.surge, reading.price, reading.volume, reading.sigma, reading.meanVolume, reading.move]) {
            expect(Number.isFinite(value)).toBe(true)
          }
          expect(Math.min(reading.surge, reading.price, reading.volume)).toBeGreaterThanOrEqual(0)
        }
      },
    ),
    { seed: 7, numRuns: 60 },
  )
})

test('the judged minute is not part of what it is measured against', () => {
  const bars = quietBars(krx, { seed: 1, sessions: 2 })
  const at = 600
  const [plain, huge] = [bars, withSpike(bars, at, 20, 1_000)].map((b) => track(krx, b)[at]!)
  expect(huge!.meanVolume).toBe(plain!.meanVolume)
  expect(huge!.sigma).toBe(plain!.sigma)
})

test('an event in the baseline is cut off: the day after, what is usual has hardly moved', () => {
  const bars = quietBars(krx, { seed: 2, sessions: 4 })
  const event = withSpike(bars, 500, 20, 100_000)
  const [plain, after] = [bars, event].map((b) => track(krx, b)[900]!)
  expect(after!.meanVolume / plain!.meanVolume).toBeLessThan(1.5)
  expect(after!.sigma / plain!.sigma).toBeLessThan(1.2)
})

test('scale does not matter: a price of 1e-8 coins and of 1e6 won, and any unit of volume, read alike', () => {
  const bars = quietBars(krx, { seed: 3, sessions: 2 })
  const scaled = bars.map((b) => ({
    ...b,
    open: b.open * 2 ** -30,
    high: b.high * 2 ** -30,
    low: b.low * 2 ** -30,
    close: b.close * 2 ** -30,
    volume: b.volume * 1024,
  }))
  const [plain, coins] = [track(krx, bars), track(krx, scaled)]
  for (const [i, reading] of plain.entries()) expect(coins[i]!.surge).toBeCloseTo(reading.surge, 9)
})

test('a rise and the fall that mirrors it are told apart, and the fall counts two thirds', () => {
  const quiet = Array.from({ length: 300 }, (_, i) => bar(START + i * MINUTE, { high: 5_005, low: 4_995 }))
  const time = START + 300 * MINUTE
  const up = track(krx, [...quiet, bar(time, { high: 5_250, close: 5_250, volume: 50_000 })]).at(-1)!
  const down = track(krx, [...quiet, bar(time, { low: 5_000 ** 2 / 5_250, close: 5_000 ** 2 / 5_250, volume: 50_000 })]).at(-1)!
  expect([up.direction, down.direction]).toEqual(['up', 'down'])
  expect(down.price / up.price).toBeCloseTo(2 / 3, 1)
})

test('a slow climb is carried by its sum, and told from where it began', () => {
  const quiet = Array.from({ length: 200 }, (_, i) => bar(START + i * MINUTE, { high: 5_005, low: 4_995 }))
  let close = 5_000
  const climb = Array.from({ length: 15 }, (_, i) => {
    const open = close
    close = open + 30
    return bar(START + (200 + i) * MINUTE, { open, high: close, low: open, close, volume: 8_000 })
  })
  const readings = track(krx, [...quiet, ...climb])
  const last = readings.at(-1)!
  expect(last.carrier).toBe('climb')
  expect(last.stretchMinutes).toBeGreaterThan(10)
  expect(last.stretchMove).toBeCloseTo(Math.log(close / 5_000), 2)
  expect(last.surge).toBeGreaterThan(5 * readings[201]!.surge)
})

test('a jump of the price scale starts the baseline anew', () => {
  const bars = quietBars(krx, { seed: 4, sessions: 2 })
  const split = bars.map((b, i) =>
    i < 500 ? b : { ...b, open: b.open * 1_000, high: b.high * 1_000, low: b.low * 1_000, close: b.close * 1_000 },
  )
  const reading = track(krx, split)[500]!
  expect(reading.known).toBe(false)
  expect(reading.have).toBe(0)
  expect(reading.surge).toBe(0)
})

test('after days without a trade nothing is usual', () => {
  const bars = quietBars(krx, { seed: 5, sessions: 1 })
  const late = bar(START + 21 * 24 * 60 * MINUTE, { volume: 50 })
  const reading = track(krx, [...bars, late]).at(-1)!
  expect(reading.known).toBe(false)
  expect(reading.traded).toBe(0)
})

test('the volume of a usual open is usual after five sessions, at its own height', () => {
  const bars = quietBars(krx, { seed: 6, sessions: 12, day: (place) => (place === 0 ? 30 : 1) })
  const readings = track(krx, bars)
  const opens = readings.filter((_, i) => i % 381 === 0)
  expect(opens.map(({ timeOfDay }) => timeOfDay)).toEqual(opens.map((_, session) => session >= 5))
  expect(opens.at(-1)!.meanVolume / readings.at(-2)!.meanVolume).toBeGreaterThan(8)
})

test('the single-price auction after a halt is measured against the silence before it', () => {
  const bars = quietBars(krx, { seed: 8, sessions: 2 })
  const cut = 500
  const halted = [...bars.slice(0, cut), ...bars.slice(cut + 3)]
  const [plain, after] = [track(krx, bars)[cut + 3]!, track(krx, halted)[cut]!]
  expect(after.meanVolume / plain.meanVolume).toBeCloseTo(4, 0)
})

test.for([
  { name: 'twice the same minute', times: [0, 0], says: 'bars must come in strict time order' },
  { name: 'a step back', times: [5, 2], says: 'bars must come in strict time order' },
  { name: 'a bar at night', times: [0, 700], says: 'outside the sessions of weekdays' },
])('refuses $name', ({ times, says }) => {
  const tracker = createTracker(krx)
  expect(() => times.map((minute) => tracker.push(bar(START + minute * MINUTE)))).toThrow(says)
})

test('the old rows: percent from bar to bar, filed under the later one, none after a minute without volume', () => {
  const bars = [
    bar(START, { close: 100, volume: 200 }),
    bar(START + MINUTE, { close: 103, volume: 0 }),
    bar(START + 2 * MINUTE, { close: 103, volume: 50 }),
    bar(START + 4 * MINUTE, { close: 51.5, volume: 75 }),
  ]
  expect(seedRows(bars)).toEqual([
    { openTime: START + MINUTE, row: [expect.closeTo(3, 9), -100] },
    { openTime: START + 4 * MINUTE, row: [-50, 50] },
  ])
})

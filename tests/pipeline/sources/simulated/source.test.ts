import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Bar, barProblem, MINUTE } from '../../../../src/model/time/bar.ts'
import { isBarMinute, KST_OFFSET } from '../../../../src/model/time/session.ts'
import { krxSymbol } from '../../../../src/model/time/symbol.ts'
import { createSimulatedDays, weekdayIndex } from '../../../../src/pipeline/sources/simulated/days.ts'
import { eventAt, simulatedEvent } from '../../../../src/pipeline/sources/simulated/events.ts'
import {
  createSimulatedSource,
  type SimulatedSourceOptions,
} from '../../../../src/pipeline/sources/simulated/source.ts'
import { SIMULATED_FIRST_WATCHED, SIMULATED_STOCKS } from '../../../../src/pipeline/sources/simulated/stocks.ts'
import { dailyLimits, tickOf, toTick } from '../../../../src/pipeline/sources/simulated/ticks.ts'
import { sourceContract } from '../contract.ts'

const never = new AbortController().signal
const SATURDAY = Date.parse('2026-08-22T12:00+09:00')
const DAY = 24 * 60 * MINUTE
const symbols = SIMULATED_STOCKS.map(({ listing }) => listing.symbol)

const setup = (options: Partial<SimulatedSourceOptions> = {}) => {
  let wall = SATURDAY
  const source = createSimulatedSource({ seed: 7, speed: 30, now: () => wall, startAt: null, ...options })
  const pass = (ms: number): void => {
    wall += ms
  }
  return { source, pass }
}

sourceContract('simulated', async () => {
  const { source, pass } = setup()
  return {
    source,
    pass,
    symbol: '038530',
    interval: { from: SATURDAY - 9 * DAY, to: SATURDAY - 2 * DAY },
    unknown: '000660',
  }
})

describe('the market', () => {
  let market: Map<string, Bar[]>
  const { source } = setup()
  beforeAll(async () => {
    const bars = await Promise.all(
      symbols.map((symbol) => source.fetchBars(symbol, { from: SATURDAY - 84 * DAY, to: SATURDAY }, never)),
    )
    market = new Map(symbols.map((symbol, at) => [symbol, bars[at]!]))
  })
  const days = (symbol: string) => [...Map.groupBy(market.get(symbol)!, (bar) => date(bar.openTime)).values()]
  const date = (time: number) => new Date(time + KST_OFFSET).toISOString().slice(0, 10)
  const clock = (time: number) => new Date(time + KST_OFFSET).toISOString().slice(11, 16)

  test('every bar is good, inside its session, on the price steps and within the daily limits', () => {
    const wrong: unknown[] = []
    for (const symbol of symbols) {
      let previousClose: number | null = null
      for (const day of days(symbol)) {
        const limits = previousClose === null ? { low: 0, high: Infinity } : dailyLimits(previousClose)
        for (const bar of day) {
          const session = source.calendar.sessionAt(bar.openTime)
          const tradable = (price: number) => price % tickOf(price) === 0 && price >= limits.low && price <= limits.high
          const good =
            barProblem(bar) === null &&
            session !== null &&
            isBarMinute(session, bar.openTime) &&
            Number.isInteger(bar.volume) &&
            bar.volume > 0 &&
            [bar.open, bar.high, bar.low, bar.close].every(tradable)
          if (!good) wrong.push(bar)
        }
        previousClose = day.at(-1)!.close
      }
    }
    expect(wrong).toEqual([])
  })

  test('every session opens with a large bar and closes with an auction at one price', () => {
    for (const symbol of symbols) {
      const full = days(symbol).filter((day) => date(day[0]!.openTime) < source.liveFrom)
      const multiples = full.map((day) => {
        const volumes = day
          .slice(1, -1)
          .map(({ volume }) => volume)
          .toSorted((a, b) => a - b)
        const median = volumes[volumes.length >> 1]!
        const [first, last] = [day[0]!, day.at(-1)!]
        expect([clock(first.openTime), clock(last.openTime)]).toEqual(['09:00', '15:30'])
        expect(new Set([last.open, last.high, last.low, last.close]).size).toBe(1)
        return { opening: first.volume / median, closing: last.volume / median }
      })
      expect(middle(multiples.map(({ opening }) => opening))).toBeGreaterThan(20)
      expect(middle(multiples.map(({ opening }) => opening))).toBeLessThan(45)
      expect(middle(multiples.map(({ closing }) => closing))).toBeGreaterThan(10)
      expect(middle(multiples.map(({ closing }) => closing))).toBeLessThan(22)
    }
  })

  test('the day has the form of a U: mornings and closes are busier than noon', () => {
    for (const symbol of symbols) {
      const volume = (from: string, to: string) =>
        middle(
          days(symbol).map((day) =>
            day
              .filter(({ openTime }) => clock(openTime) >= from && clock(openTime) < to)
              .reduce((sum, bar) => sum + bar.volume, 0),
          ),
        )
      expect(volume('09:01', '09:41')).toBeGreaterThan(1.3 * volume('12:00', '12:40'))
      expect(volume('14:40', '15:20')).toBeGreaterThan(1.1 * volume('12:00', '12:40'))
    }
  })

  test('thin stocks miss minutes, a large one none', () => {
    const present = (symbol: string) => middle(days(symbol).map((day) => day.length / 381))
    expect(present('990350')).toBeGreaterThan(0.98)
    expect(present('038530')).toBeGreaterThan(0.35)
    expect(present('038530')).toBeLessThan(0.75)
    expect(present('990850')).toBeLessThan(0.45)
  })

  test('calm and lively stretches follow each other: sizes of moves are correlated from minute to minute', () => {
    const correlations = symbols.map((symbol) =>
      middle(
        days(symbol).map((day) => {
          const sizes = day.slice(1).map((bar, at) => Math.abs(Math.log(bar.close / day[at]!.close)))
          const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length
          const square = sizes.reduce((sum, size) => sum + (size - mean) ** 2, 0)
          return sizes.slice(1).reduce((sum, size, at) => sum + (size - mean) * (sizes[at]! - mean), 0) / square
        }),
      ),
    )
    expect(middle(correlations)).toBeGreaterThan(0.05)
  })

  test('an interruption leaves two or three minutes out and comes back large', async () => {
    let interruptions = 0
    for (const symbol of symbols)
      for (const day of days(symbol)) {
        let reference = day[0]!.open
        for (const [at, bar] of day.entries()) {
          const next = day[at + 1]
          if (
            next === undefined ||
            Math.abs(bar.close / reference - 1) < 0.1 ||
            (bar.close !== bar.high && bar.close !== bar.low)
          )
            continue
          interruptions++
          expect([3, 4]).toContain((next.openTime - bar.openTime) / MINUTE)
          reference = next.open
        }
      }
    expect(interruptions).toBeGreaterThan(3)
  })

  test('history has about one event a stock in five sessions, and they are unlike ordinary minutes', () => {
    const sessions = symbols.flatMap((symbol, at) =>
      days(symbol).map((day) => ({
        day,
        event: simulatedEvent(7, SIMULATED_STOCKS[at]!, date(day[0]!.openTime), source.liveFrom),
      })),
    )
    const old = sessions.filter(({ day }) => date(day[0]!.openTime) < source.liveFrom)
    const events = old.filter(({ event }) => event !== null)
    expect(events.length / old.length).toBeGreaterThan(0.13)
    expect(events.length / old.length).toBeLessThan(0.27)
    const pumps = events.filter(({ event }) => event!.kind === 'pump' && event!.move > 0.06)
    expect(pumps.length).toBeGreaterThan(5)
    const surges = pumps.map(({ day, event }) => {
      const start = source.calendar.lastSession(day[0]!.openTime).open + event!.at * MINUTE
      const before = day.filter(({ openTime }) => openTime < start)
      const during = day.filter(({ openTime }) => openTime >= start && openTime < start + 4 * MINUTE)
      return {
        move: Math.max(...during.map(({ high }) => high)) / before.at(-1)!.close - 1,
        volume: Math.max(...during.map(({ volume }) => volume)) / middle(before.map(({ volume }) => volume)),
      }
    })
    expect(middle(surges.map(({ move }) => move))).toBeGreaterThan(0.05)
    expect(middle(surges.map(({ volume }) => volume))).toBeGreaterThan(15)
  })
})

describe('the same seed is the same market', () => {
  const whole = (symbol: string, seed = 7) =>
    setup({ seed, startAt: SATURDAY }).source.fetchBars(symbol, { from: SATURDAY - 15 * DAY, to: SATURDAY }, never)

  test('however it is asked for', async () => {
    const cut = fc.array(fc.integer({ min: 0, max: 15 * 1440 }), { maxLength: 6 })
    const expected = new Map<string, Bar[]>()
    for (const symbol of symbols) expected.set(symbol, await whole(symbol))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...symbols), cut, fc.boolean(), async (symbol, cuts, backwards) => {
        const { source } = setup({ startAt: SATURDAY })
        const edges = [0, ...cuts.toSorted((a, b) => a - b), 15 * 1440].map(
          (minute) => SATURDAY - 15 * DAY + minute * MINUTE,
        )
        const intervals = edges.slice(1).map((to, at) => ({ from: edges[at]!, to }))
        const pieces = new Map<number, Bar[]>()
        for (const interval of backwards ? intervals.toReversed() : intervals)
          pieces.set(interval.from, [
            ...(pieces.get(interval.from) ?? []),
            ...(await source.fetchBars(symbol, interval, never)),
          ])
        expect([...pieces].toSorted(([a], [b]) => a - b).flatMap(([, bars]) => bars)).toEqual(expected.get(symbol))
      }),
      { seed: 5, numRuns: 40 },
    )
  })

  test('another seed is another market', async () => {
    expect(await whole('038530', 8)).not.toEqual(await whole('038530'))
  })

  test('closes connect whatever day is asked first, and there is nothing before the first session', async () => {
    const [stock] = SIMULATED_STOCKS
    const forward = createSimulatedDays(7, stock!)
    const late = createSimulatedDays(7, stock!)('2026-08-21')!
    expect(forward('2026-08-20')!.close).toBe(late.previousClose)
    expect(forward('2026-08-21')).toEqual(late)
    expect(forward('2020-01-01')).toBeNull()
    expect(await setup().source.fetchBars('038530', { from: 0, to: Date.parse('2020-01-01T00:00Z') }, never)).toEqual(
      [],
    )
    expect(weekdayIndex('2026-08-24') - weekdayIndex('2026-08-21')).toBe(1)
  })

  test('prices stay sensible for decades', () => {
    for (const stock of SIMULATED_STOCKS) {
      const close = createSimulatedDays(7, stock)('2060-01-05')!.close
      expect(close / stock.price).toBeGreaterThan(0.3)
      expect(close / stock.price).toBeLessThan(3)
    }
  })

  test('a session that was live looks the same after a restart', async () => {
    const first = setup()
    for (let minute = 0; minute < 40; minute++) {
      first.source.now()
      first.pass(60_000)
    }
    const seen = await first.source.fetchBars('038530', { from: 0, to: Infinity }, never)
    const newest = seen.at(-1)!.openTime
    const again = setup({ startAt: newest, liveFrom: first.source.liveFrom })
    expect(await again.source.fetchBars('038530', { from: 0, to: newest + 1 }, never)).toEqual(seen)
  })
})

describe('the clock', () => {
  test('starts anew at 09:40 of the last session before today', () => {
    for (const [wall, begins] of [
      ['2026-08-22T12:00+09:00', '2026-08-21T09:40+09:00'],
      ['2026-08-24T23:30+09:00', '2026-08-21T09:40+09:00'],
      ['2026-08-25T00:10+09:00', '2026-08-24T09:40+09:00'],
    ] as const) {
      const { source } = setup({ now: () => Date.parse(wall) })
      expect(source.now()).toBe(Date.parse(begins))
      expect(source.liveFrom).toBe(begins.slice(0, 10))
    }
  })

  test('goes on behind the newest stored minute', () => {
    const startAt = Date.parse('2026-08-19T11:07+09:00')
    expect(setup({ startAt }).source.now()).toBe(startAt + MINUTE)
  })

  test('runs at its speed to the close, rests for twenty seconds, and goes on a minute before the next open', () => {
    const { source, pass } = setup({ startAt: Date.parse('2026-08-21T15:28+09:00') })
    const kst = () => new Date(source.now() + KST_OFFSET).toISOString().slice(0, 19)
    expect(kst()).toBe('2026-08-21T15:29:00')
    pass(4_000)
    expect(kst()).toBe('2026-08-21T15:31:00')
    pass(19_000)
    expect(kst()).toBe('2026-08-21T15:40:30')
    pass(1_000)
    expect(kst()).toBe('2026-08-24T08:59:00')
    pass(2_000)
    expect(kst()).toBe('2026-08-24T09:00:00')
  })

  test('however real time passes, it never goes back and is at the same place', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 299_000 }), { minLength: 1, maxLength: 40 }),
        fc.constantFrom(1, 30, 600, 100_000),
        (waits, speed) => {
          const stepwise = setup({ speed })
          let last = stepwise.source.now()
          for (const wait of waits) {
            stepwise.pass(wait)
            const now = stepwise.source.now()
            expect(now).toBeGreaterThanOrEqual(last)
            last = now
          }
          const halved = setup({ speed })
          halved.source.now()
          for (const wait of waits) {
            halved.pass(Math.floor(wait / 2))
            halved.source.now()
            halved.pass(Math.ceil(wait / 2))
            halved.source.now()
          }
          expect(Math.abs(halved.source.now() - last)).toBeLessThanOrEqual(1)
        },
      ),
      { seed: 6, numRuns: 100 },
    )
  })

  test('a clock that is set back does not turn it round, and a night of sleep is not raced through', () => {
    const { source, pass } = setup({ speed: 1 })
    const begin = source.now()
    pass(-3_600_000)
    expect(source.now()).toBe(begin)
    pass(8 * 3_600_000)
    expect(source.now()).toBe(begin + 5 * MINUTE)
  })

  test('settings that are none are refused', () => {
    expect(() => setup({ speed: 0 })).toThrow('speed is 0, expected a number above 0')
    expect(() => setup({ seed: 1.5 })).toThrow('seed is 1.5, expected a whole number')
  })
})

describe('a visitor', () => {
  test('sees 038530 move strongly within fifteen seconds of the first start', async () => {
    const { source, pass } = setup()
    const before = await source.fetchBars('038530', { from: 0, to: Infinity }, never)
    pass(10_000)
    const fresh = await source.fetchBars('038530', { from: before.at(-1)!.openTime + 1, to: Infinity }, never)
    const jump = Math.max(...fresh.map((bar, at) => bar.high / (fresh[at - 1] ?? before.at(-1)!).close))
    expect(jump).toBeGreaterThan(1.03)
    expect(Math.max(...fresh.map(({ volume }) => volume))).toBeGreaterThan(
      15 * middle(before.slice(-400).map(({ volume }) => volume)),
    )
  })

  test('then sees one of the watched stocks move every few minutes', () => {
    const watched = SIMULATED_STOCKS.slice(0, SIMULATED_FIRST_WATCHED)
    for (const day of ['2026-08-21', '2026-08-24', '2026-08-25', '2027-03-02']) {
      const starts = watched.map((stock) => simulatedEvent(7, stock, day, '2026-08-21')!.at).toSorted((a, b) => a - b)
      const realMinutes = starts.slice(1).map((at, index) => (at - starts[index]!) / 30)
      expect(realMinutes.every((gap) => gap > 0.5 && gap < 4)).toBe(true)
    }
  })

  test('an event leaves no trace in the close', () => {
    for (const stock of SIMULATED_STOCKS)
      for (const day of ['2026-08-21', '2026-08-24', '2026-08-25'])
        expect(eventAt(simulatedEvent(7, stock, day, '2026-08-21')!, 390, 390).move).toBeCloseTo(0, 12)
  })

  test('finds stocks by valid codes and by names that say they are simulated', async () => {
    const listings = await setup().source.listings(never)
    expect(listings[0]).toMatchObject({ symbol: '038530', name: '케이바이오랩스 (모의)', market: 'KOSDAQ' })
    expect(listings.some(({ symbol }) => /[A-Z]/.test(symbol))).toBe(true)
    for (const { symbol, name, nameEn } of listings) {
      expect(krxSymbol(symbol)).toBe(symbol)
      expect(name).toMatch(/ \(모의\)$/)
      expect(nameEn).toMatch(/ \(simulated\)$/)
    }
  })
})

test.for([
  [1_999, 1],
  [2_000, 5],
  [4_995, 5],
  [5_000, 10],
  [19_990, 10],
  [20_000, 50],
  [50_000, 100],
  [199_900, 100],
  [200_000, 500],
  [500_000, 1_000],
] as const)('a price of %i won moves in steps of %i', ([price, step]) => {
  expect(tickOf(price)).toBe(step)
  expect(toTick(price + step * 0.4)).toBe(price)
})

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

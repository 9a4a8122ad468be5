import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../../src/model/time/bar.ts'
import type { Calendar } from '../../../src/model/time/session.ts'
import { createObservedCalendar } from '../../../src/pipeline/calendar/observed.ts'
import { createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { type FeedState, feedStates, type StockObservation } from '../../../src/pipeline/feed/state.ts'
import { at } from '../../support/market.ts'

const calendar = createWeekdayCalendar()
const FLOWING: FeedState = { kind: 'flowing' }

/** Bar times of every minute of `[from, to)`. */
const everyMinute = (from: number, to: number): number[] =>
  Array.from({ length: (to - from) / MINUTE }, (_, i) => from + i * MINUTE)

/** A stock that is answered for until now, and traded in every minute of the morning up to `until`. */
const stock = (now: number, until: number, own: Partial<StockObservation> = {}): StockObservation => ({
  symbol: '038530',
  state: FLOWING,
  answeredUntil: Math.floor(now / MINUTE) * MINUTE,
  stuckMs: 0,
  bars: everyMinute(at('09:00'), until),
  suspended: false,
  halted: () => null,
  ...own,
})
const symbolOf = (index: number) => `99${String(index).padStart(4, '0')}`
const look = (
  now: number,
  stocks: readonly StockObservation[],
  provenOpen = false,
  observed: Calendar = calendar,
  canAsk = false,
) => feedStates({ now, calendar, observed, stocks, tellsClosedDays: true, provenOpen, canAsk })
const stateOf = (now: number, one: StockObservation) => look(now, [one]).get(one.symbol)
const later = (clock: string, minutes: number) => at(clock) + minutes * MINUTE

describe('a source that gives no answer', () => {
  const stuck = (minutes: number, own: Partial<StockObservation> = {}) =>
    stateOf(
      later('10:01', minutes) + 1,
      stock(0, at('10:00'), { answeredUntil: at('10:00'), stuckMs: minutes * MINUTE + 1, ...own }),
    )

  test('is silent once a minute of an active stock is overdue for more than two minutes, since the first that is missing', () => {
    expect(stuck(1)).toEqual(FLOWING)
    expect(stuck(2)).toEqual({ kind: 'silent', since: at('10:00'), why: 'unanswered' })
  })

  test('is no news of a stock that seldom trades', () => {
    expect(stuck(30, { bars: everyMinute(at('09:45'), at('10:00')) })).toEqual(FLOWING)
    expect(stuck(30, { bars: everyMinute(at('09:44'), at('10:00')) })?.kind).toBe('silent')
  })

  test('is not blamed for our own sleep: it has two minutes of our clock from the moment we look again', () => {
    expect(stuck(60, { stuckMs: 2 * MINUTE })).toEqual(FLOWING)
    expect(stuck(60, { stuckMs: 2 * MINUTE + 1 })?.kind).toBe('silent')
  })

  test('is not what keeps a stock waiting for its turn while others get theirs: that has ten minutes', () => {
    const waiting = (minutes: number) => {
      const now = later('10:01', minutes) + 1
      const served = stock(now, now - MINUTE, { symbol: '990110', stuckMs: 20_000 })
      return look(now, [
        served,
        stock(0, at('10:00'), { answeredUntil: at('10:00'), stuckMs: minutes * MINUTE + 1 }),
      ]).get('038530')
    }
    for (let minutes = 0; minutes < 10; minutes++) expect(waiting(minutes)).toEqual(FLOWING)
    expect(waiting(10)).toEqual({ kind: 'silent', since: at('10:00'), why: 'unanswered' })
  })

  test('is silent to all of its stocks at once when none of them has moved on for two minutes', () => {
    const now = at('10:30')
    const stocks = Array.from({ length: 40 }, (_, index) =>
      stock(0, at('10:00'), {
        symbol: symbolOf(index),
        answeredUntil: at('10:00'),
        stuckMs: 2 * MINUTE + 1 + index * 1_100,
      }),
    )
    expect([...look(now, stocks).values()]).toEqual(
      Array(40).fill({ kind: 'silent', since: at('10:00'), why: 'unanswered' }),
    )
  })

  test('is called silent from the first minute of the day on, over a night and a weekend', () => {
    const night = {
      answeredUntil: at('15:31', -3),
      bars: everyMinute(at('14:40', -3), at('15:20', -3)),
      stuckMs: 60 * MINUTE,
    }
    expect(stateOf(at('09:03'), stock(0, 0, night))).toEqual(FLOWING)
    expect(stateOf(at('09:03') + 1, stock(0, 0, night))).toEqual({
      kind: 'silent',
      since: at('09:00'),
      why: 'unanswered',
    })
  })

  test.for(['08:30', '15:25', '16:00'])('is nobody’s concern at %s, when nothing trades', (clock) => {
    const days = [...everyMinute(at('14:00', -3), at('15:20', -3)), ...everyMinute(at('09:00'), at('15:20'))]
    const away = {
      answeredUntil: later(clock, -60),
      stuckMs: 60 * MINUTE,
      bars: days.filter((time) => time < later(clock, -60)),
    }
    expect(stateOf(at(clock), stock(0, 0, away))).toEqual(FLOWING)
  })
})

describe('a source that answers without trades', () => {
  /** Stocks that trade until ten, `minutes` later. */
  const quiet = (minutes: number, count: number, own: Partial<StockObservation> = {}) => {
    const now = later('10:00', minutes)
    return look(
      now,
      Array.from({ length: count }, (_, index) => stock(now, at('10:00'), { symbol: symbolOf(index), ...own })),
    )
  }
  const kinds = (states: Map<string, FeedState>) => new Set([...states.values()].map(({ kind }) => kind))

  test('is silent when no stock of several trades for more than two minutes', () => {
    expect(kinds(quiet(2, 3))).toEqual(new Set(['flowing']))
    expect([...quiet(3, 3).values()]).toEqual(Array(3).fill({ kind: 'silent', since: at('10:00'), why: 'empty' }))
  })

  test('goes on when one of them trades, even one that seldom does', () => {
    const now = later('10:00', 10)
    const still = Array.from({ length: 3 }, (_, index) =>
      stock(now, at('10:00'), { symbol: symbolOf(index), bars: everyMinute(at('09:20'), at('10:00')) }),
    )
    const thin = stock(now, 0, { symbol: 'thin', bars: [at('09:10'), at('09:40'), at('10:08')] })
    expect(
      [...look(now, [...still, thin]).values()].some((state) => state.kind === 'silent' && state.why === 'empty'),
    ).toBe(false)
  })

  test('of one stock alone may be in an interruption for three minutes, and in a halt after that: it is told apart', () => {
    expect(kinds(quiet(3, 1))).toEqual(new Set(['flowing']))
    expect(quiet(4, 1).get(symbolOf(0))).toEqual({ kind: 'silent', since: at('10:00'), why: 'alone' })
  })

  test('is not silent in minutes in which the venue stopped trading, however long', () => {
    expect(kinds(quiet(60, 1, { halted: () => true }))).toEqual(new Set(['flowing']))
    expect(kinds(quiet(60, 4, { halted: () => true }))).toEqual(new Set(['flowing']))
    expect(kinds(quiet(60, 1, { suspended: true }))).toEqual(new Set(['flowing']))
  })

  test('after a halt that is over, silence counts from its end', () => {
    const halted = (minute: number) => minute < at('10:03')
    expect(kinds(quiet(6, 1, { halted }))).toEqual(new Set(['flowing']))
    expect(kinds(quiet(7, 1, { halted }))).toEqual(new Set(['silent']))
  })

  test('is no news of a stock that has had such pauses before', () => {
    const bars = [...everyMinute(at('09:00'), at('09:10')), ...everyMinute(at('09:15'), at('10:00'))]
    expect(kinds(quiet(12, 1, { bars }))).toEqual(new Set(['flowing']))
  })

  test('of a stock that trades in every minute is told after two of them where halts are known, whatever halts it had', () => {
    const halted = (minute: number) => minute >= at('09:20') && minute < at('09:23')
    const bars = [
      ...everyMinute(at('13:00', -3), at('15:20', -3)),
      ...everyMinute(at('09:00'), at('10:00')).filter((time) => !halted(time)),
    ]
    expect(kinds(quiet(2, 1, { bars, halted }))).toEqual(new Set(['flowing']))
    expect(quiet(3, 1, { bars, halted }).get(symbolOf(0))).toEqual({ kind: 'silent', since: at('10:00'), why: 'alone' })
    expect(kinds(quiet(12, 1, { bars, halted: () => null }))).toEqual(new Set(['flowing']))
    const lately = (minute: number) => minute >= at('09:50') && minute < at('09:53')
    expect(
      kinds(
        quiet(3, 1, {
          bars: bars.filter((time) => !lately(time)),
          halted: (minute) => halted(minute) || lately(minute),
        }),
      ),
    ).toEqual(new Set(['silent']))
  })

  test('of a stock that had a minute without a trade of late has its time, halts known or not', () => {
    const bars = everyMinute(at('09:00'), at('10:00')).filter((time) => time !== at('09:50'))
    expect(kinds(quiet(6, 1, { bars, halted: () => false }))).toEqual(new Set(['flowing']))
    expect(kinds(quiet(7, 1, { bars, halted: () => false }))).toEqual(new Set(['silent']))
  })

  test('a stock that has not traded today while others do is in a halt, not silent', () => {
    const now = at('11:00')
    const yesterday = everyMinute(at('14:40', -3), at('15:20', -3))
    expect(look(now, [stock(now, now), stock(now, 0, { symbol: '990110', bars: yesterday })]).get('990110')).toEqual(
      FLOWING,
    )
  })

  test('the ten minutes in which the closing auction gathers are no silence', () => {
    for (let minutes = 0; minutes <= 12; minutes++) {
      const now = later('15:20', minutes)
      expect(stateOf(now, stock(now, at('15:20')))).toEqual(FLOWING)
    }
  })
})

describe('what was silent', () => {
  const silent: FeedState = { kind: 'silent', since: at('10:00'), why: 'unanswered' }

  test('is back with the first of its missing minutes, once nothing is overdue', () => {
    const now = at('10:30')
    expect(stateOf(now, stock(now, at('10:00'), { state: silent }))).toEqual(silent)
    expect(stateOf(now, stock(now, at('10:05'), { state: silent, answeredUntil: at('10:05') }))).toEqual(silent)
    expect(stateOf(now, stock(now, at('10:30'), { state: silent }))).toEqual(FLOWING)
  })

  test('stays so over the close, and is back when the day was filled after it', () => {
    const evening = at('18:00')
    expect(stateOf(evening, stock(0, at('10:00'), { state: silent, answeredUntil: at('10:00') }))).toEqual(silent)
    expect(stateOf(evening, stock(0, at('15:20'), { state: silent, answeredUntil: at('15:31') }))).toEqual(FLOWING)
  })
})

describe('a day that the calendar calls open', () => {
  const yesterday = everyMinute(at('14:30', -3), at('15:20', -3))
  const still = (now: number, own: Partial<StockObservation> = {}) => stock(now, 0, { bars: yesterday, ...own })
  const CLOSED: FeedState = { kind: 'closed-today', date: '2026-11-16' }

  test('is taken for closed when no busy stock has traded an hour after the open, and not called silent before', () => {
    for (let now = at('09:00'); now < at('10:02'); now += MINUTE) expect(stateOf(now, still(now))).toEqual(FLOWING)
    expect(stateOf(at('10:02'), still(at('10:02')))).toEqual(CLOSED)
  })

  test('is not, when the source does not answer, when only quiet stocks are watched, or when they are suspended', () => {
    const now = at('10:30')
    expect(stateOf(now, still(now, { answeredUntil: at('09:30'), stuckMs: 60 * MINUTE }))?.kind).toBe('silent')
    expect(stateOf(now, still(now, { bars: yesterday.filter((_, index) => index % 3 === 0) }))).toEqual(FLOWING)
    expect(stateOf(now, still(now, { suspended: true }))).toEqual(FLOWING)
  })

  test('is, when only quiet stocks are watched and a busy one can be asked for', () => {
    const quiet = { bars: yesterday.filter((_, index) => index % 3 === 0) }
    const asked = (clock: string) => look(at(clock), [still(at(clock), quiet)], false, calendar, true).get('038530')
    expect(asked('10:01')).toEqual(FLOWING)
    expect(asked('10:02')).toEqual(CLOSED)
  })

  test('is not, when anything at all is known to trade', () => {
    const now = at('10:30')
    expect(look(now, [still(now), stock(now, 0, { symbol: 'thin', bars: [at('09:00')] })]).get('038530')).toEqual(
      FLOWING,
    )
    expect(look(now, [still(now)], true).get('038530')).toEqual(FLOWING)
  })

  test('stays closed without being called silent, and is open again with the first bar, or another day', () => {
    for (let now = at('10:03'); now < at('17:00'); now += 7 * MINUTE)
      expect(stateOf(now, still(now, { state: CLOSED, stuckMs: 60 * MINUTE }))).toEqual(CLOSED)
    expect(stateOf(at('11:00'), stock(at('11:00'), 0, { state: CLOSED, bars: [...yesterday, at('10:59')] }))).toEqual(
      FLOWING,
    )
    expect(stateOf(at('08:00', 1), still(at('08:00', 1), { state: CLOSED }))).toEqual(CLOSED)
    expect(stateOf(at('09:00', 1), still(at('09:00', 1), { state: CLOSED }))).toEqual(FLOWING)
  })

  test('an hour late in opening (first day of a year, exam days) is not closed', () => {
    const now = at('10:02')
    expect(stateOf(now, stock(now, 0, { bars: [...yesterday, at('10:00'), at('10:01')] }))).toEqual(FLOWING)
  })
})

describe('with a day found closed', () => {
  const observed = createObservedCalendar(calendar, ['2026-11-16'])
  const before = everyMinute(at('14:30', -3), at('15:20', -3))
  const observedState = (now: number, one: StockObservation) => look(now, [one], false, observed).get(one.symbol)

  test('every stock is closed on it, whatever else would be said', () => {
    const late = stock(0, 0, { bars: before, answeredUntil: at('15:31', -3), stuckMs: 60 * MINUTE })
    expect(observedState(at('10:40'), late)).toEqual({ kind: 'closed-today', date: '2026-11-16' })
  })

  test('what was not asked for on it is not overdue the next morning, and the new day’s first minute soon is', () => {
    const next = stock(0, 0, { bars: before, answeredUntil: at('10:02'), stuckMs: 23 * 60 * MINUTE })
    expect(observedState(at('09:03', 1), next)).toEqual(FLOWING)
    expect(observedState(at('09:03', 1) + 1, next)).toEqual({
      kind: 'silent',
      since: at('09:00', 1),
      why: 'unanswered',
    })
  })

  test('a stock is as active after it as it was before', () => {
    const bars = [...before, ...everyMinute(at('09:00', 1), at('09:05', 1))]
    const stuck = stock(0, 0, { bars, answeredUntil: at('09:05', 1), stuckMs: 10 * MINUTE })
    expect(observedState(at('09:15', 1), stuck)).toEqual({ kind: 'silent', since: at('09:05', 1), why: 'unanswered' })
  })
})

describe('for whatever is watched', () => {
  const minute = fc.integer({ min: 0, max: 379 })
  const traded = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 60, maxLength: 380 })
  /** Stocks with random trades before minute `until`, and none in the `pause` minutes after it. */
  const world = fc.record({
    stocks: fc.array(fc.record({ chances: traded, share: fc.double({ min: 0, max: 1, noNaN: true }) }), {
      minLength: 1,
      maxLength: 6,
    }),
    until: minute,
    pause: fc.integer({ min: 0, max: 40 }),
    state: fc.constantFrom<FeedState>(
      FLOWING,
      { kind: 'silent', since: at('09:30'), why: 'empty' },
      { kind: 'closed-today', date: '2026-11-16' },
    ),
  })
  const build = ({ stocks, until, pause, state }: Parameters<Parameters<typeof world.map>[0]>[0]) => {
    const now = at('09:00') + (until + pause) * MINUTE
    const looks = stocks.map(({ chances, share }, index) => {
      const bars = chances.flatMap((chance, i) => (chance < share && i < until ? [at('09:00') + i * MINUTE] : []))
      return stock(now, 0, { symbol: symbolOf(index), bars, state })
    })
    return { now, looks }
  }

  test('looking again at the same facts changes nothing', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { now, looks } = build(given)
        const once = look(now, looks)
        const again = look(
          now,
          looks.map((one) => ({ ...one, state: once.get(one.symbol) ?? FLOWING })),
        )
        expect([...again]).toEqual([...once])
      }),
    )
  })

  test('an answered stock with a trade in the last two minutes is never newly silent, nor is anything while the market is closed', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { now, looks } = build({ ...given, state: FLOWING })
        const states = look(now, looks)
        for (const one of looks)
          if ((one.bars.at(-1) ?? 0) >= now - 3 * MINUTE) expect(states.get(one.symbol)?.kind).not.toBe('silent')
        for (const state of look(at('20:00'), looks).values()) expect(state).toEqual(FLOWING)
      }),
    )
  })

  test('what is silent is so since the minute after its last bar', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { now, looks } = build({ ...given, state: FLOWING })
        const states = look(now, looks)
        for (const one of looks) {
          const state = states.get(one.symbol)
          if (state?.kind === 'silent') expect(state.since).toBe((one.bars.at(-1) ?? 0) + MINUTE)
        }
      }),
    )
  })
})

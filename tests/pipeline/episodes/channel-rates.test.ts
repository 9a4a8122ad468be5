import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowedRate, LEVELS, steeringFactor } from '../../../src/model/detector/channel-number.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { createChannelRates } from '../../../src/pipeline/episodes/channel-rates.ts'
import type { ChannelSettings, PostRecord } from '../../../src/pipeline/store/records.ts'
import { createChannels } from '../../../src/pipeline/views/channel-settings.ts'
import { at, memoryStore, watchOf } from '../../support/market.ts'
import { episode, fresh, post, step } from '../store/records.ts'

const calendar = createWeekdayCalendar()
/** A Monday; its day before, and the one before that, are Friday and Thursday. */
const NOW = at('11:00')
const [FRIDAY, THURSDAY] = [-3, -4]

/** A channel whose number holds since this morning, unless told, so that nothing steers it. */
const setUp = async (stocks: number, settings: Partial<ChannelSettings> = {}) => {
  const store = await memoryStore()
  const symbols = Array.from({ length: stocks }, (_, i) => String(i).padStart(6, '0'))
  const watch = (symbol: string, since = 0, series = 'test') => store.watches.add(watchOf(symbol, { series, since }))
  for (const symbol of symbols) await watch(symbol)
  await store.watches.saveSettings({
    ...{
      channelId: 'c',
      guildId: 'g',
      locale: 'ko',
      alertsPerDay: 6,
      numberSince: at('08:00'),
      wasPerWeek: null,
      pausedReason: null,
    },
    ...settings,
  })
  /** A decided post, of the first stock unless told. */
  const owe = async (
    openTime: number,
    more: Partial<PostRecord> = {},
    of: { symbol?: string; series?: string } = {},
  ) => {
    const id = fresh('episode')
    const kept = { symbol: '000000', series: 'test', ...of }
    await store.signals.commit(
      step(kept.series, openTime / MINUTE, {
        ...{ symbol: kept.symbol, episodes: [episode(kept.series, id, openTime / MINUTE, kept)] },
        posts: [post(id, { channelId: 'c', openTime, ...more })],
      }),
    )
  }
  const rate = (openTime = NOW, channelId = 'c') =>
    createChannelRates({ series: 'test', calendar, store })(channelId, openTime)
  const number = (now = NOW) =>
    createChannels({ source: { series: 'test', now: () => now }, calendar, store }).channelNumber('c', 'g')
  return { store, watch, owe, rate, number }
}
type Stand = Awaited<ReturnType<typeof setUp>>

describe('what a channel can expect a day', () => {
  const { quiet, normal, lively } = LEVELS
  test.for([
    [quiet.alertsPerDay, [0.2, 1, 2, 2]],
    [normal.alertsPerDay, [0.6, 3, 6, 6]],
    [lively.alertsPerDay, [2, 10, 20, 20]],
    // The nearest level, and of two equally near ones the quieter.
    [4, [0.2, 1, 2.4, 4]],
    [4.1, [0.6, 3, 4.1, 4.1]],
    [13, [0.6, 3, 7.2, 13]],
    [13.1, [2, 10, 13.1, 13.1]],
    [200, [2, 10, 24, 200]],
  ] as const)('at %d is, of 1, 5, 12 and 118 stocks, %j', async ([alertsPerDay, expected]) => {
    for (const [i, stocks] of [1, 5, 12, 118].entries()) {
      const { rate, number } = await setUp(stocks, { alertsPerDay })
      expect((await number()).expected).toBeCloseTo(expected[i]!, 9)
      expect((await rate()).allowed() * stocks).toBeCloseTo(expected[i]!, 9)
    }
  })

  test('is nothing where no stock is watched; what the first one would get is said all the same', async () => {
    const { rate, number } = await setUp(0)
    expect(await number()).toEqual({ stocks: 0, expected: 0, most: 18, realised: null })
    expect((await rate()).allowed()).toBe(0.6)
  })

  test('is at the smallest number one alert on some days', async () => {
    const { rate, number, owe } = await setUp(1, { alertsPerDay: 0.1 })
    expect(await number()).toMatchObject({ expected: 0.1, most: 1 })
    expect((await rate()).allowed()).toBe(0.1)
    await owe(at('10:00'))
    expect((await rate()).allowed()).toBe(0)
  })

  test('is that of the default in a channel that has chosen nothing', async () => {
    const { store, rate } = await setUp(0)
    await store.watches.add(watchOf('A', { channelId: 'new', since: NOW }))
    expect((await rate(NOW, 'new')).allowed()).toBe(0.6)
  })
})

describe('the alerts of today', () => {
  const expected = (today: number, stocks = 2) => allowedRate({ alertsPerDay: 6, stocks, factor: 1, today })

  test.for<[name: string, counts: boolean, owe: (stand: Stand) => Promise<unknown>]>([
    ['a sent one', true, ({ owe }) => owe(at('09:10'), { state: 'sent' })],
    ['a pending one', true, ({ owe }) => owe(at('09:10'))],
    ['one that was too late to post', true, ({ owe }) => owe(at('09:10'), { state: 'dropped', reason: 'stale' })],
    ['one that the number kept back', false, ({ owe }) => owe(at('09:10'), { state: 'dropped', reason: 'budget' })],
    ['a rise', false, ({ owe }) => owe(at('09:10'), { kind: 'rise' })],
    ['another channel’s', false, ({ owe }) => owe(at('09:10'), { channelId: 'd' })],
    ['one of a stock that is not watched any more', false, ({ owe }) => owe(at('09:10'), {}, { symbol: '999999' })],
    ['one of another series', false, ({ owe }) => owe(at('09:10'), {}, { series: 'other' })],
    ['yesterday’s', false, ({ owe }) => owe(at('15:29', FRIDAY))],
  ])('%s counts: %s', async ([, counts, owe]) => {
    const stand = await setUp(2)
    // Six, so that one more shows.
    for (let i = 0; i < 6; i++) await stand.owe(at('09:00') + i * MINUTE)
    await owe(stand)
    expect((await stand.rate()).allowed()).toBe(expected(counts ? 7 : 6))
  })

  test('make the rate fall once the number is reached, to nothing at three times as many', async () => {
    const { owe, rate } = await setUp(2)
    const rates: number[] = []
    for (let today = 0; today <= 19; today++) {
      rates.push((await rate()).allowed())
      await owe(at('09:00') + today * MINUTE)
    }
    expect(rates).toEqual(Array.from({ length: 20 }, (_, today) => expected(today)))
    expect(rates[18]).toBe(0)
    expect(rates[17]).toBeGreaterThan(0)
  })

  test('that are decided on in one pass are spent at once', async () => {
    const { rate } = await setUp(2)
    const now = await rate()
    for (let today = 0; today <= 18; today++) {
      expect(now.allowed()).toBe(expected(today))
      now.spend()
    }
  })
})

describe('finished sessions steer the rate', () => {
  /** The factor that the store's sessions give. */
  const factorOf = async ({ rate }: Stand, stocks = 2) =>
    (await rate()).allowed() / allowedRate({ alertsPerDay: 6, stocks, factor: 1, today: 0 })
  const quietDay = { expected: 1.2, decided: 0 }

  test('down when they brought more than was expected, the newest counting like any other of the last twenty', async () => {
    const stand = await setUp(2, { numberSince: null })
    for (const minute of [0, 20, 40]) await stand.owe(at('10:00', FRIDAY) + minute * MINUTE)
    await stand.owe(at('10:00', THURSDAY))
    const past = Array.from({ length: 18 }, () => quietDay)
    expect(await factorOf(stand)).toBeCloseTo(
      steeringFactor([...past, { expected: 1.2, decided: 1 }, { expected: 1.2, decided: 3 }]),
      12,
    )
  })

  test('not by sessions at another number', async () => {
    const stand = await setUp(2, { numberSince: at('12:00', THURSDAY) })
    for (let i = 0; i < 9; i++) await stand.owe(at('10:00', THURSDAY) + i * MINUTE)
    await stand.owe(at('10:00', FRIDAY))
    expect(await factorOf(stand)).toBeCloseTo(steeringFactor([{ expected: 1.2, decided: 1 }]), 12)
  })

  test('not by today, which has not finished', async () => {
    const stand = await setUp(2)
    for (let i = 0; i < 3; i++) await stand.owe(at('09:00') + i * MINUTE)
    expect(await factorOf(stand)).toBe(1)
  })

  test('not by sessions before anything was watched, and by those since by what was watched then', async () => {
    const stand = await setUp(0, { numberSince: null })
    await stand.watch('000000', at('08:00', THURSDAY))
    await stand.watch('000001', at('12:00', FRIDAY))
    for (let i = 0; i < 3; i++) await stand.owe(at('10:00', FRIDAY) + i * 20 * MINUTE)
    const days = [
      { expected: 0.6, decided: 0 },
      { expected: 0.6, decided: 3 },
    ]
    expect(await factorOf(stand)).toBeCloseTo(steeringFactor(days), 12)
  })

  test.for<[name: string, owe: (stand: Stand) => Promise<unknown>]>([
    ['another channel’s alerts', ({ owe }) => owe(at('10:00', FRIDAY), { channelId: 'd' })],
    ['alerts that the number kept back', ({ owe }) => owe(at('10:00', FRIDAY), { state: 'dropped', reason: 'budget' })],
    ['alerts of stocks that are not watched', ({ owe }) => owe(at('10:00', FRIDAY), {}, { symbol: '999999' })],
    ['rises', ({ owe }) => owe(at('10:00', FRIDAY), { kind: 'rise' })],
  ])('not by %s', async ([, owe]) => {
    const [stand, plain] = [await setUp(2, { numberSince: null }), await setUp(2, { numberSince: null })]
    await owe(stand)
    expect(await factorOf(stand)).toBe(await factorOf(plain))
  })

  const days = fc.array(
    fc.record({ expected: fc.double({ min: 0.1, max: 200, noNaN: true }), decided: fc.nat({ max: 600 }) }),
    {
      maxLength: 20,
    },
  )

  test('one more alert on any day never raises what is allowed', () => {
    fc.assert(
      fc.property(days, fc.nat(), fc.integer({ min: 1, max: 50 }), (past, on, more) => {
        const livelier = past.map((day, i) => (i === on % past.length ? { ...day, decided: day.decided + more } : day))
        expect(steeringFactor(livelier)).toBeLessThanOrEqual(steeringFactor(past))
      }),
      { seed: 7, numRuns: 500 },
    )
  })

  test('days that bring what was expected change nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 200 }), { maxLength: 20 }), (counts) => {
        expect(steeringFactor(counts.map((count) => ({ expected: count, decided: count })))).toBe(1)
      }),
      { seed: 7 },
    )
  })

  test('and never without bounds', () => {
    const extreme = (expected: number, decided: number) =>
      steeringFactor(Array.from({ length: 20 }, () => ({ expected, decided })))
    const [least, most] = [extreme(0.1, 600), extreme(200, 0)]
    fc.assert(
      fc.property(days, (past) => {
        expect(steeringFactor(past)).toBeGreaterThanOrEqual(least)
        expect(steeringFactor(past)).toBeLessThanOrEqual(most)
      }),
      { seed: 7 },
    )
    expect(least).toBeGreaterThan(0)
    expect(most).toBeLessThanOrEqual(2)
  })
})

describe('what a channel is told of its last finished sessions', () => {
  test('is their mean, today and those before its number left out', async () => {
    const { owe, number } = await setUp(2, { numberSince: at('08:00', THURSDAY) })
    for (const minute of [0, 20, 40]) await owe(at('10:00', FRIDAY) + minute * MINUTE)
    await owe(at('10:00', -5))
    await owe(at('10:00'))
    expect((await number()).realised).toEqual({ sessions: 2, perDay: 1.5 })
    expect((await number(at('15:40'))).realised).toEqual({ sessions: 3, perDay: 4 / 3 })
  })

  test('are five at most', async () => {
    const { owe, number } = await setUp(2, { numberSince: null })
    for (const day of [-3, -4, -5, -6, -7, -10]) await owe(at('10:00', day))
    expect((await number()).realised).toEqual({ sessions: 5, perDay: 1 })
  })

  test('are none on the first day', async () => {
    const { watch, owe, number } = await setUp(0, { numberSince: null })
    await watch('000000', at('09:30'))
    await owe(at('10:00'))
    expect((await number()).realised).toBeNull()
  })
})

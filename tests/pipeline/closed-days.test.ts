import { describe, expect, test } from 'vitest'
import type { Bar } from '../../src/model/bar.ts'
import { weekdayCalendar } from '../../src/pipeline/calendar/plain.ts'
import { openClosedDays } from '../../src/pipeline/closed-days.ts'
import { backfill, collect } from '../../src/pipeline/collect.ts'
import { createDetection, DETECTOR } from '../../src/pipeline/detect.ts'
import { at, memoryStore, silent, stretch, venue } from '../support/market.ts'

const never = new AbortController().signal
/** A stock of the simulated market that trades in every minute. */
const SYMBOL = '990350'
const OTHER = '990470'
const nominal = weekdayCalendar()
const session = (daysLater = 0) => nominal.lastSession(at('12:00', daysLater))
const TODAY = session().date

/** A venue and what is known of its closed days; `open` is what a start does. */
const setUp = async (options: { now: number; bars?: readonly Bar[] }) => {
  const store = await memoryStore()
  const { source, state } = venue(options)
  const open = () => openClosedDays({ source, store, log: silent })
  const days = await open()
  const parts = async () => ({ source, days: await open(), bars: store.bars, log: silent })
  return { store, source, state, open, days, parts }
}

describe('a day found closed', () => {
  test('is left out of the calendar, over a restart too, until it is reopened', async () => {
    const { open, days } = await setUp({ now: at('10:02') })
    expect(await days.close(session())).toBe(true)
    expect(await days.close(session())).toBe(true)
    for (const each of [days, await open()]) {
      expect(each.has(TODAY)).toBe(true)
      expect(each.calendar.sessionAt(at('12:00'))).toBeNull()
      expect(each.calendar.lastSession(at('12:00')).date).toBe('2026-11-13')
    }
    await days.reopen(session())
    await days.reopen(session())
    for (const each of [days, await open()]) expect(each.calendar.sessionAt(at('12:00'))?.date).toBe(TODAY)
    expect(days.calendar.reopenings).toBe(1)
  })

  test('has no bar: with one of any symbol of the series it is not closed', async () => {
    const { store, days } = await setUp({ now: at('10:02') })
    await store.bars.save('test', SYMBOL, [], { from: at('09:00', -3), to: at('10:00') })
    await store.bars.save('test', OTHER, stretch(OTHER, at('09:00'), at('09:01')), { from: at('09:00'), to: at('10:00') })
    expect(await days.close(session())).toBe(false)
    expect(days.has(TODAY)).toBe(false)
    expect(days.calendar.sessionAt(at('12:00'))?.date).toBe(TODAY)
  })

  test('is open at the next start when somebody has stored a bar of it, and no other day with it', async () => {
    const { store, open, days } = await setUp({ now: at('10:02', 1) })
    await days.close(session())
    await days.close(session(1))
    await store.bars.save('test', SYMBOL, [], { from: at('09:00', -3), to: at('09:00', 2) })
    expect((await open()).has(TODAY)).toBe(true)
    await store.bars.save('test', OTHER, stretch(OTHER, at('15:30'), at('15:31')), { from: at('09:00'), to: at('16:00') })
    const after = await open()
    expect(after.has(TODAY)).toBe(false)
    expect(after.has(session(1).date)).toBe(true)
    expect(after.calendar.sessionAt(at('12:00'))?.date).toBe(TODAY)
  })
})

describe('collecting', () => {
  test('asks nothing on a day found closed, and once it is open reads again what had been answered', async () => {
    const late = [...stretch(SYMBOL, at('09:00', -3), at('15:20', -3)), ...stretch(SYMBOL, at('09:40'), at('11:00'))]
    const { store, state, days, parts } = await setUp({ now: at('15:00', -3), bars: late })
    await collect(await parts(), SYMBOL, never)
    await store.bars.save('test', SYMBOL, [], { from: at('15:00', -3), to: at('10:02') })
    await days.close(session())
    state.now = at('10:30')
    const asked = state.asked.length
    expect(await collect(await parts(), SYMBOL, never)).toBeNull()
    expect(state.asked).toHaveLength(asked)

    await days.reopen(session())
    state.now = at('10:31')
    await collect(await parts(), SYMBOL, never)
    expect(await store.bars.range('test', SYMBOL, { from: at('09:00'), to: at('16:00') })).toHaveLength(51)
    state.now = at('10:32')
    await collect(await parts(), SYMBOL, never)
    expect(state.asked.slice(asked).map(({ interval }) => interval.from)).toEqual([at('09:00'), at('10:28')])
  })

  test('finds in the next morning what was traded while nobody looked: the day is open and whole, for every stock', async () => {
    const bars = [SYMBOL, OTHER].flatMap((symbol) => [
      ...stretch(symbol, at('09:00', -3), at('15:20', -3)),
      ...stretch(symbol, at('09:00'), at('15:20')),
      ...stretch(symbol, at('09:00', 1), at('15:20', 1)),
    ])
    const { store, state, days, parts } = await setUp({ now: at('15:00', -3), bars })
    for (const symbol of [SYMBOL, OTHER]) {
      await collect(await parts(), symbol, never)
      await store.bars.save('test', symbol, [], { from: at('15:00', -3), to: at('10:02') })
    }
    await days.close(session())
    state.now = at('09:01', 1)
    for (const symbol of [SYMBOL, OTHER]) {
      while (await collect(await parts(), symbol, never));
      expect(await store.bars.range('test', symbol, { from: at('09:00'), to: at('12:00', 1) })).toHaveLength(381)
    }
  })

  test('the history of a stock that is watched later opens a day that it traded on', async () => {
    const bars = stretch(OTHER, at('09:00', -7), at('09:10', 4)).filter(({ openTime }) => nominal.sessionAt(openTime))
    const { store, days, parts, open } = await setUp({ now: at('09:10', 4), bars })
    await days.close(session())
    await backfill(await parts(), OTHER, 6, () => {}, never)
    expect((await open()).has(TODAY)).toBe(false)
    expect(await store.bars.range('test', OTHER, { from: at('09:00'), to: at('15:20') })).toHaveLength(380)
  })
})

describe('the detector', () => {
  test('of a stock that did not trade on a reopened day counts its minutes at once, as after a restart', async () => {
    const { source: whole } = venue({ now: at('16:00', 1) })
    const bars = (await whole.fetchBars(SYMBOL, { from: at('09:00', -14), to: at('11:00', 1) }, never)).filter(
      ({ openTime }) => nominal.sessionAt(openTime)?.date !== TODAY,
    )
    const { store, source, days } = await setUp({ now: at('12:00', 1), bars })
    await days.close(session())
    await store.bars.save('test', SYMBOL, bars, { from: at('09:00', -14), to: at('11:00', 1) })
    const begin = () => createDetection({ source, calendar: days.calendar, store, settings: DETECTOR, log: silent, now: () => 1 })
    const detection = begin()
    await detection.run(SYMBOL)
    const shorter = (await detection.detector(SYMBOL)).usual
    await days.reopen(session())
    await store.bars.save('test', SYMBOL, [], { from: at('11:00', 1), to: at('11:01', 1) })
    await detection.run(SYMBOL)
    const { usual } = await detection.detector(SYMBOL)
    expect(usual?.volume).toBeLessThan(0.9 * (shorter?.volume ?? 0))
    expect(usual).toEqual((await begin().detector(SYMBOL)).usual)
  })
})

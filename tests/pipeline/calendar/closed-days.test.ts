import { describe, expect, test } from 'vitest'
import { openBarsMarket } from '../../../src/market.ts'
import { type Bar, MINUTE } from '../../../src/model/time/bar.ts'
import { backfill } from '../../../src/pipeline/bars/backfill.ts'
import { collect } from '../../../src/pipeline/bars/collect.ts'
import { createDetection, DETECTOR } from '../../../src/pipeline/bars/detection.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import { createObservedCalendar } from '../../../src/pipeline/calendar/observed.ts'
import { createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import type { BarSource } from '../../../src/pipeline/sources/source.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import { at, memoryStore, silent, stretch, testSource } from '../../support/market.ts'

const never = new AbortController().signal
/** A stock of the simulated market that trades in every minute. */
const SYMBOL = '990350'
const OTHER = '990470'
const nominal = createWeekdayCalendar()
const session = (daysLater = 0) => nominal.lastSession(at('12:00', daysLater))
const TODAY = session().date

/** A venue and what is known of its closed days; `open` is what a start does. */
const setUp = async (options: { now: number; bars?: readonly Bar[] }) => {
  const store = await memoryStore()
  const { source, state } = testSource(options)
  const open = () => openClosedDays({ source, store, log: silent })
  const days = await open()
  const parts = async () => ({ source, rereads: createRereads({ days: await open() }), bars: store.bars })
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

  test('stays closed when another process, which does not know of it yet, closes or reopens another', async () => {
    const { open, days } = await setUp({ now: at('10:02', 2) })
    const other = await open()
    await days.close(session())
    await other.close(session(1))
    await days.reopen(session(1))
    expect(other.has(session(1).date)).toBe(true)
    await other.refresh()
    for (const each of [days, other, await open()])
      expect([each.has(TODAY), each.has(session(1).date)]).toEqual([true, false])
    expect(other.rereadFrom(at('12:00', 1))).toBe(at('09:00', 1))
  })

  test('has no bar: with one of any symbol of the series it is not closed', async () => {
    const { store, days } = await setUp({ now: at('10:02') })
    await store.bars.save('test', SYMBOL, [], { from: at('09:00', -3), to: at('10:00') })
    await store.bars.save('test', OTHER, stretch(OTHER, at('09:00'), at('09:01')), {
      from: at('09:00'),
      to: at('10:00'),
    })
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
    await store.bars.save('test', OTHER, stretch(OTHER, at('15:30'), at('15:31')), {
      from: at('09:00'),
      to: at('16:00'),
    })
    const after = await open()
    expect(after.has(TODAY)).toBe(false)
    expect(after.has(session(1).date)).toBe(true)
    expect(after.calendar.sessionAt(at('12:00'))?.date).toBe(TODAY)
  })
})

test('that a day was reopened is kept while the answers for a stock end in it, and no longer', async () => {
  const { store, open, days } = await setUp({ now: at('10:30') })
  await store.bars.save('test', SYMBOL, stretch(SYMBOL, at('09:00', -3), at('09:01', -3)), {
    from: at('09:00', -3),
    to: at('10:02'),
  })
  await days.close(session())
  await days.reopen(session())
  const kept = async () => JSON.parse((await store.keyValues.get('closed-days:test')) ?? '').reopened
  expect((await open()).rereadFrom(at('10:02'))).toBe(at('09:00'))
  expect(await kept()).toHaveLength(1)
  await store.bars.save('test', SYMBOL, [], { from: at('10:02'), to: at('10:31') })
  await open()
  expect(await kept()).toEqual([])
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
    // Twenty minutes after the open the last hour reaches back into the day before.
    const { source: whole } = testSource({ now: at('16:00', 1) })
    const bars = (await whole.fetchBars(SYMBOL, { from: at('09:00', -14), to: at('09:20', 1) }, never)).filter(
      ({ openTime }) => nominal.sessionAt(openTime)?.date !== TODAY,
    )
    const { store, source, days } = await setUp({ now: at('12:00', 1), bars })
    await days.close(session())
    await store.bars.save('test', SYMBOL, bars, { from: at('09:00', -14), to: at('09:20', 1) })
    const begin = () =>
      createDetection({
        source,
        rereads: createRereads({ days }),
        store,
        settings: DETECTOR,
        log: silent,
        now: () => 1,
      })
    const detection = begin()
    await detection.run(SYMBOL)
    const shorter = (await detection.detector(SYMBOL)).usual
    await days.reopen(session())
    await store.bars.save('test', SYMBOL, [], { from: at('09:20', 1), to: at('09:21', 1) })
    await detection.run(SYMBOL)
    const { usual } = await detection.detector(SYMBOL)
    expect(usual?.volume).toBeLessThan(0.9 * (shorter?.volume ?? 0))
    expect(usual).toEqual((await begin().detector(SYMBOL)).usual)
  })
})

/** The simulated market's bars from two weeks before to the next noon, without those of today that `traded` refuses. */
const market = async (traded: (openTime: number) => boolean): Promise<Bar[]> => {
  const { source } = testSource({ now: at('16:00', 1), surges: [at('11:20'), at('10:05', 1)] })
  const bars = await source.fetchBars(SYMBOL, { from: at('09:00', -14), to: at('12:00', 1) }, never)
  return bars.filter(({ openTime }) => nominal.sessionAt(openTime)?.date !== TODAY || traded(openTime))
}

/** A bot that has watched one stock since the last close, on a clock that the test moves minute by minute. */
const bot = async (bars: readonly Bar[], more: Partial<BarSource> = {}) => {
  const store = await memoryStore()
  const { source: plain, state } = testSource({ now: at('15:00', -3), historySessions: 9, bars })
  const source: BarSource = { ...plain, ...more }
  const now = () => state.now
  const directory = createDirectory('krx')
  const start = async () => {
    const market = await openBarsMarket({ source, store, directory, log: silent, now })
    const { days, detection, pipeline, feed: watch } = market
    /** One pass of everything a minute; without the feed watch no day is ever found closed. */
    const run = async (from: number, to: number, watched = true) => {
      for (state.now = from; state.now <= to; state.now += MINUTE) {
        await pipeline.collectAndDetect(never)
        if (watched) await watch.pass(never)
      }
    }
    const kinds = async () => (await watch.owed()).map(({ kind }) => kind)
    return { days, detection, pipeline, run, kinds }
  }
  const first = await start()
  await store.watches.saveSettings({
    channelId: 'c',
    guildId: 'g',
    locale: 'ko',
    alertsPerDay: 200,
    numberSince: null,
    wasPerWeek: null,
    pausedReason: null,
  })
  await first.pipeline.watching.watch({ symbol: SYMBOL, guildId: 'g', channelId: 'c', userId: null }, () => {})
  await first.run(at('15:01', -3), at('15:32', -3))
  const kept = async () => ({
    bars: (await store.bars.range('test', SYMBOL, { from: 0, to: Number.MAX_SAFE_INTEGER })).length,
    signals: (await store.signals.history('test', SYMBOL, 10_000)).map((signal) => ({ ...signal, late: null })),
    models: (await store.models.latest('test', SYMBOL, 10_000)).map(({ id, cutoff, snapshot }) => ({
      id,
      cutoff,
      snapshot,
    })),
  })
  return { ...first, start, kept }
}

describe('a bot', () => {
  test('that finds a day closed judges the next one, to the last bit, like one whose calendar knew', async () => {
    const bars = await market(() => false)
    const finds = await bot(bars)
    const knows = await bot(bars, { calendar: createObservedCalendar(nominal, [TODAY]) })
    const ignores = await bot(bars)
    for (const [one, watched] of [
      [finds, true],
      [knows, true],
      [ignores, false],
    ] as const) {
      await one.run(at('08:58'), at('16:00'), watched)
      await one.run(at('08:58', 1), at('11:00', 1), watched)
    }
    expect(await finds.kinds()).toEqual([])
    expect(finds.days.has(TODAY)).toBe(true)
    const usualOf = async ({ detection }: Pick<typeof finds, 'detection'>) => (await detection.detector(SYMBOL)).usual
    const usual = await usualOf(knows)
    expect(usual?.volume).toBeGreaterThan(0)
    expect(await usualOf(finds)).toEqual(usual)
    expect(await usualOf(await finds.start())).toEqual(usual)
    expect((await usualOf(ignores))?.volume).toBeLessThan(0.9 * (usual?.volume ?? 0))
    expect(await finds.kept()).toEqual(await knows.kept())
    expect((await finds.kept()).signals.some(({ openTime }) => openTime === at('10:05', 1))).toBe(true)
  })

  test('that found a day closed which opens late, stopped and started in between, keeps and judges what one does that never did', async () => {
    const bars = await market((openTime) => openTime >= at('11:00'))
    const finds = await bot(bars)
    await finds.run(at('08:58'), at('10:20'))
    expect(finds.days.has(TODAY)).toBe(true)
    await (await finds.start()).run(at('10:21'), at('11:01'))
    const last = await finds.start()
    await last.run(at('11:02'), at('16:00'))
    expect(await last.kinds()).toEqual(['closed', 'open'])
    await last.run(at('08:58', 1), at('11:00', 1))
    const waits = await bot(bars)
    await waits.run(at('08:58'), at('16:00'), false)
    await waits.run(at('08:58', 1), at('11:00', 1), false)
    expect(await last.kinds()).toEqual([])
    expect(await finds.kept()).toEqual(await waits.kept())
    expect((await finds.kept()).signals.some(({ openTime }) => openTime === at('11:20'))).toBe(true)
  })
})

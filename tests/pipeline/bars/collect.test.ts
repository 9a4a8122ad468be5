import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { backfill } from '../../../src/pipeline/bars/backfill.ts'
import { collect } from '../../../src/pipeline/bars/collect.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import { at, memoryStore, silent, stretch, testSource } from '../../support/market.ts'

const never = new AbortController().signal
/** A stock of the simulated market that trades in every minute. */
const EVERY_MINUTE = '990350'

const setUp = async (now: number) => {
  const store = await memoryStore()
  const { source, state } = testSource({ now })
  const days = await openClosedDays({ source, store, log: silent })
  return { store, source, state, days, parts: { source, rereads: createRereads({ days }), bars: store.bars } }
}

describe('collect', () => {
  test('keeps closed minutes only: the forming one waits for its end', async () => {
    const { store, state, parts } = await setUp(at('09:05') + 30_000)
    await collect(parts, EVERY_MINUTE, never)
    expect(await store.bars.coverage('test', EVERY_MINUTE)).toEqual({ from: at('09:00'), to: at('09:05') })
    const bars = await store.bars.range('test', EVERY_MINUTE, { from: 0, to: Number.MAX_SAFE_INTEGER })
    expect(bars.at(-1)?.openTime).toBe(at('09:04'))
    state.now = at('09:06')
    const next = await collect(parts, EVERY_MINUTE, never)
    expect(next?.bars.map((bar) => bar.openTime)).toEqual([at('09:05')])
  })

  test('asking again at the same time finds nothing new', async () => {
    const { parts } = await setUp(at('10:00'))
    expect((await collect(parts, '038530', never))?.bars.length).toBeGreaterThan(20)
    expect(await collect(parts, '038530', never)).toBeNull()
  })

  test('nothing is asked while the market is closed', async () => {
    const { parts, state } = await setUp(at('16:00'))
    await collect(parts, '038530', never)
    const asked = state.asked.length
    state.now = at('08:59', 1)
    expect(await collect(parts, '038530', never)).toBeNull()
    expect(state.asked).toHaveLength(asked)
  })

  test('after a long absence the gap is filled in order, piece by piece, up to now', async () => {
    const { store, parts, state } = await setUp(at('10:00'))
    await collect(parts, '038530', never)
    state.now = at('11:00', 7)
    let pieces = 0
    while (await collect(parts, '038530', never)) pieces++
    expect(pieces).toBeGreaterThan(2)
    expect((await store.bars.coverage('test', '038530'))?.to).toBe(at('11:00', 7))
    const whole = await parts.source.fetchBars('038530', { from: at('09:00'), to: at('11:00', 7) }, never)
    const kept = await store.bars.range('test', '038530', { from: 0, to: Number.MAX_SAFE_INTEGER })
    expect(kept.map((bar) => bar.openTime)).toEqual(whole.map((bar) => bar.openTime))
  })

  const sparse = (minutes: readonly string[]) =>
    minutes.map((clock) => stretch('038530', at(clock), at(clock) + MINUTE)[0]!)

  test('rows that come late are found behind the last bar, however long ago it was', async () => {
    const store = await memoryStore()
    const written = sparse(['09:01', '09:04'])
    const { source, state } = testSource({ now: at('09:05'), bars: written })
    const days = await openClosedDays({ source, store, log: silent })
    const parts = { source, rereads: createRereads({ days }), bars: store.bars }
    await collect(parts, '038530', never)
    for (state.now = at('09:06'); state.now <= at('09:40'); state.now += MINUTE) await collect(parts, '038530', never)
    written.push(...sparse(['09:07', '09:10', '09:31', '09:40']))
    state.now = at('09:41')
    expect((await collect(parts, '038530', never))?.bars.map(({ openTime }) => openTime)).toEqual(
      ['09:07', '09:10', '09:31', '09:40'].map((clock) => at(clock)),
    )
  })

  test('before its first trade of the day a stock is read from the open, never from the day before', async () => {
    const { parts, state } = await setUp(at('15:45'))
    await collect(parts, '038530', never)
    const quiet = { ...parts, source: { ...parts.source, fetchBars: async () => [] } }
    state.now = at('09:20', 1)
    const first = await collect(quiet, '038530', never)
    state.now = at('09:21', 1)
    const second = await collect(quiet, '038530', never)
    expect([first?.covered.from, second?.covered.from]).toEqual([expect.any(Number), at('09:00', 1)])
    expect(first?.covered.from).toBeLessThan(at('09:00', 1))
  })

  test('a venue that adds minutes late is asked again within the minute, until it has the newest one', async () => {
    const store = await memoryStore()
    const written = sparse(['09:01'])
    const { source, state } = testSource({ now: at('09:03') + 5_000, bars: written })
    const days = await openClosedDays({ source, store, log: silent })
    const parts = { source: { ...source, rereadMinutes: 10 }, rereads: createRereads({ days }), bars: store.bars }
    expect(await collect(parts, '038530', never)).toMatchObject({ bars: { length: 1 } })
    state.now += 10_000
    expect(await collect(parts, '038530', never)).toMatchObject({ bars: [] })
    written.push(...sparse(['09:02']))
    state.now += 10_000
    expect(await collect(parts, '038530', never)).toMatchObject({ bars: [{ openTime: at('09:02') }] })
    state.now += 10_000
    expect(await collect(parts, '038530', never)).toBeNull()
  })

  test('the minute of the closing auction is read again, though nothing follows it', async () => {
    const store = await memoryStore()
    const written = sparse(['15:19'])
    const { source, state } = testSource({ now: at('15:31') + 2_000, bars: written })
    const days = await openClosedDays({ source, store, log: silent })
    const parts = { source, rereads: createRereads({ days }), bars: store.bars }
    await collect(parts, '038530', never)
    written.push(...sparse(['15:30']))
    state.now += MINUTE
    expect(await collect(parts, '038530', never)).toMatchObject({ bars: [{ openTime: at('15:30') }] })
    state.now = at('15:40')
    await collect(parts, '038530', never)
    state.now = at('15:41')
    expect(await collect(parts, '038530', never)).toBeNull()
  })

  test('after a clock that was ahead has been put right, minutes are collected as they come', async () => {
    const { store, parts, state } = await setUp(at('14:00'))
    await store.bars.save('test', '038530', [], { from: at('09:00'), to: at('14:00') })
    state.now = at('10:00')
    const first = await collect(parts, '038530', never)
    state.now = at('10:01')
    const second = await collect(parts, '038530', never)
    expect(first?.bars.length).toBeGreaterThan(20)
    expect(second?.bars.map(({ openTime }) => openTime)).toEqual([at('10:00')])
  })
})

describe('backfill', () => {
  test('fetches the sessions asked for, newest first, and tells how far it is', async () => {
    const { store, parts, state } = await setUp(at('10:00'))
    const told: number[] = []
    await backfill(parts, '038530', 5, ({ sessionsDone }) => told.push(sessionsDone), never)
    expect(told).toEqual([1, 3, 5])
    expect((await store.bars.coverage('test', '038530'))?.from).toBe(at('09:00', -6))
    expect(state.asked.map(({ interval }) => interval.from)).toEqual([at('09:00'), at('09:00', -4), at('09:00', -6)])
  })

  test('after a long absence the days since the last run belong to what is asked for', async () => {
    const { store, parts, state } = await setUp(at('16:00'))
    await backfill(parts, '038530', 3, () => {}, never)
    state.now = at('16:00', 14)
    const told: number[] = []
    await backfill(parts, '038530', 12, ({ sessionsDone }) => told.push(sessionsDone), never)
    expect(await store.bars.coverage('test', '038530')).toEqual({ from: at('09:00', -4), to: at('16:00', 14) })
    expect(told).toEqual([3, 5, 7, 9, 11, 12])
  })

  test('goes on where it was interrupted, and ends with the same bars', async () => {
    const { store, parts, state } = await setUp(at('10:00'))
    const stop = new AbortController()
    const interrupted = backfill(
      parts,
      '038530',
      7,
      ({ sessionsDone }) => sessionsDone >= 3 && stop.abort(),
      stop.signal,
    )
    await expect(interrupted).rejects.toThrow(/abort/i)
    const before = state.asked.length
    await backfill(parts, '038530', 7, () => {}, never)
    expect(state.asked.slice(before).map(({ interval }) => interval)).toEqual([
      { from: at('09:00', -6), to: at('09:00', -4) },
      { from: at('09:00', -10), to: at('09:00', -6) },
    ])
    const whole = await parts.source.fetchBars('038530', { from: at('09:00', -10), to: at('10:00') }, never)
    const kept = await store.bars.range('test', '038530', { from: 0, to: Number.MAX_SAFE_INTEGER })
    expect(await store.bars.coverage('test', '038530')).toEqual({ from: at('09:00', -10), to: at('10:00') })
    expect(kept.length).toBeGreaterThan(500)
    expect(kept.map((bar) => bar.openTime)).toEqual(whole.map((bar) => bar.openTime))
  })
})

import { describe, expect, test } from 'vitest'
import { backfill } from '../../../src/pipeline/bars/backfill.ts'
import { collect } from '../../../src/pipeline/bars/collect.ts'
import { createDetection, DETECTOR } from '../../../src/pipeline/bars/detection.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { at, memoryStore, silent, testSource, watchOf } from '../../support/market.ts'

const never = new AbortController().signal
/** A stock of the simulated market that trades in every minute. */
const SYMBOL = '990350'
const SURGES = [at('10:10', -4), at('13:20', -3), at('10:45'), at('10:50'), at('11:40')]

const setUp = async (options: { now: number; historySessions?: number }) => {
  const store = await memoryStore()
  const { source, state } = testSource({ ...options, surges: SURGES })
  const days = await openClosedDays({ source, store, log: silent })
  const begin = (kept = store) =>
    createDetection({
      source,
      rereads: createRereads({ days }),
      store: kept,
      settings: DETECTOR,
      log: silent,
      now: () => 1,
    })
  await store.watches.add(watchOf(SYMBOL))
  const fill = () =>
    backfill({ source, rereads: createRereads({ days }), bars: store.bars }, SYMBOL, 8, () => {}, never)
  const catchUp = async (detection: ReturnType<typeof begin>, to: number) => {
    state.now = to
    for (
      let got = await collect({ source, rereads: createRereads({ days }), bars: store.bars }, SYMBOL, never);
      got;
    ) {
      await detection.run(SYMBOL, got.bars[0]?.openTime)
      got = await collect({ source, rereads: createRereads({ days }), bars: store.bars }, SYMBOL, never)
    }
  }
  return { store, source, state, days, begin, fill, catchUp }
}

const everything = async (store: Store) => ({
  signals: await store.signals.history('test', SYMBOL, 10_000),
  episodes: await store.signals.episodes('test', SYMBOL, 10_000),
  models: (await store.models.latest('test', SYMBOL, 10_000)).map(({ id, cutoff, snapshot }) => ({
    id,
    cutoff,
    snapshot,
  })),
  judgedUntil: await store.signals.judgedUntil('test', SYMBOL),
})

describe('detect', () => {
  test('a kept bar outside the hours, as they were told otherwise once, does not count and stops nothing', async () => {
    const [plain, odd] = [await setUp({ now: at('10:30') }), await setUp({ now: at('10:30') })]
    for (const one of [plain, odd]) await one.fill()
    const [bar] = await odd.store.bars.last('test', SYMBOL, 1, at('10:30'))
    const covered = { from: at('15:00', -3), to: at('15:36', -3) }
    await odd.store.bars.save('test', SYMBOL, [{ ...bar!, openTime: at('15:35', -3) }], covered)
    for (const one of [plain, odd]) await one.catchUp(one.begin(), at('12:30'))
    expect((await everything(plain.store)).signals.length).toBeGreaterThan(0)
    expect(await everything(odd.store)).toEqual(await everything(plain.store))
  })

  test('the same bars give the same signals and models to the last bit: in one piece, minute by minute, and restarted every few minutes', async () => {
    const start = at('10:30')
    const end = at('12:30')
    const whole = await setUp({ now: start })
    await whole.fill()
    await whole.catchUp(whole.begin(), end)

    const parts = await setUp({ now: start })
    await parts.fill()
    const one = parts.begin()
    await one.run(SYMBOL)
    for (let now = start; now <= end; now += 60_000) await parts.catchUp(one, now)

    const restarted = await setUp({ now: start })
    await restarted.fill()
    await restarted.begin().run(SYMBOL)
    for (let now = start; now <= end; now += 7 * 60_000) await restarted.catchUp(restarted.begin(), Math.min(now, end))
    await restarted.catchUp(restarted.begin(), end)

    const expected = await everything(whole.store)
    expect(expected.signals.length).toBeGreaterThan(1)
    const withoutLate = (found: typeof expected) => ({
      ...found,
      signals: found.signals.map((signal) => ({ ...signal, late: null })),
    })
    expect(withoutLate(await everything(parts.store))).toEqual(withoutLate(expected))
    expect(withoutLate(await everything(restarted.store))).toEqual(withoutLate(expected))
  })

  test('running again over the same bars changes nothing', async () => {
    const { store, begin, fill } = await setUp({ now: at('12:00') })
    await fill()
    const detection = begin()
    await detection.run(SYMBOL)
    const before = await everything(store)
    await detection.run(SYMBOL)
    await begin().run(SYMBOL, at('09:00'))
    expect(await everything(store)).toEqual(before)
  })

  test('a minute of an episode that its venue corrects is judged again and still counts once', async () => {
    const { store, begin, fill, catchUp } = await setUp({ now: at('10:30') })
    await fill()
    const detection = begin()
    await detection.run(SYMBOL)
    await catchUp(detection, at('10:52'))
    const [before] = await store.signals.openEpisodes('test', SYMBOL)
    const surge = { from: at('10:50'), to: at('10:51') }
    const [bar] = await store.bars.range('test', SYMBOL, surge)
    await store.bars.save('test', SYMBOL, bar ? [{ ...bar, volume: bar.volume + 1 }] : [], {
      from: surge.from,
      to: at('10:53'),
    })
    await detection.run(SYMBOL, surge.from)
    expect(before?.signals).toBeGreaterThan(1)
    expect(await store.signals.openEpisodes('test', SYMBOL)).toEqual([before])
    expect((await store.signals.ofEpisode(before?.id ?? '')).length).toBe(before?.signals)
  })

  test('history goes to history: what is older than ten minutes is never owed as a post', async () => {
    const { store, begin, fill } = await setUp({ now: at('15:31') })
    await fill()
    await begin().run(SYMBOL)
    expect((await store.signals.history('test', SYMBOL, 100)).length).toBeGreaterThan(0)
    expect(await store.outbox.due(100)).toEqual([])
  })

  test('judged minutes of any interval are the ones that were judged when they were new', async () => {
    const { store, begin, fill } = await setUp({ now: at('12:00') })
    await fill()
    const detection = begin()
    await detection.run(SYMBOL)
    const signals = await store.signals.history('test', SYMBOL, 10_000)
    const again = await begin().judged(SYMBOL, 0, Number.MAX_SAFE_INTEGER)
    expect(signals.length).toBeGreaterThan(1)
    for (const signal of signals) {
      const judged = again.find(({ bar }) => bar.openTime === signal.openTime)?.judgement
      expect(JSON.stringify(judged)).toBe(signal.judgement)
    }
  })

  test('three callers at once read the history once, and get the same detector', async () => {
    const { store, begin, fill } = await setUp({ now: at('12:00') })
    await fill()
    await begin().run(SYMBOL)
    const reads: number[] = []
    const range: Store['bars']['range'] = (series, symbol, interval) => {
      reads.push(interval.from)
      return store.bars.range(series, symbol, interval)
    }
    const states = { ...store.states, get: async () => null }
    const detection = begin({ ...store, bars: { ...store.bars, range }, states })
    const [one, two] = await Promise.all([
      detection.detector(SYMBOL),
      detection.detector(SYMBOL),
      detection.run(SYMBOL),
    ])
    expect(reads.length).toBeGreaterThan(0)
    expect(reads).toEqual([...new Set(reads)])
    expect(two).toBe(one)
  })

  test('who waited for a history gets what has been judged since, and puts nothing older in its place', async () => {
    const { store, state, begin, fill, catchUp } = await setUp({ now: at('12:00') })
    await fill()
    await begin().run(SYMBOL)
    const detection = begin()
    const waited = detection.detector(SYMBOL)
    const late = detection.detector(SYMBOL)
    await catchUp(detection, at('12:10'))
    state.now = at('12:10')
    expect(await late).toBe(await waited)
    expect(await detection.detector(SYMBOL)).toBe(await waited)
    const [newest] = await store.bars.last('test', SYMBOL, 1, at('12:10'))
    expect((await detection.judged(SYMBOL, at('12:00'), at('12:10'))).at(-1)?.bar).toEqual(newest)
  })

  test('a detector from before a day was reopened is built anew', async () => {
    const { days, begin, fill } = await setUp({ now: at('12:00') })
    await fill()
    const detection = begin()
    await detection.run(SYMBOL)
    const before = await detection.detector(SYMBOL)
    expect(await detection.detector(SYMBOL)).toBe(before)
    days.calendar.close('2026-11-17')
    days.calendar.reopen('2026-11-17')
    expect(await detection.detector(SYMBOL)).not.toBe(before)
  })
})

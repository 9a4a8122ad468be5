import { describe, expect, test } from 'vitest'
import type { Detector } from '../../../src/model/detector/detector.ts'
import { identifiedCenters } from '../../../src/model/detector/model.ts'
import { fromSnapshot } from '../../../src/model/detector/snapshot.ts'
import { backfill } from '../../../src/pipeline/bars/backfill.ts'
import { createDetection, DETECTOR } from '../../../src/pipeline/bars/detection.ts'
import { createMarketPool, keepCenters } from '../../../src/pipeline/bars/market-pool.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { centersView } from '../../../src/pipeline/views/centers.ts'
import { stockOf } from '../../support/bars.ts'
import { at, memoryStore, silent, testSource } from '../../support/market.ts'

const never = new AbortController().signal
const SYMBOL = '990350'

/** Stores an import, or a removal, that counts from a session's open on. */
const imports = async (store: Store, cutoff: number, surges: Record<string, number[]>, importedAt = 1) => {
  const centers = identifiedCenters({ cutoff, importedAt, origin: 'elsewhere', surges })
  await keepCenters(store.models, 'test', centers)
  return centers
}
const SURGES = { 1: [0.1, 1, 2, 4], 15: [0.1, 1, 2, 4] }

const setUp = async (now: number) => {
  const store = await memoryStore()
  const { source, state } = testSource({ now })
  const rereads = createRereads({ days: await openClosedDays({ source, store, log: silent }) })
  let clock = 0
  const begin = () => createDetection({ source, rereads, store, settings: DETECTOR, log: silent, now: () => ++clock })
  const fill = () => backfill({ source, rereads, bars: store.bars }, SYMBOL, 8, () => {}, never)
  return { store, source, state, begin, fill }
}

/** The import that the newest model of a session takes its clusters from. */
const importOf = async (store: Store, cutoff: number) => {
  const [newest] = (await store.models.latest('test', SYMBOL, 1_000)).filter((record) => record.cutoff === cutoff)
  return newest === undefined ? 'no model' : (fromSnapshot(newest.snapshot)?.imported?.id ?? 'own')
}

/** The answer to `/centers`. */
const viewOf = (store: Store, detector: Detector, k: number) =>
  centersView({ stock: stockOf({}), detector, store, symbol: SYMBOL, k, features: 'model', rate: 1 })

describe('imported centers', () => {
  test('judge from their session on until a removal, and a restart finds the same', async () => {
    const { store, begin, fill } = await setUp(at('12:00'))
    const { id } = await imports(store, at('09:00', -4), SURGES)
    await imports(store, at('09:00'), {}, 2)
    await fill()
    await begin().run(SYMBOL)
    expect(await importOf(store, at('09:00', -3))).toBe(id)
    expect(await importOf(store, at('09:00'))).toBe('own')
    const before = await store.models.latest('test', SYMBOL, 1_000)
    await begin().run(SYMBOL)
    expect(await store.models.latest('test', SYMBOL, 1_000)).toEqual(before)
  })

  test('that another process stores after the models were trained are taken at the open all the same', async () => {
    const { store, state, begin, fill } = await setUp(at('18:00', -3))
    await fill()
    const detection = begin()
    await detection.run(SYMBOL)
    await detection.train([SYMBOL], never)
    const open = at('09:00')
    expect(await importOf(store, open)).toBe('own')
    const { id } = await imports(store, open, SURGES)
    state.now = at('09:05')
    await fill()
    await detection.run(SYMBOL)
    expect(await importOf(store, open)).toBe(id)
    const view = await viewOf(store, await detection.detector(SYMBOL), 4)
    expect(view).toMatchObject({ judging: true, imported: { origin: 'elsewhere', importedAt: 1 } })
    expect(await viewOf(store, await detection.detector(SYMBOL), 3)).not.toHaveProperty('imported')
  })

  test('are taken by the training before their session', async () => {
    const { store, begin, fill } = await setUp(at('18:00', -3))
    await fill()
    const detection = begin()
    await detection.run(SYMBOL)
    await detection.train([SYMBOL], never)
    const { id } = await imports(store, at('09:00'), SURGES)
    const restarted = begin()
    await restarted.detector(SYMBOL)
    await restarted.train([SYMBOL], never)
    const trained = (await store.models.latest('test', SYMBOL, 1_000)).filter(({ cutoff }) => cutoff === at('09:00'))
    expect(trained.map(({ snapshot }) => fromSnapshot(snapshot)?.imported?.id)).toContain(id)
  })
})

test('imports are read again once a minute of the market, and once for many that ask', async () => {
  const store = await memoryStore()
  let [time, reads] = [0, 0]
  const models = {
    ...store.models,
    latest: (...given: Parameters<Store['models']['latest']>) => {
      if (given[1] === '*centers') reads++
      return store.models.latest(...given)
    },
  }
  const pool = createMarketPool({ series: 'test', models, marketNow: () => time, now: () => 1 })
  const { id } = await imports(store, 0, SURGES)
  await Promise.all([pool.refresh(), pool.refresh(), pool.refresh()])
  expect(reads).toBe(1)
  expect(pool.centersAt(0)?.id).toBe(id)
  await imports(store, 1, {})
  time = 59_999
  await pool.refresh()
  expect(pool.centersAt(1)?.id).toBe(id)
  time = 60_000
  await pool.refresh()
  expect([pool.centersAt(0)?.id, pool.centersAt(1), reads]).toEqual([id, null, 2])
})

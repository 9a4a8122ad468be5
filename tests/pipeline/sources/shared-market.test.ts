import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createCsvSource } from '../../../src/pipeline/sources/csv/source.ts'
import {
  collectorsOf,
  createSharedMarket,
  type SharedMarket,
  tellMarket,
} from '../../../src/pipeline/sources/shared-market.ts'
import type { BarSource } from '../../../src/pipeline/sources/source.ts'
import { at, memoryStore, testSource } from '../../support/market.ts'

const START = at('10:00')
const SECOND = 1_000

// Only the clock is held: whoever waits for something waits really.
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: START }))
afterEach(() => void vi.useRealTimers())
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms)

/** Sources as collectors and as another process have them: of the exchange, and of a replayed file. */
const setUp = async () => {
  const { keyValues } = await memoryStore()
  const real = testSource({ now: START }).source
  const file = () => {
    const options = { path: 'market.csv', series: 'csv:market', speed: 600, hours: 'krx', resumeAt: null } as const
    return createCsvSource({ ...options, now: Date.now })
  }
  /** A collector's source, whose file is open and whose clock stands somewhere. */
  const opened = (marketNow: number): BarSource =>
    Object.create(file(), { now: { value: () => marketNow }, capacity: { value: 4 } })
  const refreshed = async (market: SharedMarket) => {
    await market.refresh()
    return market
  }
  return { keyValues, real, file, opened, refreshed }
}

test('the clock of an exchange is ours, whatever a collector has told', async () => {
  const { keyValues, real, refreshed } = await setUp()
  const market = createSharedMarket(real, keyValues)
  expect(market.source.now()).toBe(START)
  await tellMarket(keyValues, { ...real, now: () => 5 }, 'a')
  pass(7 * SECOND)
  expect((await refreshed(market)).source.now()).toBe(START + 7 * SECOND)
})

test('the clock of a replayed file is not known before a collector tells it', async () => {
  const { keyValues, file, opened, refreshed } = await setUp()
  const market = await refreshed(createSharedMarket(file(), keyValues))
  expect(market.source.now()).toBe(0)
  await tellMarket(keyValues, opened(at('11:00')), 'a')
  expect((await refreshed(market)).source.now()).toBe(at('11:00'))
})

test('that clock is carried on at its own speed, and stands still if nothing is heard for three seconds', async () => {
  const { keyValues, file, opened, refreshed } = await setUp()
  await tellMarket(keyValues, opened(at('11:00')), 'a')
  const market = await refreshed(createSharedMarket(file(), keyValues))
  pass(2 * SECOND)
  expect(market.source.now()).toBe(at('11:20'))
  pass(60 * SECOND)
  expect(market.source.now()).toBe(at('11:30'))
  await tellMarket(keyValues, opened(at('12:00')), 'a')
  expect((await refreshed(market)).source.now()).toBe(at('12:00'))
})

test('the collectors’ capacities add up; one that has been silent for half a minute does not count', async () => {
  const { keyValues, real, refreshed } = await setUp()
  await tellMarket(keyValues, { ...real, capacity: 100 }, 'a')
  await tellMarket(keyValues, { ...real, capacity: 50 }, 'b')
  await tellMarket(keyValues, { ...real, series: 'other', capacity: 7 }, 'c')
  const market = await refreshed(createSharedMarket(real, keyValues))
  expect(market.source.capacity).toBe(150)
  expect(await collectorsOf(keyValues, 'test')).toEqual([
    { key: 'a', capacity: 100 },
    { key: 'b', capacity: 50 },
  ])
  pass(31 * SECOND)
  await tellMarket(keyValues, { ...real, capacity: 60 }, 'b')
  expect((await refreshed(market)).source.capacity).toBe(60)
  expect(await collectorsOf(keyValues, 'test')).toEqual([{ key: 'b', capacity: 60 }])
})

test('while no collector is heard of, nobody is told that all places are taken', async () => {
  const { keyValues, real, refreshed } = await setUp()
  const market = await refreshed(createSharedMarket(real, keyValues))
  expect(market.source.capacity).toBe(Number.POSITIVE_INFINITY)
  await tellMarket(keyValues, { ...real, capacity: 100 }, 'a')
  await refreshed(market)
  pass(60 * SECOND)
  expect((await refreshed(market)).source.capacity).toBe(100)
})

test('a market is collected while a collector is heard of', async () => {
  const { keyValues, real, refreshed } = await setUp()
  const market = await refreshed(createSharedMarket(real, keyValues))
  expect(market.isCollected()).toBe(false)
  await tellMarket(keyValues, real, 'a')
  expect((await refreshed(market)).isCollected()).toBe(true)
  pass(31 * SECOND)
  expect(market.isCollected()).toBe(false)
})

test('the rest of the source is the same, without anything that opens or asks it', async () => {
  const { keyValues, file } = await setUp()
  const { source } = createSharedMarket(file(), keyValues)
  const { name, series, speed, calendar, provenance } = file()
  expect(source).toMatchObject({ name, series, speed, provenance })
  expect(source.calendar.name).toBe(calendar.name)
  const never = new AbortController().signal
  await source.open(never)
  expect(await source.listings(never)).toEqual([])
  expect([source.follow, source.live, source.lookup]).toEqual([undefined, undefined, undefined])
  await source.close()
})

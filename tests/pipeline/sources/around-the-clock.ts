import { expect } from 'vitest'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { collect } from '../../../src/pipeline/bars/collect.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import type { BarSource } from '../../../src/pipeline/sources/source.ts'
import { memoryStore, silent } from '../../support/market.ts'

const kst = (text: string) => Date.parse(`${text}+09:00`)

/**
 * Makes passes over a Friday's afternoon and the weekend, and expects that they ask for nothing while the market is
 * closed. `clock` is the source's wall clock.
 */
export const expectQuietWeekend = async (
  source: BarSource,
  clock: { now: number },
  requests: readonly unknown[],
): Promise<void> => {
  const store = await memoryStore()
  const parts = {
    source,
    rereads: createRereads({ days: await openClosedDays({ source, store, log: silent }) }),
    bars: store.bars,
  }
  const pass = (now: number) => {
    clock.now = now
    return collect(parts, '038530', new AbortController().signal)
  }
  expect(source.collectAt).toMatch(/^\d+ \* \* \* \* \*$/)
  await pass(kst('2026-11-20T15:10'))
  await pass(kst('2026-11-20T16:30'))
  const asked = requests.length
  expect(asked).toBeGreaterThan(1)
  for (let now = kst('2026-11-20T17:00'); now < kst('2026-11-23T09:00'); now += 30 * MINUTE) await pass(now)
  expect(requests).toHaveLength(asked)
  await store.close()
}

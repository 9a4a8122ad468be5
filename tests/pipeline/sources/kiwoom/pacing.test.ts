import { expect, test } from 'vitest'
import { createPacer, type PaceClock } from '../../../../src/pipeline/sources/kiwoom/rest/pacing.ts'
import { rateLimitWait } from '../../../../src/pipeline/sources/kiwoom/rest/rest.ts'
import { never } from './setup.ts'

/** A clock that jumps to the end of the shortest sleep as soon as everybody sleeps. */
const fakeClock = () => {
  let now = 0
  const sleepers: { at: number; wake: () => void }[] = []
  const clock: PaceClock = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        sleepers.push({ at: now + ms, wake: resolve })
        setImmediate(() => {
          sleepers.sort((a, b) => a.at - b.at)
          const next = sleepers.shift()
          if (!next) return
          now = Math.max(now, next.at)
          next.wake()
        })
      }),
  }
  return clock
}

const times = async (count: number, take: (index: number) => Promise<void>, clock: PaceClock): Promise<number[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await take(index)
      return clock.now()
    }),
  )

test('one api-id: two at once, then one every 1.1 s', async () => {
  const clock = fakeClock()
  const pace = createPacer({ perApiMs: 1_100, burst: 2, anyCallMs: 0 }, clock)
  expect(await times(6, () => pace.take('ka10080', never), clock)).toEqual([0, 0, 1_100, 2_200, 3_300, 4_400])
})

test('over all api-ids never more than four in a second', async () => {
  const clock = fakeClock()
  const pace = createPacer({ perApiMs: 1_100, burst: 2, anyCallMs: 250 }, clock)
  const sorted = (await times(20, (index) => pace.take(`api${index % 10}`, never), clock)).sort((a, b) => a - b)
  expect(sorted.slice(4).every((at, index) => at - sorted[index]! >= 1_000)).toBe(true)
  expect(sorted.at(-1)).toBe(19 * 250)
})

test('a pause holds back the calls that are already in line, of that api-id only', async () => {
  const clock = fakeClock()
  const pace = createPacer({ perApiMs: 1_100, burst: 2, anyCallMs: 0 }, clock)
  pace.pause('ka10080', 5_200)
  const [held, free] = [
    times(2, () => pace.take('ka10080', never), clock),
    times(2, () => pace.take('ka10099', never), clock),
  ]
  expect(await free).toEqual([0, 0])
  expect(await held).toEqual([5_200, 5_200])
})

test('who gives up leaves the line, and the next one takes the place', async () => {
  const clock = fakeClock()
  const pace = createPacer({ perApiMs: 1_100, burst: 1, anyCallMs: 0 }, clock)
  await pace.take('ka10080', never)
  const giving = new AbortController()
  const given = pace.take('ka10080', giving.signal)
  const next = times(1, () => pace.take('ka10080', never), clock)
  giving.abort(new Error('given up'))
  await expect(given).rejects.toThrow('given up')
  expect(await next).toEqual([1_100])
})

test('refusals are waited out twice as long each time, and never exactly as long as others do', () => {
  for (const [refusals, least] of [
    [1, 1_300],
    [2, 2_600],
    [3, 5_200],
  ] as const) {
    const waits = Array.from({ length: 50 }, () => rateLimitWait(1_300, refusals))
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(least)
    expect(Math.max(...waits)).toBeLessThanOrEqual(least * 1.25)
    expect(new Set(waits).size).toBeGreaterThan(1)
  }
})

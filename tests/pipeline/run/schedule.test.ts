import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Schedule, startSchedule } from '../../../src/pipeline/run/schedule.ts'
import { at, silent } from '../../support/market.ts'

const SECOND = 1_000
const HOUR = 3_600_000

/** Passes that count their runs; `hang` keeps those begun from then on from ending. */
const setUp = (...expressions: string[]) => {
  const runs = expressions.map(() => 0)
  const state = { hang: null as Promise<void> | null }
  const passes = expressions.map((expression, index) => ({
    name: expression,
    at: expression,
    run: async () => {
      runs[index] = (runs[index] ?? 0) + 1
      await state.hang
    },
  }))
  schedule = startSchedule(passes, silent)
  /** Counts the runs of each pass in a number of seconds. */
  const ranIn = async (seconds: number) => {
    const before = [...runs]
    await vi.advanceTimersByTimeAsync(seconds * SECOND)
    return runs.map((count, index) => count - (before[index] ?? 0))
  }
  return { ranIn, state }
}
/** The machine's clock is another, and no timer knows. */
const step = (ms: number) => vi.setSystemTime(Date.now() + ms)

let schedule: Schedule | null = null
beforeEach(() => {
  vi.useFakeTimers({ now: at('10:00') + 500 })
})
afterEach(async () => {
  await schedule?.stop()
  schedule = null
  vi.useRealTimers()
})

test('passes run at the times of their expressions, in Seoul', async () => {
  const { ranIn } = setUp('* * * * * *', '2 * * * * *', '*/10 * * * * *', '0 1 10 * * *', '0 1 1 * * *')
  expect(await ranIn(60)).toEqual([60, 1, 6, 1, 0])
  expect(await ranIn(600)).toEqual([600, 10, 60, 0, 0])
})

test('one that still runs at its next turn is not started twice, and goes on after it', async () => {
  const { ranIn, state } = setUp('* * * * * *')
  const { promise, resolve } = Promise.withResolvers<void>()
  state.hang = promise
  expect(await ranIn(10)).toEqual([1])
  state.hang = null
  resolve()
  expect(await ranIn(10)).toEqual([10])
})

test('one that throws, whichever way, runs again at its next turn', async () => {
  let runs = 0
  const run = (): Promise<void> => {
    runs++
    if (runs === 1) throw new Error('at once')
    return Promise.reject(new Error('later'))
  }
  schedule = startSchedule([{ name: 'broken', at: '* * * * * *', run }], silent)
  await vi.advanceTimersByTimeAsync(5 * SECOND)
  expect(runs).toBe(5)
})

describe('a machine that slept', () => {
  test('goes on within a second, and no missed turn is made up: neither one by one nor all the way through', async () => {
    const { ranIn } = setUp('* * * * * *', '2 * * * * *', '0 30 3 * * *')
    await ranIn(10)
    const began = process.cpuUsage()
    step(60 * HOUR)
    const [everySecond] = await ranIn(5)
    expect(everySecond).toBeGreaterThanOrEqual(4)
    expect(everySecond).toBeLessThanOrEqual(5)
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(2_000)
    expect((await ranIn(120)).slice(1)).toEqual([2, 0])
  })

  test('or was held up past a turn takes it, once', async () => {
    const { ranIn } = setUp('2 * * * * *')
    step(20 * SECOND)
    expect(await ranIn(2)).toEqual([1])
    expect(await ranIn(30)).toEqual([0])
  })
})

describe('a clock that is set', () => {
  test.for([-HOUR, -9 * HOUR, -60 * HOUR, HOUR])('by %d ms is followed within a second', async (ms) => {
    const { ranIn } = setUp('* * * * * *', '2 * * * * *', '*/10 * * * * *')
    await ranIn(10)
    step(ms)
    const [everySecond, ...rest] = await ranIn(60)
    expect(everySecond).toBeGreaterThanOrEqual(58)
    expect(everySecond).toBeLessThanOrEqual(60)
    expect(rest).toEqual([1, 6])
  })

  test('back by a moment takes no turn twice', async () => {
    const { ranIn } = setUp('*/10 * * * * *')
    expect(await ranIn(9.6)).toEqual([1])
    step(-0.2 * SECOND)
    expect(await ranIn(5)).toEqual([0])
  })
})

test('stopped, nothing is started any more, and what runs is told and waited for', async () => {
  let told = false
  const { promise, resolve } = Promise.withResolvers<void>()
  let runs = 0
  const stopped = startSchedule(
    [
      {
        name: 'long',
        at: '* * * * * *',
        run: async (signal) => {
          runs++
          signal.addEventListener('abort', () => {
            told = true
            resolve()
          })
          await promise
        },
      },
    ],
    silent,
  )
  await vi.advanceTimersByTimeAsync(2 * SECOND)
  await stopped.stop()
  await vi.advanceTimersByTimeAsync(10 * SECOND)
  expect({ told, runs }).toEqual({ told: true, runs: 1 })
})

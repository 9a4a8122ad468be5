import { describe, expect, test } from 'vitest'
import { RetryableError, SetupError } from '../../../src/errors.ts'
import { openBarsMarket } from '../../../src/market.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { createKrxCalendar } from '../../../src/pipeline/calendar/krx.ts'
import type { BarSource } from '../../../src/pipeline/sources/source.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import { memoryStore, silent, testSource } from '../../support/market.ts'

const never = new AbortController().signal
/** A stock of the simulated market that trades in every minute. */
const SYMBOL = '990350'
/** The last session of the last year whose holidays are known is that of 30 December 2027, a Thursday. */
const kst = (text: string) => Date.parse(`${text}:00+09:00`)
const SENTENCE =
  /^the KRX calendar knows the holidays of 2018 to 2027, not those of 2028-.*holidays-kr.*"years".*CALENDAR_FILE$/

/** A bot that watches one stock of KRX, on a clock that the test moves minute by minute. */
const setUp = async (start: number) => {
  const store = await memoryStore()
  const { source: plain, state } = testSource({ now: start, symbols: [SYMBOL] })
  const source: BarSource = { ...plain, calendar: createKrxCalendar() }
  const now = () => state.now
  const directory = createDirectory('krx')
  const { pipeline, feed: watch } = await openBarsMarket({ source, store, directory, log: silent, now })
  const follow = () => pipeline.watching.watch({ symbol: SYMBOL, guildId: 'g', channelId: 'c', userId: null }, () => {})
  const run = async (to: number) => {
    while (state.now < to) {
      state.now += MINUTE
      await pipeline.collectAndDetect(never)
      await watch.pass(never)
    }
  }
  const owed = async () => (await watch.owed()).map(({ kind }) => kind)
  return { store, state, pipeline, watch, follow, run, owed }
}

describe('where the years that the calendar knows end', () => {
  test('the last session is collected, judged and watched to its end, and the days until the new year pass in silence', async () => {
    const { store, state, pipeline, follow, run, owed } = await setUp(kst('2027-12-30T14:30'))
    await follow()
    await run(kst('2027-12-30T15:00'))
    state.fail = new RetryableError('away', { retryAfterMs: 0 })
    await run(kst('2027-12-30T15:05'))
    expect(await owed()).toEqual(['unanswered'])
    state.fail = null
    await run(kst('2027-12-30T17:00'))
    expect(await owed()).toEqual(['unanswered', 'back'])
    const [last] = await store.bars.last('test', SYMBOL, 1, Number.MAX_SAFE_INTEGER)
    expect(last?.openTime).toBe(kst('2027-12-30T15:30'))
    expect(await store.signals.judgedUntil('test', SYMBOL)).toBeGreaterThan(kst('2027-12-30T15:30'))

    state.now = kst('2027-12-31T23:50')
    const asked = state.asked.length
    await run(kst('2027-12-31T23:59'))
    expect(state.asked).toHaveLength(asked)
    expect(pipeline.trouble()).toBeNull()
  })

  test('training for a session that nobody knows says what to do', async () => {
    const { pipeline, state } = await setUp(kst('2027-12-30T03:30'))
    await pipeline.train(never)
    state.now = kst('2027-12-31T03:30')
    await expect(pipeline.train(never)).rejects.toThrow(SetupError)
    await expect(pipeline.train(never)).rejects.toThrow(SENTENCE)
  })

  test('in the new year nothing is asked of the venue, and the operator is told what to do', async () => {
    const { pipeline, follow, state, watch, store } = await setUp(kst('2027-12-30T15:00'))
    await follow()
    const asked = state.asked.length
    state.now = kst('2028-01-03T10:00')
    await pipeline.collectAndDetect(never)
    expect(pipeline.trouble()).toMatch(SENTENCE)
    await expect(watch.pass(never)).rejects.toThrow(SENTENCE)
    expect(state.asked).toHaveLength(asked)
    expect((await store.bars.coverage('test', SYMBOL))?.to).toBe(kst('2027-12-30T15:00'))
  })
})

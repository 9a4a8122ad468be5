import { expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { openBarsMarket } from '../../../src/market.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { at, memoryStore, silent, testSource } from '../../support/market.ts'

const never = new AbortController().signal
/** Stocks of the simulated market that trade in every minute. */
const SYMBOLS = ['990350', '990110', '990230']
const SURGES = [at('10:05'), at('10:30'), at('11:10')]
const START = at('10:00')

/** A market that watches three stocks, in front of a store that the test counts the reads of or cuts off. */
const setUp = async () => {
  const real = await memoryStore()
  const reads: string[] = []
  const state = { cut: false }
  const counted = <T extends object>(part: string, of: T): T =>
    new Proxy(of, {
      get(target, name) {
        const method = Reflect.get(target, name)
        if (typeof method !== 'function') return method
        return (...given: unknown[]) => {
          if (state.cut) return Promise.reject(new RetryableError('the database does not answer'))
          reads.push(`${part}.${String(name)}`)
          return method.apply(target, given)
        }
      },
    })
  const store: Store = { ...real, bars: counted('bars', real.bars), signals: counted('signals', real.signals) }
  const { source: plain, state: market } = testSource({ now: START, symbols: SYMBOLS, surges: SURGES })
  const source = { ...plain, capacity: 10 }
  const now = () => market.now
  const open = (on: Store) => openBarsMarket({ source, store: on, directory: createDirectory('krx'), log: silent, now })
  const { pipeline, detection } = await open(store)
  for (const symbol of SYMBOLS)
    await pipeline.watching.watch({ symbol, guildId: 'g', channelId: 'c', userId: null }, () => {})
  const minute = async () => {
    market.now += MINUTE
    await pipeline.collectAndDetect(never)
  }
  await minute()
  const stored = async (symbol: string) => ({
    coverage: await real.bars.coverage('test', symbol),
    judged: await real.signals.judgedUntil('test', symbol),
    signals: (await real.signals.history('test', symbol, 1_000)).map(({ openTime, score, rank, of }) => [
      openTime,
      score,
      rank,
      of,
    ]),
    bars: await real.bars.range('test', symbol, { from: 0, to: Number.MAX_SAFE_INTEGER }),
  })
  return { real, reads, state, market, minute, detection, stored, source }
}

test('an ordinary minute of all stocks is hardly more than one commit; the coverage is read once in half an hour', async () => {
  const { reads, minute } = await setUp()
  reads.length = 0
  for (let n = 0; n < 30; n++) await minute()
  const count = (name: string) => reads.filter((read) => read === name).length
  // An abnormal minute reads what its episode and its channels have had.
  // A pass that takes long on a busy machine lets others have their turn, and then stores what it has.
  expect(count('signals.commit')).toBeGreaterThanOrEqual(30)
  expect(count('signals.commit')).toBeLessThan(60)
  expect([count('bars.coverage'), count('bars.last'), count('bars.range')]).toEqual([3, 0, 0])
})

test('history that another program adds to the series is learned from within half an hour', async () => {
  const { real, minute, detection, source } = await setUp()
  const symbol = SYMBOLS[0]!
  const learned = async () => (await detection.detector(symbol)).past.count
  const before = await learned()
  const { from } = (await real.bars.coverage('test', symbol))!
  const older = { from: from - 3 * 86_400_000, to: from }
  await real.bars.save('test', symbol, await source.fetchBars(symbol, older, never), older)
  for (let n = 0; n < 30; n++) await minute()
  expect(await learned()).toBeGreaterThan(before + 300)
})

test('two hours minute by minute leave what one pass over all of it leaves', async () => {
  const { minute, market, stored } = await setUp()
  while (market.now < at('12:00')) await minute()
  const other = await setUp()
  other.market.now = at('12:00')
  await other.minute()
  while (((await other.stored(SYMBOLS[0]!)).judged ?? 0) < at('12:00')) await other.minute()
  for (const symbol of SYMBOLS) {
    const [live, whole] = [await stored(symbol), await other.stored(symbol)]
    expect(live.signals.length).toBeGreaterThan(0)
    const until = at('12:00')
    expect(live.signals).toEqual(whole.signals.filter(([openTime]) => openTime! < until))
    expect(live.bars.map(({ openTime }) => openTime)).toEqual(
      whole.bars.map(({ openTime }) => openTime).filter((openTime) => openTime < until),
    )
  }
})

test('minutes that could not be stored are stored with the next pass, none missing and none twice', async () => {
  const { minute, market, state, stored } = await setUp()
  const undisturbed = await setUp()
  while (market.now < at('11:20')) {
    state.cut = market.now >= at('10:28') && market.now < at('10:33')
    await minute()
    // Whatever failed is left alone for a while, at most five minutes.
  }
  while (undisturbed.market.now < at('11:20')) await undisturbed.minute()
  for (const symbol of SYMBOLS) {
    const [cut, whole] = [await stored(symbol), await undisturbed.stored(symbol)]
    expect(cut.coverage).toEqual(whole.coverage)
    expect(cut.judged).toBe(whole.judged)
    expect(cut.signals).toEqual(whole.signals)
    expect(cut.bars.map(({ openTime }) => openTime)).toEqual(whole.bars.map(({ openTime }) => openTime))
  }
})

test('a stored bar that the source corrects is judged anew', async () => {
  const { minute, market, real, source } = await setUp()
  const symbol = SYMBOLS[0]!
  while (market.now < at('10:20')) await minute()
  const { fetchBars } = source
  const wrong = at('10:19')
  source.fetchBars = async (...asked) =>
    (await fetchBars(...asked)).map((bar) =>
      bar.symbol === symbol && bar.openTime === wrong ? { ...bar, high: bar.high * 1.2, volume: bar.volume * 90 } : bar,
    )
  await minute()
  const signals = await real.signals.history('test', symbol, 5)
  expect(signals.map(({ openTime }) => openTime)).toContain(wrong)
  const [bar] = await real.bars.range('test', symbol, { from: wrong, to: wrong + MINUTE })
  expect(bar?.volume).toBeGreaterThan(1_000)
  expect(await real.signals.judgedUntil('test', symbol)).toBe(at('10:21'))
})

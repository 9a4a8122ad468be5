import { describe, expect, test } from 'vitest'
import { SetupError, UnknownSymbolError } from '../../../src/errors.ts'
import { barProblem, MINUTE } from '../../../src/model/time/bar.ts'
import type { Interval } from '../../../src/model/time/interval.ts'
import { isBarMinute } from '../../../src/model/time/session.ts'
import type { BarSource } from '../../../src/pipeline/sources/source.ts'

/** The facts about one source that the suite uses. */
export interface ContractSetup {
  readonly source: BarSource
  /** A listed symbol. */
  readonly symbol: string
  /** An interval that `now()` has passed, and in which the symbol has at least 20 bars. */
  readonly interval: Interval
  /** A symbol that is not listed. */
  readonly unknown: string
  /** Lets real time pass, as the source's clock sees it. */
  pass(ms: number): void
}

/** The promises of every source. `setup` makes a fresh one that is not open yet. */
export const sourceContract = (name: string, setup: () => Promise<ContractSetup>): void => {
  const never = new AbortController().signal
  const opened = async () => {
    const made = await setup()
    await made.source.open(never)
    return made
  }

  describe(`${name} keeps the promises of a source`, () => {
    test('bars are good, inside sessions, of one symbol and series, oldest first, each minute once', async () => {
      const { source, symbol, interval } = await opened()
      const bars = await source.fetchBars(symbol, interval, never)
      expect(bars.length).toBeGreaterThanOrEqual(20)
      for (const [at, bar] of bars.entries()) {
        expect(barProblem(bar)).toBeNull()
        expect(bar).toMatchObject({ series: source.series, symbol })
        const session = source.calendar.sessionAt(bar.openTime)
        expect(session !== null && isBarMinute(session, bar.openTime)).toBe(true)
        if (at > 0) expect(bar.openTime).toBeGreaterThan(bars[at - 1]!.openTime)
      }
      await source.close()
    })

    test('an interval is half-open, and however it is cut, in whatever order, its bars are the same', async () => {
      const { source, symbol, interval } = await opened()
      const whole = await source.fetchBars(symbol, interval, never)
      const [middle, last] = [whole[whole.length >> 1]!.openTime, whole.at(-1)!.openTime]
      const right = await source.fetchBars(symbol, { from: middle, to: interval.to }, never)
      const left = await source.fetchBars(symbol, { from: interval.from, to: middle }, never)
      expect(bare([...left, ...right])).toEqual(bare(whole))
      expect(right[0]!.openTime).toBe(middle)
      const upToLast = await source.fetchBars(symbol, { from: interval.from, to: last }, never)
      expect(upToLast.at(-1)!.openTime).toBeLessThan(last)
      expect(await source.fetchBars(symbol, { from: middle, to: middle }, never)).toEqual([])
      await source.close()
    })

    test('the same interval again gives the same bars', async () => {
      const { source, symbol, interval } = await opened()
      const first = await source.fetchBars(symbol, interval, never)
      expect(bare(await source.fetchBars(symbol, interval, never))).toEqual(bare(first))
      await source.close()
    })

    test('a minute that has not closed is left out', async () => {
      const { source, symbol, pass } = await opened()
      for (let round = 0; round < 10; round++) {
        const before = source.now()
        const bars = await source.fetchBars(symbol, { from: before - 10 * MINUTE, to: before + 60 * MINUTE }, never)
        for (const bar of bars) expect(bar.openTime + MINUTE).toBeLessThanOrEqual(source.now())
        pass(1_000)
      }
      await source.close()
    })

    test('its clock does not go back with one that is set back by moments', async () => {
      const { source, pass } = await opened()
      let last = source.now()
      for (const ms of [0, 1, 999, 60_000, -240_000, 5, 60_000]) {
        pass(ms)
        const now = source.now()
        expect(now).toBeGreaterThanOrEqual(last)
        last = now
      }
      await source.close()
    })

    test('the symbol is listed, with a name and a market, and nothing is listed twice', async () => {
      const { source, symbol } = await opened()
      const listings = await source.listings(never)
      expect(listings.map((listing) => listing.symbol)).toContain(symbol)
      expect(new Set(listings.map((listing) => listing.symbol)).size).toBe(listings.length)
      for (const listing of listings)
        expect(listing).toMatchObject({ name: expect.stringMatching(/./), market: expect.stringMatching(/./) })
      expect(source.capacity).toBeGreaterThan(0)
      expect(source.historySessions).toBeGreaterThan(0)
      expect(source.sessionsPerFetch).toBeGreaterThan(0)
      await source.close()
    })

    test('an unknown symbol is an UnknownSymbolError that names it', async () => {
      const { source, unknown, interval } = await opened()
      const asked = source.fetchBars(unknown, interval, never)
      await expect(asked).rejects.toThrow(UnknownSymbolError)
      await expect(asked).rejects.toMatchObject({ symbol: unknown })
      await source.close()
    })

    test('a caller who has given up gets no answer', async () => {
      const { source, symbol, interval } = await opened()
      const reason = new Error('given up')
      await expect(source.fetchBars(symbol, interval, AbortSignal.abort(reason))).rejects.toThrow('given up')
      await expect(source.listings(AbortSignal.abort(reason))).rejects.toThrow('given up')
      await source.close()
      const { source: unopened } = await setup()
      await expect(unopened.open(AbortSignal.abort(reason))).rejects.toThrow('given up')
    })
  })
}

/** The promise of a source if the operator must act: `open` or the first fetch says so, in one sentence. */
export const setupContract = (
  name: string,
  broken: () => Promise<Pick<ContractSetup, 'source' | 'symbol' | 'interval'>>,
): void => {
  test(`${name}: what the operator must mend is a SetupError in one sentence`, async () => {
    const { source, symbol, interval } = await broken()
    const never = new AbortController().signal
    const tried = source.open(never).then(() => source.fetchBars(symbol, interval, never))
    await expect(tried).rejects.toThrow(SetupError)
    await expect(tried).rejects.toThrow(/^[^\n]{10,400}$/)
    await source.close()
  })
}

/** Bars without `receivedAt`, which comes from our clock. */
const bare = (bars: readonly { receivedAt: number }[]) => bars.map(({ receivedAt: _, ...bar }) => bar)

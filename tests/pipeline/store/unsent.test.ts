import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/model/time/bar.ts'
import type { Store, UnsentBatch } from '../../../src/pipeline/store/contract.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import { engines, silent } from './engines.ts'
import { bar, fresh, minutes, signal, step } from './records.ts'

/** Minutes of a day, and one before the Korean midnight (15:00 UTC). */
const A_DAY = DAY / MINUTE
const MIDNIGHT = 15 * 60

for (const engine of engines)
  engine.describe(engine.name, () => {
    const address = engine.prepare()
    const opened: Store[] = []
    const openFresh = async (): Promise<Store> => {
      const store = await openStore(address(fresh('unsent')), { log: silent })
      opened.push(store)
      return store
    }
    let store: Store
    beforeAll(async () => {
      store = await openFresh()
      await store.unsent.follow('a node')
    })
    afterAll(() => Promise.all(opened.map((each) => each.close())))

    /** Takes and sends everything there is. */
    const drain = async (on: Store, limit = 1_000): Promise<string[]> => {
      const all: string[] = []
      for (;;) {
        const batch: UnsentBatch<{ symbol: string; openTime: number }> | null =
          (await on.unsent.signals(limit)) ?? (await on.unsent.bars(limit))
        if (batch === null) return all
        all.push(...batch.items.map(({ symbol, openTime }) => `${symbol} ${openTime / MINUTE}`))
        await batch.sent()
      }
    }
    const saved = (series: string, symbol: string, from: number, to: number, close = 1005) => {
      const bars = Array.from({ length: to - from }, (_, at) => bar(series, symbol, from + at, { close }))
      return store.bars.save(series, symbol, bars, minutes(from, to))
    }

    test('without a sink nothing is noted', async () => {
      const other = await openFresh()
      await other.bars.save('none', 'A', [bar('none', 'A', 1)], minutes(0, 10))
      await other.signals.commit(step('none', 2, { signals: [signal('none', 1, 'e')] }))
      expect(await other.unsent.count()).toBe(0)
    })

    test('what was kept before the sink began is unsent once, and again for another target', async () => {
      const other = await openFresh()
      await other.bars.save('old', 'A', [bar('old', 'A', 1), bar('old', 'A', 3 * A_DAY)], minutes(0, 4 * A_DAY))
      await other.signals.commit(step('old', 2, { signals: [signal('old', 1, 'e')] }))
      const all = ['038530 1', 'A 1', `A ${3 * A_DAY}`]
      await other.unsent.follow('a node')
      expect(await drain(other)).toEqual(all)
      await other.unsent.follow('a node')
      expect(await drain(other)).toEqual([])
      await other.unsent.follow('another node')
      expect(await drain(other)).toEqual(all)
    })

    test('saved, corrected and judged bars are unsent until they are sent, and those that did not change are not', async () => {
      const series = fresh('kept')
      await saved(series, 'A', 0, 3)
      await saved(series, 'B', 0, 1)
      const passed = { bars: [bar(series, 'A', 3)], covered: minutes(3, 4) }
      await store.signals.commit(step(series, 4, { symbol: 'A', fresh: passed }))
      expect(await drain(store)).toEqual(['A 0', 'A 1', 'A 2', 'A 3', 'B 0'])
      await saved(series, 'A', 0, 3)
      expect(await drain(store)).toEqual([])
      await store.bars.save(series, 'A', [bar(series, 'A', 1, { close: 1001 })], minutes(1, 2))
      expect(await drain(store)).toEqual(['A 1'])
    })

    test('the newest Korean day comes first', async () => {
      const series = fresh('days')
      await saved(series, 'A', MIDNIGHT - 1, MIDNIGHT + 1)
      await saved(series, 'B', MIDNIGHT - 1, MIDNIGHT + 1)
      const newest = await store.unsent.bars(1_000)
      expect(newest?.items.map(({ symbol, openTime }) => [symbol, openTime / MINUTE])).toEqual([
        ['A', MIDNIGHT],
        ['B', MIDNIGHT],
      ])
      await newest?.sent()
      expect(await drain(store)).toEqual([`A ${MIDNIGHT - 1}`, `B ${MIDNIGHT - 1}`])
    })

    test('bars that change while their batch is on its way stay unsent', async () => {
      const series = fresh('meanwhile')
      await saved(series, 'A', 0, 2)
      await saved(series, 'B', 0, 1)
      const batch = await store.unsent.bars(1_000)
      await store.bars.save(series, 'A', [bar(series, 'A', 1, { close: 999 })], minutes(1, 2))
      await batch?.sent()
      expect(await drain(store)).toEqual(['A 0', 'A 1'])
    })

    test('fresh bars that are stored without a judgement are unsent', async () => {
      const series = fresh('fresh')
      const symbols = ['A', 'B', 'C']
      const of = (symbol: string) => ({ bars: symbol === 'C' ? [] : [bar(series, symbol, 3)], covered: minutes(3, 4) })
      await store.bars.saveFresh(series, new Map(symbols.map((symbol) => [symbol, of(symbol)])))
      expect(await drain(store)).toEqual(['A 3', 'B 3'])
    })

    test('a batch that is not sent comes again', async () => {
      await saved(fresh('again'), 'A', 0, 2)
      await store.unsent.bars(1_000)
      expect(await drain(store)).toEqual(['A 0', 'A 1'])
    })

    test('of two processes that take the same, the slower one ends nothing that the other has not sent', async () => {
      const series = fresh('two')
      await saved(series, 'A', 0, 1)
      const slow = await store.unsent.bars(1_000)
      const quick = await store.unsent.bars(1_000)
      await slow?.sent()
      expect(await store.unsent.count()).toBe(1)
      await quick?.sent()
      expect(await store.unsent.count()).toBe(0)
    })

    test('nothing falls between writers at work and a sink that begins, reads and ends its batches', async () => {
      const other = await openFresh()
      const series = fresh('busy')
      const symbols = Array.from({ length: 6 }, (_, at) => `S${at}`)
      const received = new Map<string, number>()
      let writing = true
      const writers = symbols.map(async (symbol, nr) => {
        for (let minute = 0; minute < 60; minute++) {
          const passed = [bar(series, symbol, minute, { close: 1001 + nr })]
          if (minute % 2 === 0) await other.bars.save(series, symbol, passed, minutes(minute, minute + 1))
          else {
            const covered = minutes(minute, minute + 1)
            const one = step(series, minute + 1, { symbol, fresh: { bars: passed, covered } })
            // Some steps bring two symbols in one transaction, as a pass over many does.
            const twin = { bars: [bar(series, `${symbol}-twin`, minute)], covered: minutes(0, minute + 1) }
            const two = step(series, minute + 1, { symbol: `${symbol}-twin`, fresh: twin })
            await other.signals.commit(two, one)
          }
          if (minute % 7 === 0)
            await other.bars.save(series, symbol, [{ ...passed[0]!, close: 1009 }], minutes(minute, minute + 1))
        }
      })
      const sink = (async () => {
        await other.unsent.follow('a node')
        for (;;) {
          const wasWriting = writing
          const batch = await other.unsent.bars(25)
          for (const { symbol, openTime, close } of batch?.items ?? []) received.set(`${symbol} ${openTime}`, close)
          await batch?.sent()
          if (batch === null && !wasWriting) return
        }
      })()
      await Promise.all(writers).finally(() => {
        writing = false
      })
      await sink
      for (const symbol of await other.bars.symbols(series))
        for (const { openTime, close } of await other.bars.range(series, symbol, minutes(0, 100)))
          expect(received.get(`${symbol} ${openTime}`)).toBe(close)
      expect(received.size).toBe(6 * (60 + 30))
      expect(await other.unsent.count()).toBe(0)
    })

    test('in batches of whatever size everything comes, and no batch is much larger', () =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.constantFrom('A', 'B', 'C'), fc.integer({ min: 1, max: 40 })), { maxLength: 6 }),
          fc.integer({ min: 2, max: 30 }),
          async (saves, limit) => {
            const series = fresh('sizes')
            const ends = new Map<string, number>()
            for (const [symbol, count] of saves) {
              const from = ends.get(symbol) ?? MIDNIGHT - 10
              await saved(series, symbol, from, from + count)
              ends.set(symbol, from + count)
            }
            const wanted = [...ends].flatMap(([symbol, end]) =>
              Array.from({ length: end - MIDNIGHT + 10 }, (_, at) => `${symbol} ${MIDNIGHT - 10 + at}`),
            )
            expect(new Set(await drain(store, limit))).toEqual(new Set(wanted))
          },
        ),
        { numRuns: 25 },
      ))
  })

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { shardOf } from '../../../src/bot/discord/shards.ts'
import { type Bar, MINUTE } from '../../../src/model/time/bar.ts'
import type { Interval } from '../../../src/model/time/interval.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import type {
  EpisodeRecord,
  Listing,
  MarketEvent,
  PostRecord,
  Shards,
  StateRecord,
} from '../../../src/pipeline/store/records.ts'
import { engines, silent } from './engines.ts'
import {
  bar,
  barsOf,
  episode,
  fresh,
  interruption,
  minutes,
  model,
  post,
  signal,
  state,
  step,
  watch,
} from './records.ts'

const RUNS = { numRuns: 40 }
const ALWAYS = { from: 0, to: Number.MAX_SAFE_INTEGER }

for (const engine of engines)
  engine.describe(engine.name, () => {
    const address = engine.prepare()
    let store: Store
    beforeAll(async () => {
      store = await openStore(address('contract'), { log: silent })
    })
    afterAll(() => store?.close())

    // ── bars ──

    test('bars come back to the last bit, in time order', () =>
      fc.assert(
        fc.asyncProperty(barsOf('exact', 'A', 500), async (bars) => {
          const series = fresh('exact')
          const given = bars.map((each) => ({ ...each, series }))
          await store.bars.save(series, 'A', given, minutes(0, 500))
          const kept = await store.bars.range(series, 'A', ALWAYS)
          expect(kept).toStrictEqual(byTime(given)) // toStrictEqual tells numbers apart by Object.is
        }),
        RUNS,
      ))

    test('the same bars twice change nothing, whenever they arrived', () =>
      fc.assert(
        fc.asyncProperty(barsOf('twice', 'A', 500), fc.nat(), async (bars, later) => {
          const series = fresh('twice')
          const given = bars.map((each) => ({ ...each, series }))
          expect(await store.bars.save(series, 'A', given, minutes(0, 500))).toStrictEqual(byTime(given))
          const again = given.map((each) => ({ ...each, receivedAt: each.receivedAt + later })).toReversed()
          expect(await store.bars.save(series, 'A', again, minutes(0, 500))).toEqual([])
          expect(await store.bars.range(series, 'A', ALWAYS)).toStrictEqual(byTime(given))
        }),
        RUNS,
      ))

    test('any batches in any order leave what a map would hold, and return what changed in it', () => {
      const batches = fc.array(barsOf('map', 'A', 40), { maxLength: 5 })
      return fc.assert(
        fc.asyncProperty(
          batches,
          fc.nat({ max: 40 }),
          fc.nat({ max: 40 }),
          fc.nat({ max: 10 }),
          async (given, a, b, count) => {
            const series = fresh('map')
            const map = new Map<number, Bar>()
            for (const batch of given) {
              const bars = batch.map((each) => ({ ...each, series }))
              const changed = bars.filter((each) => !sameNumbers(map.get(each.openTime), each))
              for (const each of changed) map.set(each.openTime, each)
              expect(await store.bars.save(series, 'A', bars, minutes(0, 40))).toStrictEqual(byTime(changed))
            }
            const [from, to] = [Math.min(a, b) * MINUTE, Math.max(a, b) * MINUTE]
            const all = byTime([...map.values()])
            const before = all.filter(({ openTime }) => openTime < to)
            expect(await store.bars.range(series, 'A', { from, to })).toStrictEqual(
              before.filter(({ openTime }) => openTime >= from),
            )
            expect(await store.bars.last(series, 'A', count, to)).toStrictEqual(
              before.slice(before.length - Math.min(count, before.length)),
            )
            expect(await store.bars.count(series, 'A')).toBe(all.length)
            expect(await store.bars.newest(series)).toBe(all.at(-1)?.openTime ?? null)
            expect(await store.bars.oldest(series, 'A')).toBe(all[0]?.openTime ?? null)
          },
        ),
        RUNS,
      )
    })

    test('coverage is the union of intervals that touch; one that does not is refused and leaves nothing', () => {
      const interval = fc
        .tuple(fc.nat({ max: 30 }), fc.nat({ max: 8 }))
        .map(([from, length]) => minutes(from, from + length))
      return fc.assert(
        fc.asyncProperty(fc.array(interval, { maxLength: 12 }), async (intervals) => {
          const series = fresh('union')
          let expected: Interval | null = null
          let kept = 0
          for (const covered of intervals) {
            const isEmpty = covered.from === covered.to
            const bars = isEmpty ? [] : [bar(series, 'A', covered.from / MINUTE)]
            const touches: boolean =
              isEmpty || expected === null || (covered.from <= expected.to && covered.to >= expected.from)
            const saved = store.bars.save(series, 'A', bars, covered)
            if (!touches) await expect(saved).rejects.toThrow(RangeError)
            else kept += (await saved).length
            if (touches && !isEmpty)
              expected = expected
                ? { from: Math.min(expected.from, covered.from), to: Math.max(expected.to, covered.to) }
                : covered
            expect(await store.bars.coverage(series, 'A')).toEqual(expected)
            expect(await store.bars.count(series, 'A')).toBe(kept)
          }
        }),
        RUNS,
      )
    })

    test('a corrected bar replaces, and only it is returned', async () => {
      const series = fresh('corrected')
      await store.bars.save(series, 'A', [bar(series, 'A', 1), bar(series, 'A', 2)], minutes(0, 3))
      const corrected = bar(series, 'A', 2, { volume: 13 })
      expect(await store.bars.save(series, 'A', [bar(series, 'A', 1), corrected], minutes(0, 3))).toEqual([corrected])
      expect(await store.bars.range(series, 'A', ALWAYS)).toEqual([bar(series, 'A', 1), corrected])
    })

    test.for<[string, (series: string) => Bar, RegExp]>([
      ['of another symbol', (series) => bar(series, 'B', 1), /a bar of .* B was given as one of .* A/],
      ['of another venue', () => bar('elsewhere', 'A', 1), /a bar of elsewhere A was given/],
      [
        'outside what is covered',
        (series) => bar(series, 'A', 9),
        /outside the covered \[1970-01-01T00:00:00.000Z, 1970-01-01T00:05:00.000Z\)/,
      ],
    ])('a bar %s is refused with its batch', async ([, wrong, message]) => {
      const series = fresh('refused')
      const saved = store.bars.save(series, 'A', [bar(series, 'A', 0), wrong(series)], minutes(0, 5))
      await expect(saved).rejects.toThrow(RangeError)
      await expect(saved).rejects.toThrow(message)
      expect(await store.bars.coverage(series, 'A')).toBeNull()
      expect(await store.bars.count(series, 'A')).toBe(0)
    })

    test('series and symbols are kept apart, upper and lower case too', async () => {
      const series = fresh('apart')
      for (const symbol of ['B', 'b', 'A'])
        await store.bars.save(series, symbol, [bar(series, symbol, 4)], minutes(0, 9))
      await store.bars.save(`${series}x`, 'C', [bar(`${series}x`, 'C', 7)], minutes(0, 9))
      expect(await store.bars.symbols(series)).toEqual(['A', 'B', 'b'])
      expect(await store.bars.range(series, 'b', ALWAYS)).toEqual([bar(series, 'b', 4)])
      expect(await store.bars.newest(series)).toBe(4 * MINUTE)
      expect(await store.bars.newest(fresh('nowhere'))).toBeNull()
    })

    const freshBars = (series: string, from: number, symbols: readonly string[], to = from + 1) =>
      new Map(symbols.map((symbol) => [symbol, { bars: [bar(series, symbol, from)], covered: minutes(from, to) }]))
    const keptOf = async (series: string, symbols: readonly string[]) =>
      Promise.all(
        symbols.map(async (symbol) => ({
          coverage: await store.bars.coverage(series, symbol),
          bars: await store.bars.range(series, symbol, ALWAYS),
        })),
      )

    test('fresh bars of many symbols are stored with their coverage; twice, they change nothing', async () => {
      const series = fresh('fresh')
      const symbols = Array.from({ length: 1_201 }, (_, n) => `S${n}`)
      for (const from of [4, 5, 5]) await store.bars.saveFresh(series, freshBars(series, from, symbols))
      const some = ['S0', 'S7', 'S500', 'S1200']
      expect(await keptOf(series, some)).toEqual(
        some.map((symbol) => ({
          coverage: minutes(4, 6),
          bars: [bar(series, symbol, 4), bar(series, symbol, 5)],
        })),
      )
      await store.bars.saveFresh(series, freshBars(series, 4, ['S0']))
      expect(await store.bars.coverage(series, 'S0')).toEqual(minutes(4, 6))
    })

    test('fresh minutes without a trade widen the coverage alone', async () => {
      const series = fresh('fresh')
      await store.bars.saveFresh(series, new Map([['A', { bars: [], covered: minutes(4, 9) }]]))
      expect(await keptOf(series, ['A'])).toEqual([{ coverage: minutes(4, 9), bars: [] }])
    })

    test('fresh bars after a hole are refused with those of all other symbols', async () => {
      const series = fresh('fresh')
      await store.bars.saveFresh(series, freshBars(series, 4, ['A', 'B']))
      const torn = new Map([...freshBars(series, 5, ['B']), ...freshBars(series, 7, ['A'])])
      await expect(store.bars.saveFresh(series, torn)).rejects.toThrow(RangeError)
      expect(await keptOf(series, ['A', 'B'])).toEqual(
        ['A', 'B'].map((symbol) => ({ coverage: minutes(4, 5), bars: [bar(series, symbol, 4)] })),
      )
    })

    test('many saves at once, of one symbol and of several, lose nothing', async () => {
      const series = fresh('at-once')
      const symbols = ['A', 'B', 'C']
      await Promise.all(symbols.map((symbol) => store.bars.save(series, symbol, [], minutes(0, 60))))
      const saves = Array.from({ length: 60 }, (_, minute) =>
        symbols.map((symbol) =>
          store.bars.save(series, symbol, [bar(series, symbol, minute)], minutes(minute, minute + 1)),
        ),
      )
      const saved = await Promise.all(saves.flat())
      expect(saved.every(({ length }) => length === 1)).toBe(true)
      for (const symbol of symbols) expect(await store.bars.count(series, symbol)).toBe(60)
    })

    test('two stores of one database, at work at the same time, lose nothing', async () => {
      const url = address('shared')
      const stores = [await openStore(url, { log: silent }), await openStore(url, { log: silent })]
      const symbols = Array.from({ length: 25 }, (_, n) => `S${n}`)
      const work = stores.flatMap((each, turn) =>
        symbols.flatMap((symbol) => [
          each.bars.save('venue', symbol, [bar('venue', symbol, 1), bar('venue', symbol, 2)], minutes(0, 5)),
          each.signals.commit({ ...step('venue', 5), symbol, signals: [signal('venue', turn, symbol, { symbol })] }),
        ]),
      )
      const saved = (await Promise.all(work)).filter((result) => Array.isArray(result))
      expect(saved.flat()).toHaveLength(2 * symbols.length) // each bar was new to one of them
      for (const symbol of symbols) {
        expect(await stores[0]!.bars.count('venue', symbol)).toBe(2)
        expect(await stores[1]!.signals.ofEpisode(symbol)).toHaveLength(2)
      }
      await Promise.all(stores.map((each) => each.close()))
    })

    // ── leases ──

    test('a lease has one holder; it is renewed, expires, and is taken over at once from one known to have ended', async () => {
      const name = fresh('lease')
      expect(await store.leases.take(name, 'a', 60_000)).toBe(1)
      expect(await store.leases.take(name, 'b', 60_000)).toBeNull()
      expect(await store.leases.take(name, 'a', 60_000)).toBe(1)
      expect(await store.leases.take(name, 'b', 60_000, 'somebody else')).toBeNull()
      expect(await store.leases.take(name, 'b', 1, 'a')).toBe(2)
      await new Promise((resolve) => setTimeout(resolve, 20))
      expect(await store.leases.take(name, 'c', 60_000)).toBe(3)
      expect(await store.leases.take(name, 'b', 60_000)).toBeNull()
      await store.leases.release(name, 'b')
      expect(await store.leases.holder(name)).toBe('c')
      await store.leases.release(name, 'c')
      expect(await store.leases.take(name, 'a', 60_000)).toBe(1)
    })

    test('of many that ask at once one gets it', async () => {
      const name = fresh('lease')
      const taken = await Promise.all(
        Array.from({ length: 20 }, (_, n) => store.leases.take(name, `holder ${n}`, 60_000)),
      )
      expect(taken.filter((generation) => generation !== null)).toEqual([1])
    })

    // ── models ──

    test('a model is found by id and by age; saving it again is a no-op', async () => {
      const series = fresh('models')
      const [old, middle, young] = [
        model(series, 'c', 10),
        model(series, 'b', 20),
        model(series, 'a', 30, { snapshot: '가'.repeat(100_000) }),
      ]
      for (const each of [middle, old, young]) await store.models.save(each)
      await store.models.save({ ...old, snapshot: 'other', cutoff: 99 })
      expect(await store.models.get(series, '038530', 'c')).toStrictEqual(old)
      expect(await store.models.get(series, '000000', 'c')).toBeNull()
      expect(await store.models.latest(series, '038530', 2)).toStrictEqual([young, middle])
    })

    // ── rolling states ──

    test('a state comes back to the byte, and the next one takes its place', async () => {
      const series = fresh('states')
      await store.bars.save(series, 'A', [], minutes(0, 60))
      expect(await store.states.get(series, 'A')).toBeNull()
      for (const position of [20, 60]) {
        const bytes = Buffer.alloc(200_000, `bytes of ${position}`)
        expect(await store.states.save([{ ...state(series, 'A', position, { bytes }), revision: 0 }])).toEqual([])
        const kept = (await store.states.get(series, 'A'))!
        expect({ ...kept, bytes: Buffer.from(kept.bytes) }).toStrictEqual(state(series, 'A', position, { bytes }))
      }
      expect(await store.states.get(series, 'a')).toBeNull()
      expect(await store.states.get(`${series}x`, 'A')).toBeNull()
    })

    test.for<[string, (series: string) => Promise<unknown>, 'stays' | 'goes']>([
      ['a corrected bar before its position', (s) => saveBar(s, 9, { volume: 3 }), 'goes'],
      ['a late bar before its position', (s) => saveBar(s, 8), 'goes'],
      ['the same bar again', (s) => saveBar(s, 9), 'stays'],
      ['a late bar after its position', (s) => saveBar(s, 11), 'stays'],
      ['bars that follow', (s) => store.bars.save(s, 'A', [bar(s, 'A', 20)], minutes(20, 21)), 'stays'],
      ['judged minutes that follow', (s) => commitBar(s, 'A', 20), 'stays'],
      ['judged minutes that another process has stored already', (s) => commitBar(s, 'A', 5), 'goes'],
      ['judged minutes of another stock', (s) => commitBar(s, 'B', 5), 'stays'],
      ['older bars', (s) => store.bars.save(s, 'A', [bar(s, 'A', -3)], minutes(-5, 0)), 'goes'],
    ])('a state and %s: it %s', async ([, change, expected]) => {
      const series = fresh('removed')
      for (const symbol of ['A', 'B'])
        await store.bars.save(series, symbol, [bar(series, symbol, 9), bar(series, symbol, 12)], minutes(0, 20))
      await store.states.save([{ ...state(series, 'A', 10), revision: 0 }])
      await change(series)
      expect((await store.states.get(series, 'A')) === null ? 'goes' : 'stays').toBe(expected)
    })

    const saveBar = (series: string, minute: number, more: Partial<Bar> = {}) =>
      store.bars.save(series, 'A', [bar(series, 'A', minute, more)], minutes(0, 20))
    const commitBar = (series: string, symbol: string, minute: number) =>
      store.signals.commit({
        ...step(series, minute + 1),
        symbol,
        fresh: { bars: [bar(series, symbol, minute)], covered: minutes(minute, minute + 1) },
      })

    test('a state is kept only while its bars are all stored and the same as when it was built', async () => {
      const series = fresh('kept')
      for (const symbol of ['ahead', 'begun', 'changed', 'good'])
        await store.bars.save(series, symbol, [bar(series, symbol, 9)], minutes(0, 20))
      const revision = await store.states.revision(series, 'changed')
      await store.bars.save(series, 'changed', [bar(series, 'changed', 9, { volume: 1 })], minutes(0, 20))
      const states = [
        state(series, 'ahead', 21),
        state(series, 'begun', 10, { coveredFrom: MINUTE }),
        state(series, 'changed', 10),
        state(series, 'good', 20),
        state(series, 'unknown', 20),
      ]
      const left = await store.states.save(states.map((each) => ({ ...each, revision })))
      expect(left).toEqual(['begun', 'changed', 'unknown'])
      const kept = await Promise.all(states.map(({ symbol }) => store.states.get(series, symbol)))
      expect(kept.map((each) => each?.symbol)).toEqual([undefined, undefined, undefined, 'good', undefined])
      expect(await store.states.revision(series, 'changed')).toBe(revision + 1)
      expect(await store.states.revision(series, 'unknown')).toBe(0)
    })

    test('whatever is stored in whatever order, a state that is found is one of the bars before its position', () => {
      const batch = fc.tuple(barsOf('law', 'A', 12), fc.nat({ max: 10 }), fc.integer({ min: 1, max: 6 }))
      const act = fc.oneof(
        fc.record({ kind: fc.constantFrom('save', 'commit'), batch }),
        fc.record({ kind: fc.constantFrom('build', 'keep'), position: fc.nat({ max: 14 }) }),
      )
      return fc.assert(
        fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
          const series = fresh('law')
          /** The bars of each built state, whose bytes are its place in here. */
          const built: Bar[][] = []
          let newest: (StateRecord & { revision: number }) | null = null
          for (const each of acts) {
            if ('batch' in each) {
              const [all, from, length] = each.batch
              const covered = minutes(from, from + length)
              const bars = byTime(all.map((one) => ({ ...one, series }))).filter(
                ({ openTime }) => openTime >= covered.from && openTime < covered.to,
              )
              await (each.kind === 'save'
                ? store.bars.save(series, 'A', bars, covered)
                : store.signals.commit({ ...step(series, 1), symbol: 'A', fresh: { bars, covered } })
              ).catch(() => {}) // an interval that does not touch the coverage
            } else if (each.kind === 'build') {
              const revision = await store.states.revision(series, 'A')
              const coverage = await store.bars.coverage(series, 'A')
              const [coveredFrom, to] = [coverage?.from ?? 0, each.position * MINUTE]
              built.push(await store.bars.range(series, 'A', { from: coveredFrom, to }))
              const bytes = Uint8Array.of(built.length - 1)
              newest = { ...state(series, 'A', each.position, { coveredFrom, bytes }), revision }
            } else if (newest) await store.states.save([newest])
            const found = await store.states.get(series, 'A')
            if (found === null) continue
            const bars = await store.bars.range(series, 'A', { from: found.coveredFrom, to: found.position })
            expect(bars).toEqual(built[found.bytes[0]!])
          }
        }),
        RUNS,
      )
    })

    // ── signals ──

    test('steps of many symbols are stored in one transaction with their bars and coverage', async () => {
      const series = fresh('pass')
      const symbols = Array.from({ length: 1_201 }, (_, n) => `S${n}`)
      const of = (symbol: string, minute: number) => ({
        ...step(series, minute + 1),
        symbol,
        fresh: { bars: [bar(series, symbol, minute)], covered: minutes(minute, minute + 1) },
      })
      const id = fresh('episode')
      const first = symbols.map((symbol) => of(symbol, 4))
      const found = { ...first[7]!, signals: [signal(series, 4, id, { symbol: 'S7' })], posts: [post(id)] }
      for (const again of [1, 2]) {
        await store.signals.commit(...first.with(7, found))
        expect(await store.signals.ofEpisode(id), `${again}`).toHaveLength(1)
      }
      await store.signals.commit(...symbols.map((symbol) => of(symbol, 5)))
      for (const symbol of ['S0', 'S7', 'S500', 'S1200']) {
        expect(await store.bars.coverage(series, symbol)).toEqual(minutes(4, 6))
        expect(await store.bars.range(series, symbol, ALWAYS)).toEqual([bar(series, symbol, 4), bar(series, symbol, 5)])
        expect(await store.signals.judgedUntil(series, symbol)).toBe(6 * MINUTE)
      }
      await store.signals.commit({ ...step(series, 3), symbol: 'S0' })
      expect(await store.signals.judgedUntil(series, 'S0')).toBe(6 * MINUTE)
    })

    test('bars that would leave a hole are refused with their whole pass', async () => {
      const series = fresh('hole')
      await store.bars.save(series, 'A', [], minutes(0, 5))
      const [good, torn] = ['B', 'A'].map((symbol) => ({
        ...step(series, 8),
        symbol,
        fresh: { bars: [bar(series, symbol, 7)], covered: minutes(7, 8) },
      }))
      await expect(store.signals.commit(good!, torn!)).rejects.toThrow()
      expect(await store.bars.coverage(series, 'A')).toEqual(minutes(0, 5))
      expect(await store.bars.coverage(series, 'B')).toBeNull()
      expect(await store.signals.judgedUntil(series, 'B')).toBeNull()
    })

    test('a step is kept whole, and repeated changes nothing', async () => {
      const series = fresh('step')
      const [id, other] = [fresh('episode'), fresh('episode')]
      const first = step(series, 12, {
        signals: [
          signal(series, 10, id),
          signal(series, 11, id, { late: true, score: -1e-300 }),
          signal(series, 3, other),
        ],
        episodes: [
          episode(series, id, 10, { last: 11 * MINUTE, signals: 2 }),
          episode(series, other, 3, { endedAt: 5 * MINUTE }),
        ],
        posts: [post(id), post(other)],
      })
      await store.signals.commit(first)
      const grown = step(series, 13, { ...first, judgedUntil: 13 * MINUTE, signals: [], posts: [], touched: [id, id] })
      for (const each of [first, grown, grown, first]) await store.signals.commit(each)

      expect(await store.signals.ofEpisode(id)).toStrictEqual(first.signals.slice(0, 2))
      expect(await store.signals.history(series, '038530', 2)).toStrictEqual([first.signals[1], first.signals[0]])
      expect(await store.signals.history(series, '038530', 9, 10 * MINUTE)).toStrictEqual([first.signals[2]])
      expect(await store.signals.episode(id)).toStrictEqual(first.episodes[0])
      expect(await store.signals.episode('none')).toBeNull()
      expect(await store.signals.episodes(series, '038530', 9)).toStrictEqual(first.episodes)
      expect(await store.signals.openEpisodes(series, '038530')).toStrictEqual([first.episodes[0]])
      expect(await store.signals.judgedUntil(series, '038530')).toBe(13 * MINUTE)
      expect(await store.signals.judgedUntil(series, '000000')).toBeNull()
      expect(await store.outbox.ofEpisode(id)).toStrictEqual([{ ...first.posts[0], wantedRevision: 2 }])
      expect(await store.outbox.ofEpisode(other)).toStrictEqual([first.posts[1]])
    })

    test('a step that fails at its last row leaves none of the others', async () => {
      const series = fresh('failing')
      const id = fresh('episode')
      const broken = post(id, { nonce: null as unknown as string })
      const failing = step(series, 5, {
        signals: [signal(series, 4, id)],
        episodes: [episode(series, id, 4)],
        posts: [post(id), broken],
      })
      await expect(store.signals.commit(failing)).rejects.toThrow(/nonce/)
      expect(await store.signals.judgedUntil(series, '038530')).toBeNull()
      expect(await store.signals.history(series, '038530', 9)).toEqual([])
      expect(await store.signals.episode(id)).toBeNull()
      expect(await store.outbox.ofEpisode(id)).toEqual([])
    })

    test('an episode grows, ends, and asks its living posts for one more revision', async () => {
      const series = fresh('grows')
      const id = fresh('episode')
      const posts = ['pending', 'sent', 'dropped'].map((state) =>
        post(id, { channelId: state, state: state as PostRecord['state'] }),
      )
      await store.signals.commit(step(series, 5, { episodes: [episode(series, id, 4)], posts }))
      const ended = episode(series, id, 4, { endedAt: 9 * MINUTE, signals: 2, peakScore: 0.7 })
      const rise = post(id, { kind: 'rise', sequence: 1, wantedRevision: 2, channelId: 'sent', createdAt: 2_000 })
      // The market time may stand still while an episode changes.
      await store.signals.commit(step(series, 5, { episodes: [ended], touched: [id], posts: [rise] }))
      expect(await store.signals.episode(id)).toStrictEqual(ended)
      expect(await store.signals.openEpisodes(series, '038530')).toEqual([])
      const revisions = (await store.outbox.ofEpisode(id)).map(
        ({ channelId, kind, wantedRevision }) => `${channelId} ${kind} ${wantedRevision}`,
      )
      expect(revisions.sort()).toEqual(['dropped alert 1', 'pending alert 2', 'sent alert 2', 'sent rise 2'])
    })

    test('one post by episode, channel, kind and sequence, whoever makes it', async () => {
      const series = fresh('once')
      const id = fresh('episode')
      const same = [post(id), post(id), post(id)]
      await Promise.all(same.map((each, turn) => store.signals.commit(step(series, 5 + turn, { posts: [each] }))))
      // Which of them comes first is the database's to say.
      const kept = await store.outbox.ofEpisode(id)
      expect(kept).toHaveLength(1)
      expect(same).toContainEqual(kept[0])
      await store.signals.commit(step(series, 9, { posts: [post(id)] }))
      expect(await store.outbox.ofEpisode(id)).toStrictEqual(kept)
    })

    // ── outbox ──

    test('a post is due until it shows what is wanted, or is dropped', async () => {
      const series = fresh('due')
      const id = fresh('episode')
      const [old, young, gone] = [1, 2, 3].map((at) => post(id, { channelId: `${series}-${at}`, createdAt: at })) as [
        PostRecord,
        PostRecord,
        PostRecord,
      ]
      await store.signals.commit(step(series, 5, { episodes: [episode(series, id, 4)], posts: [gone, young, old] }))
      const due = async (limit = 1_000) =>
        (await store.outbox.due(limit)).filter(({ episodeId }) => episodeId === id).map((each) => each.id)
      expect(await due()).toEqual([old.id, young.id, gone.id])
      const others = fresh('episode')
      const more = [4, 5].map((at) => post(others, { channelId: `${series}-1`, createdAt: at, sequence: at }))
      await store.signals.commit(step(series, 5, { posts: more }))
      expect(await due(1)).toEqual([old.id, young.id, gone.id]) // of each channel the oldest
      expect(await store.outbox.countDue()).toBe((await store.outbox.due(1_000)).length)
      for (const one of more) await store.outbox.drop(one.id, 'budget')

      await store.outbox.sent(young.id, '1234567890123456789', 1, 7_000)
      await store.outbox.drop(gone.id, 'budget')
      expect(await due()).toEqual([old.id])
      await store.signals.commit(step(series, 6, { touched: [id] }))
      expect(await due()).toEqual([old.id, young.id])
      await store.outbox.edited(young.id, 2)
      await store.outbox.edited(young.id, 1) // an answer that came late
      expect(await due()).toEqual([old.id])

      expect(await store.outbox.ofEpisode(id)).toStrictEqual([
        { ...old, wantedRevision: 2 },
        {
          ...young,
          state: 'sent',
          messageId: '1234567890123456789',
          wantedRevision: 2,
          shownRevision: 2,
          sentAt: 7_000,
        },
        { ...gone, state: 'dropped', reason: 'budget' },
      ])
    })

    test.for([1, 2, 3, 16, 10_000])('the posts due in each of %i shards are those of its guilds', async (count) => {
      const series = fresh('shards')
      const id = fresh('episode')
      // Each id is that of a moment between Discord's first and the last that 63 bits hold.
      const guildIds = [0n, 1n, 12_345n, 345_654_321_013n, (1n << 41n) - 2n, (1n << 41n) - 1n].map((moment) =>
        ((moment << 22n) | 4_194_303n).toString(),
      )
      const posts = guildIds.map((guildId) => post(id, { guildId, channelId: `${series}-${guildId}` }))
      await store.signals.commit(step(series, 5, { episodes: [episode(series, id, 4)], posts }))
      const dueIn = async (shards: Shards) => {
        const due = await store.outbox.due(1_000, shards)
        expect(await store.outbox.countDue(shards)).toBe(due.length)
        return due.filter(({ episodeId }) => episodeId === id).map(({ guildId }) => guildId)
      }
      const shardsOf = Map.groupBy(guildIds, (guildId) => shardOf(guildId, count))
      for (const [shard, own] of shardsOf)
        expect((await dueIn({ ids: [shard], count })).toSorted()).toEqual(own.toSorted())
      expect((await dueIn({ ids: [...shardsOf.keys()], count })).toSorted()).toEqual(guildIds.toSorted())
    })

    test('the minutes of the alerts decided on for a channel: of stocks that it watches, since a time, posted or not', async () => {
      const series = fresh('count')
      const channelId = series
      const watch = { series, symbol: '038530', guildId: 'g', channelId, addedBy: null, addedAt: 0, since: 0 }
      await store.watches.add(watch)
      await store.watches.add({ ...watch, channelId: `${channelId}x` })
      const send = async (minute: number, more: Partial<PostRecord> = {}, of: Partial<EpisodeRecord> = {}) => {
        const id = fresh('episode')
        const sent = post(id, { channelId, state: 'sent', openTime: minute * MINUTE, ...more })
        await store.signals.commit(
          step(of.series ?? series, minute, { episodes: [episode(series, id, minute, of)], posts: [sent] }),
        )
      }
      for (const minute of [9, 10, 11]) await send(minute)
      await send(11, { state: 'dropped', reason: 'budget' })
      await send(12, { state: 'dropped', reason: 'stale' })
      await send(13, { state: 'pending' })
      await send(11, { kind: 'rise' })
      await send(11, { channelId: `${channelId}x` })
      await send(11, {}, { symbol: '990110' })
      await send(11, {}, { series: `${series}x` })
      expect(await store.outbox.alertTimes(series, channelId, 10 * MINUTE)).toEqual(
        [10, 11, 12, 13].map((minute) => minute * MINUTE),
      )
      expect(await store.outbox.alertTimes(series, 'nobody', 0)).toEqual([])
    })

    // ── market events ──

    test('market facts come back to the last bit, oldest first, by interval and by symbol', async () => {
      const series = fresh('key-values')
      const early = interruption('B', 1, { type: null, triggerPrice: 0.1 + 0.2, count: null })
      const opening: MarketEvent = { kind: 'market', code: '3', at: 2 * MINUTE, receivedAt: 2 * MINUTE + 40 }
      const nextrade: MarketEvent = { ...opening, code: 'R' } // of the same second
      const late = interruption('A', 3, { releasedAt: 5 * MINUTE + 36_000, type: 'both' })
      const last = interruption('B', 4)
      for (const fact of [last, nextrade, late, opening, early]) await store.marketEvents.save(series, fact)
      await store.marketEvents.save(`${series}x`, interruption('A', 3))
      expect(await store.marketEvents.between(series, ALWAYS)).toStrictEqual([early, opening, nextrade, late, last])
      expect(await store.marketEvents.between(series, ALWAYS, 'B')).toStrictEqual([early, last])
      const { triggeredAt: from } = early
      expect(await store.marketEvents.between(series, { from, to: last.triggeredAt }, 'B')).toStrictEqual([early])
      expect(await store.marketEvents.between(series, { from: from + 1, to: last.triggeredAt + 1 }, 'B')).toStrictEqual(
        [last],
      )
      expect(await store.marketEvents.between(series, ALWAYS, 'b')).toEqual([])
    })

    test('a market fact told again changes nothing, whenever it arrived', async () => {
      const series = fresh('again')
      const facts: MarketEvent[] = [
        interruption('A', 1),
        interruption('B', 1, { releasedAt: 4 * MINUTE }),
        { kind: 'market', code: '3', at: 2 * MINUTE, receivedAt: 2 * MINUTE },
      ]
      for (const later of [0, 0, 9_000])
        for (const fact of facts)
          await store.marketEvents.save(series, { ...fact, receivedAt: fact.receivedAt + later })
      expect(await store.marketEvents.between(series, ALWAYS)).toStrictEqual(facts)
    })

    test('an interruption told with its release replaces the one without, and is never taken back', async () => {
      const series = fresh('released')
      const begun = interruption('A', 1)
      const released = interruption('A', 1, { releasedAt: 3 * MINUTE + 36_000, receivedAt: 3 * MINUTE + 36_500 })
      const next = interruption('A', 9, { count: 4 })
      for (const fact of [begun, released, begun, next]) await store.marketEvents.save(series, fact)
      expect(await store.marketEvents.between(series, ALWAYS)).toStrictEqual([released, next])
      const corrected = { ...released, releasedAt: 3 * MINUTE + 40_000 }
      await store.marketEvents.save(series, corrected)
      expect(await store.marketEvents.between(series, ALWAYS, 'A')).toStrictEqual([corrected, next])
    })

    test('an interruption asks the posts of what goes on for one more revision when it comes and when it ends', async () => {
      const series = fresh('shown')
      const [going, over, other] = [fresh('going'), fresh('over'), fresh('other')]
      await store.signals.commit(
        step(series, 1, {
          episodes: [
            episode(series, going, 1),
            episode(series, over, 1, { endedAt: 9 * MINUTE }),
            episode(series, other, 1, { symbol: 'B' }),
          ],
          posts: [going, over, other].map((id) => post(id)),
        }),
      )
      const wanted = async () =>
        (await Promise.all([going, over, other].map((id) => store.outbox.ofEpisode(id)))).map(
          ([only]) => only?.wantedRevision,
        )
      const began = interruption('038530', 1)
      const revisions: unknown[] = []
      for (const fact of [
        began,
        began,
        { ...began, releasedAt: 4 * MINUTE },
        { ...began, releasedAt: 4 * MINUTE },
        began,
      ]) {
        await store.marketEvents.save(series, fact)
        revisions.push(await wanted())
      }
      await store.marketEvents.save(series, { kind: 'market', code: '3', at: MINUTE, receivedAt: MINUTE })
      await store.marketEvents.save(`${series}x`, interruption('038530', 2))
      expect([...revisions, await wanted()]).toEqual([
        [2, 1, 1],
        [2, 1, 1],
        [3, 1, 1],
        [3, 1, 1],
        [3, 1, 1],
        [3, 1, 1],
      ])
    })

    test('an interruption and its release, saved at once, leave the release', async () => {
      const series = fresh('facts-at-once')
      const symbols = Array.from({ length: 30 }, (_, n) => `S${n}`)
      const released = (symbol: string) => interruption(symbol, 1, { releasedAt: 4 * MINUTE })
      await Promise.all(
        symbols.flatMap((symbol, n) => {
          const told = [interruption(symbol, 1), released(symbol)]
          return (n % 2 === 0 ? told : told.reverse()).map((fact) => store.marketEvents.save(series, fact))
        }),
      )
      expect(await store.marketEvents.between(series, ALWAYS)).toStrictEqual(symbols.toSorted().map(released))
    })

    // ── watches, settings, listings, key values ──

    test('a channel follows a symbol once, and no longer when it is removed', async () => {
      const series = fresh('watch')
      const [here, there] = [fresh('here'), fresh('there')]
      const first = watch(series, '038530', here, { addedBy: null })
      expect(await store.watches.add(first)).toBe(true)
      expect(await store.watches.add({ ...first, addedAt: 9 })).toBe(false)
      await store.watches.add(watch(series, '005930', there, { guildId: 'other' }))
      await store.watches.add(watch(series, '005930', here, { addedAt: 5 }))
      expect(await store.watches.ofChannel(series, here)).toStrictEqual([
        watch(series, '005930', here, { addedAt: 5 }),
        first,
      ])
      expect((await store.watches.ofSymbol(series, '005930')).map(({ channelId }) => channelId)).toEqual([here, there])
      expect(await store.watches.symbols(series)).toEqual(['005930', '038530'])
      expect(await store.watches.remove(series, here, '038530')).toBe(true)
      expect(await store.watches.remove(series, here, '038530')).toBe(false)
      expect(await store.watches.ofSymbol(series, '038530')).toEqual([])
    })

    test('a market is watched once by a channel, and takes the watches that follow from it along', async () => {
      const series = fresh('market')
      const [here, guildId] = [fresh('here'), fresh('guild')]
      const market = { series, market: 'kosdaq' as const, guildId, channelId: here, addedBy: null, addedAt: 5 }
      expect(await store.watches.addMarket(market)).toBe(true)
      expect(await store.watches.addMarket({ ...market, addedAt: 9 })).toBe(false)
      expect(await store.watches.markets(series)).toStrictEqual([market])
      const symbols = Array.from({ length: 1_201 }, (_, n) => `S${n}`)
      const asked = watch(series, 'S7', here)
      await store.watches.add(asked)
      const of = (symbol: string) => watch(series, symbol, here, { market: 'kosdaq' })
      expect(await store.watches.addAll(symbols.map(of))).toBe(1_200)
      expect(await store.watches.addAll(symbols.map(of))).toBe(0)
      await store.watches.removeListed(series, ['S7', ...symbols.slice(8, 1_108)])
      expect(await store.watches.symbols(series)).toHaveLength(101)
      expect(await store.watches.removeMarket(series, here, 'kosdaq')).toBe(true)
      expect(await store.watches.removeMarket(series, here, 'kosdaq')).toBe(false)
      expect(await store.watches.ofChannel(series, here)).toStrictEqual([asked])
      await store.watches.addMarket(market)
      await store.watches.removeGuild(guildId)
      expect(await store.watches.markets(series)).toEqual([])
    })

    test('a channel or guild that is gone takes its watches and settings along', async () => {
      const series = fresh('gone')
      const [one, two, three, guildId] = [fresh('channel'), fresh('channel'), fresh('channel'), fresh('guild')]
      for (const channelId of [one, two, three]) {
        const own = channelId === three ? fresh('guild') : guildId
        await store.watches.add(watch(series, 'A', channelId, { guildId: own }))
        await store.watches.add(watch(`${series}x`, 'A', channelId, { guildId: own }))
        await store.watches.saveSettings({
          channelId,
          guildId: own,
          locale: 'en',
          alertsPerDay: 3,
          numberSince: null,
          wasPerWeek: null,
          pausedReason: null,
        })
      }
      expect(await store.watches.removeChannel(one)).toBe(2)
      expect(await store.watches.removeChannel(one)).toBe(0)
      expect(await store.watches.settings(one)).toBeNull()
      expect(await store.watches.removeGuild(guildId)).toBe(2)
      expect((await store.watches.ofSymbol(series, 'A')).map(({ channelId }) => channelId)).toEqual([three])
      expect(await store.watches.settings(three)).not.toBeNull()
    })

    test('settings are replaced as a whole', async () => {
      const channelId = fresh('channel')
      const settings = {
        channelId,
        guildId: 'guild',
        locale: 'ko',
        alertsPerDay: 2.5,
        numberSince: 7 * MINUTE,
        wasPerWeek: 0.5,
        pausedReason: '권한이 없어요 🔒',
      } as const
      await store.watches.saveSettings({ ...settings, locale: 'en', pausedReason: null })
      await store.watches.saveSettings(settings)
      expect(await store.watches.settings(channelId)).toStrictEqual(settings)
    })

    test('a list of stocks replaces the one before, in its own order', async () => {
      const series = fresh('listings')
      const listing = (n: number): Listing => ({
        symbol: `${n}`.padStart(6, '0'),
        name: `종목 ${n}`,
        nameEn: null,
        market: 'KOSDAQ',
        warnings: [],
        nxtTradable: null,
      })
      expect(await store.listings.all(series)).toEqual({ listings: [], at: null })
      await store.listings.replace(series, Array.from({ length: 2_801 }, (_, n) => listing(n)).toReversed(), 5)
      const long = await store.listings.all(series)
      expect([long.at, long.listings.length, long.listings[0]]).toEqual([5, 2_801, listing(2_800)])
      const short = [
        { ...listing(7), nameEn: 'Seven', warnings: ['투자경고', '거래정지'], nxtTradable: true },
        listing(7),
        { ...listing(1), nxtTradable: false },
      ]
      await store.listings.replace(series, short, 6)
      expect(await store.listings.all(series)).toStrictEqual({ listings: short, at: 6 })
      await store.listings.replace(series, [], 7)
      expect(await store.listings.all(series)).toEqual({ listings: [], at: 7 })
    })

    test('a fact is what was set last', async () => {
      const name = fresh('fact')
      expect(await store.keyValues.get(name)).toBeNull()
      await store.keyValues.set(name, 'one')
      await store.keyValues.set(name, `two 🎉 'quoted' "twice" \\ ${'x'.repeat(100_000)}`)
      expect(await store.keyValues.get(name)).toBe(`two 🎉 'quoted' "twice" \\ ${'x'.repeat(100_000)}`)
      expect(await store.keyValues.get(name.toUpperCase())).toBeNull()
    })

    test('a fact that is removed is gone, with no other', async () => {
      const name = fresh('fact')
      await store.keyValues.set(name, 'one')
      await store.keyValues.set(`${name}x`, 'other')
      for (let again = 0; again < 2; again++) await store.keyValues.remove(name)
      expect(await store.keyValues.get(name)).toBeNull()
      expect(await store.keyValues.get(`${name}x`)).toBe('other')
    })

    test('the facts that begin like a name are found in order, whatever follows it', async () => {
      const prefix = `${fresh('facts')}:`
      const names = ['', ' a', '1', 'A', '_', 'a', 'a:b', '가', '🎉'].map((rest) => `${prefix}${rest}`)
      for (const name of names.toReversed()) await store.keyValues.set(name, `of ${name}`)
      for (const other of [prefix.slice(0, -1), prefix.replace(':', ';'), prefix.toUpperCase(), `x${prefix}`])
        await store.keyValues.set(other, 'other')
      expect([...(await store.keyValues.beginning(prefix))]).toEqual(names.map((name) => [name, `of ${name}`]))
    })

    test('everything is there after opening again, and a closed store says that it is closed', async () => {
      const url = address('reopened')
      const before = await openStore(url, { log: silent })
      await before.bars.save('venue', 'A', [bar('venue', 'A', 1)], minutes(0, 2))
      await before.keyValues.set('name', 'value')
      await before.marketEvents.save('venue', interruption('A', 1))
      await before.close()
      await before.close()
      await expect(before.keyValues.get('name')).rejects.toThrow('the store is closed')
      await expect(before.bars.count('venue', 'A')).rejects.toThrow('the store is closed')
      const after = await openStore(url, { log: silent })
      expect(await after.bars.range('venue', 'A', ALWAYS)).toEqual([bar('venue', 'A', 1)])
      expect(await after.keyValues.get('name')).toBe('value')
      expect(await after.marketEvents.between('venue', ALWAYS)).toEqual([interruption('A', 1)])
      await after.close()
    })
  })

const byTime = (bars: readonly Bar[]) => bars.toSorted((a, b) => a.openTime - b.openTime)

const sameNumbers = (a: Bar | undefined, b: Bar) =>
  a !== undefined && (['open', 'high', 'low', 'close', 'volume'] as const).every((number) => a[number] === b[number])

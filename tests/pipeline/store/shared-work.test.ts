import { afterAll, beforeAll, expect, test } from 'vitest'
import { FencedError } from '../../../src/errors.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import type { Decision, DetectStep } from '../../../src/pipeline/store/records.ts'
import { engines, silent } from './engines.ts'
import { bar, episode, fresh, minutes, post, signal, step, watch } from './records.ts'

for (const engine of engines)
  engine.describe(engine.name, () => {
    const address = engine.prepare()
    let store: Store
    beforeAll(async () => {
      store = await openStore(address('shared-work'), { log: silent })
    })
    afterAll(() => store?.close())

    // ── claims ──

    test('a claim takes a task from whoever holds it, under a new generation each time', async () => {
      const name = fresh('claim')
      expect(await store.leases.claim(name, 'a')).toBe(1)
      expect(await store.leases.claim(name, 'b')).toBe(2)
      expect(await store.leases.holder(name)).toBe('b')
      expect(await store.leases.claim(name, 'b')).toBe(3)
      expect(await store.leases.claim(name, 'a')).toBe(4)
    })

    test('a task may be named after the longest topic that Kafka knows', async () => {
      const name = `topic:${'t'.repeat(249)}:99999`
      expect(await store.leases.claim(name, 'a')).toBe(1)
      expect(await store.leases.holder(name)).toBe('a')
    })

    test('each of many claims at once has a generation of its own', async () => {
      const name = fresh('claim')
      const claims = Array.from({ length: 20 }, (_, n) => store.leases.claim(name, `holder ${n}`))
      expect((await Promise.all(claims)).toSorted((a, b) => a - b)).toEqual(claims.map((_, n) => n + 1))
    })

    test('the leases that begin like a name are those that are held: none that expired, was given back or only claimed', async () => {
      const prefix = fresh('held')
      const name = (rest: string) => `${prefix}:${rest}`
      await store.leases.take(name('b'), 'holder', 60_000)
      await store.leases.take(name('a'), 'holder', 60_000)
      await store.leases.take(`${prefix}x:a`, 'holder', 60_000)
      await store.leases.take(name('expired'), 'holder', 0)
      await store.leases.take(name('released'), 'holder', 60_000)
      await store.leases.release(name('released'), 'holder')
      await store.leases.claim(name('claimed'), 'holder')
      expect(await store.leases.held(`${prefix}:`)).toEqual([name('a'), name('b')])
    })

    // ── fences ──

    const fenced = async (series: string, name: string): Promise<DetectStep> => ({
      ...step(series, 5, {
        signals: [signal(series, 4, `${series}-e`)],
        episodes: [episode(series, `${series}-e`, 4)],
      }),
      fresh: { bars: [bar(series, '038530', 4)], covered: minutes(4, 5) },
      fence: { name, generation: await store.leases.claim(name, 'this process') },
    })
    const nothingOf = async (series: string, symbol = '038530') => {
      expect(await store.signals.judgedUntil(series, symbol)).toBeNull()
      expect(await store.signals.history(series, symbol, 9)).toEqual([])
      expect(await store.bars.coverage(series, symbol)).toBeNull()
    }

    test('a step under its own claim is stored', async () => {
      const series = fresh('fenced')
      await store.signals.commit(await fenced(series, fresh('task')))
      expect(await store.signals.judgedUntil(series, '038530')).toBe(5 * MINUTE)
      expect(await store.bars.count(series, '038530')).toBe(1)
    })

    test('a step whose task another process has claimed since is refused whole', async () => {
      const [series, name] = [fresh('fenced'), fresh('task')]
      const made = await fenced(series, name)
      await store.leases.claim(name, 'another process')
      await expect(store.signals.commit(made)).rejects.toThrow(FencedError)
      await nothingOf(series)
    })

    test('a step under a claim that was never made is refused', async () => {
      const series = fresh('fenced')
      const made = { ...(await fenced(series, fresh('task'))), fence: { name: fresh('task'), generation: 1 } }
      await expect(store.signals.commit(made)).rejects.toThrow(FencedError)
      await nothingOf(series)
    })

    test('of steps under two claims that are stored together none is if one claim is lost', async () => {
      const [series, lost] = [fresh('fenced'), fresh('task')]
      const [good, bad] = [
        { ...(await fenced(series, fresh('task'))), symbol: 'A', fresh: { bars: [], covered: minutes(4, 5) } },
        await fenced(series, lost),
      ]
      await store.leases.claim(lost, 'another process')
      await expect(store.signals.commit({ ...good, signals: [], episodes: [] }, bad)).rejects.toThrow(FencedError)
      await nothingOf(series, 'A')
      await nothingOf(series)
      await store.signals.commit({ ...good, signals: [], episodes: [] })
      expect(await store.signals.judgedUntil(series, 'A')).toBe(5 * MINUTE)
    })

    test('bars are saved under the newest claim only', async () => {
      const [series, name] = [fresh('fenced'), fresh('task')]
      const save = (generation: number, minute: number) =>
        store.bars.save(series, 'A', [bar(series, 'A', minute)], minutes(4, minute + 1), { name, generation })
      const generation = await store.leases.claim(name, 'this process')
      expect(await save(generation, 4)).toHaveLength(1)
      const newer = await store.leases.claim(name, 'another process')
      await expect(save(generation, 5)).rejects.toThrow(FencedError)
      expect(await store.bars.coverage(series, 'A')).toEqual(minutes(4, 5))
      expect(await save(newer, 5)).toHaveLength(1)
    })

    test('between claims and steps of two processes, each step is stored under the newest claim or not at all', async () => {
      const [series, name] = [fresh('fenced'), fresh('task')]
      const other = await openStore(address('shared-work'), { log: silent })
      const stored: number[] = []
      const work = async (on: Store, holder: string) => {
        for (let turn = 0; turn < 15; turn++) {
          const generation = await on.leases.claim(name, holder)
          const made = step(series, generation, {
            signals: [signal(series, generation, `${series}-e`)],
            fence: { name, generation },
          })
          await on.signals.commit(made).then(
            () => stored.push(generation),
            (error: unknown) => expect(error).toBeInstanceOf(FencedError),
          )
        }
      }
      await Promise.all([work(store, 'one'), work(other, 'two')])
      await other.close()
      const kept = (await store.signals.ofEpisode(`${series}-e`)).map(({ openTime }) => openTime / MINUTE)
      expect(kept).toEqual(stored.toSorted((a, b) => a - b))
      expect(stored.length).toBeGreaterThan(0)
    })

    // ── minutes that wait ──

    test('the oldest minute that waits to be judged is that of a watched stock', async () => {
      const series = fresh('unjudged')
      const oldest = () => store.signals.oldestUnjudged(series)
      expect(await oldest()).toBeNull()
      for (const [symbol, from] of [
        ['A', 10],
        ['B', 20],
        ['C', 5],
      ] as const)
        await store.bars.save(series, symbol, [bar(series, symbol, from)], minutes(from, 30))
      expect(await oldest()).toBeNull()
      for (const symbol of ['A', 'B']) await store.watches.add(watch(series, symbol, series))
      expect(await oldest()).toBe(10 * MINUTE)
      await store.signals.commit({ ...step(series, 25), symbol: 'A' })
      expect(await oldest()).toBe(20 * MINUTE)
      await store.signals.commit({ ...step(series, 30), symbol: 'B' }, { ...step(series, 30), symbol: 'A' })
      expect(await oldest()).toBeNull()
    })

    // ── decisions ──

    /** A step with one signal of an episode. */
    const found = (series: string, minute: number, symbol = '038530'): DetectStep => {
      const id = `${series}-${symbol}`
      return {
        ...step(series, minute + 1),
        symbol,
        signals: [signal(series, minute, id, { symbol })],
        episodes: [episode(series, id, 4, { symbol, last: minute * MINUTE, signals: minute - 3 })],
      }
    }
    const decision = (series: string, owner: string, more: Partial<Decision> = {}): Decision => ({
      ...{ series, owner, decided: new Map(), posts: [], touched: [] },
      ...more,
    })
    /** The changes that an owner has not decided about, as a line a symbol. */
    const undecided = async (series: string, owner: string, since = 0) =>
      (await store.decisions.undecided(series, owner, since)).map(
        ({ symbol, decided, revision, episodes }) =>
          `${symbol} ${decided}-${revision}: ${episodes.map((one) => [...one.fresh].map((time) => time / MINUTE))}`,
      )

    test('an owner finds the new signals of each stock, by the number of their change, until it has decided', async () => {
      const series = fresh('decide')
      expect(await undecided(series, 'one')).toEqual([])
      await store.signals.commit(found(series, 4))
      await store.signals.commit(found(series, 5))
      await store.signals.commit(found(series, 4, 'A'))
      expect(await undecided(series, 'one')).toEqual(['038530 0-2: 4,5', 'A 0-1: 4'])
      await store.decisions.decide(decision(series, 'one', { decided: new Map([['038530', 2]]) }))
      expect(await undecided(series, 'one')).toEqual(['A 0-1: 4'])
    })

    test('a change after a decision is found again, with all signals of its episode and only the new one marked', async () => {
      const series = fresh('decide')
      await store.signals.commit(found(series, 4))
      await store.decisions.decide(decision(series, 'one', { decided: new Map([['038530', 1]]) }))
      await store.signals.commit(found(series, 5))
      expect(await undecided(series, 'one')).toEqual(['038530 1-2: 5'])
      const [waiting] = await store.decisions.undecided(series, 'one', 0)
      expect(waiting?.episodes[0]?.signals).toStrictEqual([...found(series, 4).signals, ...found(series, 5).signals])
      expect(waiting?.episodes[0]?.record).toStrictEqual(found(series, 5).episodes[0])
    })

    test('the end of an episode is a change without a new signal', async () => {
      const series = fresh('decide')
      await store.signals.commit(found(series, 4))
      await store.decisions.decide(decision(series, 'one', { decided: new Map([['038530', 1]]) }))
      const [open] = found(series, 4).episodes
      await store.signals.commit(step(series, 20, { episodes: [{ ...open!, endedAt: 15 * MINUTE }] }))
      expect(await undecided(series, 'one')).toEqual(['038530 1-2: '])
    })

    test('a repeated step, and one that finds nothing, is no change', async () => {
      const series = fresh('decide')
      for (let again = 0; again < 3; again++) await store.signals.commit(found(series, 4))
      await store.signals.commit(step(series, 9))
      expect(await undecided(series, 'one')).toEqual(['038530 0-1: 4'])
    })

    test('episodes that were over before a time are decided about without a word', async () => {
      const series = fresh('decide')
      await store.signals.commit(found(series, 4))
      expect(await undecided(series, 'one', 5 * MINUTE)).toEqual(['038530 0-1: '])
      expect((await store.decisions.undecided(series, 'one', 5 * MINUTE))[0]?.episodes).toEqual([])
    })

    test('owners decide each for itself', async () => {
      const series = fresh('decide')
      await store.signals.commit(found(series, 4))
      await store.decisions.decide(decision(series, 'one', { decided: new Map([['038530', 1]]) }))
      expect(await undecided(series, 'one')).toEqual([])
      expect(await undecided(series, 'two')).toEqual(['038530 0-1: 4'])
    })

    test('a repeated decision owes its posts once', async () => {
      const series = fresh('decide')
      const id = `${series}-038530`
      await store.signals.commit(found(series, 4))
      const once = decision(series, 'one', { decided: new Map([['038530', 1]]), posts: [post(id)] })
      for (let again = 0; again < 2; again++) await store.decisions.decide(once)
      await store.decisions.decide({ ...once, posts: [post(id)] })
      expect(await store.outbox.ofEpisode(id)).toStrictEqual(once.posts)
    })

    test('posts that a decision touches want one more revision, those that it makes do not', async () => {
      const series = fresh('decide')
      const id = `${series}-038530`
      const [old, other, young] = ['old', 'other', 'young'].map((channelId) => post(id, { channelId }))
      await store.decisions.decide(decision(series, 'one', { posts: [old!, other!] }))
      await store.decisions.decide(decision(series, 'one', { posts: [young!], touched: [old!.id] }))
      const revisions = (await store.outbox.ofEpisode(id)).map((each) => `${each.channelId} ${each.wantedRevision}`)
      expect(revisions.toSorted()).toEqual(['old 2', 'other 1', 'young 1'])
    })

    test('a decision that fails at its last post leaves nothing', async () => {
      const series = fresh('decide')
      const id = `${series}-038530`
      await store.signals.commit(found(series, 4))
      const broken = post(id, { channelId: 'broken', nonce: null as unknown as string })
      const failing = decision(series, 'one', { decided: new Map([['038530', 1]]), posts: [post(id), broken] })
      await expect(store.decisions.decide(failing)).rejects.toThrow(/nonce/)
      expect(await store.outbox.ofEpisode(id)).toEqual([])
      expect(await undecided(series, 'one')).toEqual(['038530 0-1: 4'])
    })
  })

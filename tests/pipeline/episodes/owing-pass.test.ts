import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RetryableError } from '../../../src/errors.ts'
import { ageOf } from '../../../src/model/detector/age.ts'
import type { Verdict } from '../../../src/model/detector/judgement.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { createDecider, type Decider, type Finding } from '../../../src/pipeline/episodes/decider.ts'
import { createOwingPass } from '../../../src/pipeline/episodes/owing-pass.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import type { PostRecord, WatchRecord } from '../../../src/pipeline/store/records.ts'
import { judgedAt } from '../../bot/views.ts'
import { at, memoryStore, watchOf } from '../../support/market.ts'

const SYMBOLS = ['0001A0', '038530', '990110']
const calendar = createWeekdayCalendar()
/** A minute reaches a calm channel with more than it reaches a busy one with. */
const boundary = (rate: number): number => (rate <= 0 ? Number.POSITIVE_INFINITY : rate >= 0.5 ? 3 : 3.8)

/** An abnormal minute of one stock. */
interface Minute {
  readonly symbol: string
  readonly openTime: number
  readonly score: number
  readonly horizon?: number
}

/** What has been judged at one moment: the abnormal minutes that closed with it, or none. */
interface Moment {
  /** End of the judged minutes. */
  readonly until: number
  readonly minutes: readonly Minute[]
  /** Time since they closed, ms. */
  readonly delay?: number
}

const setUp = async (watches: readonly WatchRecord[], alertsPerDay: Record<string, number> = {}) => {
  const more = { locale: 'ko', numberSince: null, wasPerWeek: null, pausedReason: null } as const
  const open = async () => {
    const store = await memoryStore()
    for (const watch of watches) await store.watches.add(watch)
    for (const [channelId, number] of Object.entries(alertsPerDay))
      await store.watches.saveSettings({ channelId, guildId: 'g', alertsPerDay: number, ...more })
    return store
  }
  const clock = { now: 0 }
  const judge = async (decider: Decider, { until, minutes }: Moment): Promise<void> => {
    const findingOf = ({ openTime, score, horizon = 1 }: Minute): Finding => ({
      judged: { ...judgedAt(openTime), score, horizon } as Verdict,
      horizon,
      ageMs: ageOf(openTime, clock.now),
      boundary,
    })
    const of = (symbol: string) => minutes.filter((minute) => minute.symbol === symbol).map(findingOf)
    await Promise.all(SYMBOLS.map((symbol) => decider.store({ symbol, until, findings: of(symbol) })))
  }
  const passOf = (store: Store, owner: string, owns: (guildId: string) => boolean = () => true) =>
    createOwingPass({
      source: { series: 'test', now: () => clock.now, speed: 1 },
      calendar,
      store,
      owner,
      owns,
      boundaryOf: async () => boundary,
      now: () => 1,
    })
  const begin = async () => {
    const stores = { one: await open(), apart: await open() }
    const parts = { series: 'test', calendar, now: () => 1 }
    const one = createDecider({ ...parts, store: stores.one })
    const apart = createDecider({ ...parts, store: stores.apart, owesPosts: false })
    /** One process decides with the step; of several one stores signals only. */
    const pass = async (moment: Moment): Promise<void> => {
      clock.now = moment.until + (moment.delay ?? 2_000)
      await judge(one, moment)
      await judge(apart, moment)
    }
    return { ...stores, pass }
  }
  return { begin, passOf }
}

const postsOf = async (store: Store): Promise<PostRecord[]> => {
  const posts: PostRecord[] = []
  for (const symbol of SYMBOLS)
    for (const { id } of await store.signals.episodes('test', symbol, 1_000))
      posts.push(...(await store.outbox.ofEpisode(id)))
  return posts.toSorted((a, b) => (a.id < b.id ? -1 : 1))
}
const linesOf = async (store: Store): Promise<string[]> =>
  (await postsOf(store))
    .toSorted((a, b) => a.openTime - b.openTime || (a.channelId < b.channelId ? -1 : 1))
    .map(({ channelId, kind, openTime, state, reason }) =>
      [channelId, kind, clockOf(openTime), state, ...(reason === null ? [] : [reason])].join(' '),
    )
const clockOf = (time: number) => new Date(time + 9 * 60 * MINUTE).toISOString().slice(11, 16)
const minute = (clock: string, score: number, more: Partial<Minute> = {}): Minute => ({
  ...{ symbol: '038530', openTime: at(clock), score },
  ...more,
})
const closing = (...minutes: readonly Minute[]): Moment => ({
  until: Math.max(...minutes.map(({ openTime }) => openTime)) + MINUTE,
  minutes,
})
const quietUntil = (clock: string): Moment => ({ until: at(clock), minutes: [] })

const TWO_SHARDS: readonly WatchRecord[] = [
  ...SYMBOLS.map((symbol) => watchOf(symbol, { channelId: 'busy', guildId: 'even' })),
  watchOf('038530', { channelId: 'calm', guildId: 'even' }),
  ...SYMBOLS.slice(0, 2).map((symbol) => watchOf(symbol, { channelId: 'odd', guildId: 'odd' })),
  watchOf('038530', { channelId: 'late', guildId: 'odd', since: at('10:20') }),
]
const NUMBERS = { busy: 6, calm: 2, odd: 40, late: 6 }

const moments: fc.Arbitrary<Moment[]> = fc
  .array(
    fc.record({
      gap: fc.integer({ min: 1, max: 14 }),
      found: fc.tuple(
        ...SYMBOLS.map(() =>
          fc.option(fc.record({ score: fc.constantFrom(2, 3, 3.5, 4, 8, 20), horizon: fc.constantFrom(1, 1, 15) })),
        ),
      ),
      // A few seconds, so long that it is late, or so long that it is stale.
      delay: fc.constantFrom(2_000, 2_000, 2_000, 4 * MINUTE, 12 * MINUTE),
    }),
    { minLength: 1, maxLength: 22 },
  )
  .map((made) => {
    let openTime = at('09:30')
    return made.map(({ gap, found, delay }) => {
      openTime += gap * MINUTE
      const minutes = SYMBOLS.flatMap((symbol, at) => (found[at] ? [{ symbol, openTime, ...found[at] }] : []))
      return { until: openTime + MINUTE, minutes, delay }
    })
  })

test('owners of two shards owe together what one process owes with its steps', () =>
  fc.assert(
    fc.asyncProperty(moments, async (all) => {
      const { begin, passOf } = await setUp(TWO_SHARDS, NUMBERS)
      const { one, apart, pass } = await begin()
      const owners = ['even', 'odd'].map((guild) => passOf(apart, guild, (guildId) => guildId === guild))
      for (const moment of [...all, quietUntil('15:31')]) {
        await pass(moment)
        for (const owner of owners) await owner()
      }
      expect(await postsOf(apart)).toEqual(await postsOf(one))
    }),
    { numRuns: 25 },
  ))

test('a later minute that is clearly further out by itself is a rise', async () => {
  const { begin, passOf } = await setUp([watchOf('038530')])
  const { apart, pass } = await begin()
  const decide = passOf(apart, 'one')
  for (const one of [minute('10:00', 4), minute('10:03', 9, { horizon: 15 }), minute('10:05', 9)]) {
    await pass(closing(one))
    await decide()
  }
  expect(await linesOf(apart)).toEqual(['c alert 10:00 pending', 'c rise 10:05 pending'])
})

test('an episode that ends without a ping is kept as one that the channel’s number kept back', async () => {
  const { begin, passOf } = await setUp([
    watchOf('038530'),
    watchOf('038530', { channelId: 'later', since: at('10:01') }),
  ])
  const { apart, pass } = await begin()
  const decide = passOf(apart, 'one')
  for (const moment of [closing(minute('10:00', 2)), closing(minute('10:04', 2.5)), quietUntil('10:20')]) {
    await pass(moment)
    await decide()
  }
  expect(await linesOf(apart)).toEqual(['c alert 10:04 dropped budget'])
})

test('minutes that were judged too late for a ping owe none, and the channel’s number did not keep them back', async () => {
  const { begin, passOf } = await setUp([watchOf('038530')])
  const { apart, pass } = await begin()
  await pass({ ...closing(minute('10:00', 9)), delay: 11 * MINUTE })
  await pass(quietUntil('10:30'))
  expect(await passOf(apart, 'one')()).toBe(false)
  expect(await linesOf(apart)).toEqual([])
})

test('a watch owes no minute before it began', async () => {
  const { begin, passOf } = await setUp([watchOf('038530', { since: at('10:01') })])
  const { apart, pass } = await begin()
  await pass(closing(minute('10:00', 4), minute('10:12', 4)))
  await passOf(apart, 'one')()
  expect(await linesOf(apart)).toEqual(['c alert 10:12 pending'])
})

test('signals of a model that is no longer kept owe nothing', async () => {
  const { begin } = await setUp([watchOf('038530')])
  const { apart, pass } = await begin()
  await pass(closing(minute('10:00', 4)))
  const decide = createOwingPass({
    source: { series: 'test', now: () => at('10:02') },
    ...{ calendar, store: apart, owner: 'one', owns: () => true, boundaryOf: async () => null, now: () => 1 },
  })
  expect(await decide()).toBe(false)
  expect(await apart.decisions.undecided('test', 'one', 0)).toEqual([])
})

test('a later minute of an episode asks for a revision of what its owner has posted, and of no other post', async () => {
  const { begin, passOf } = await setUp(TWO_SHARDS, NUMBERS)
  const { apart, pass } = await begin()
  const [even, odd] = ['even', 'odd'].map((guild) => passOf(apart, guild, (guildId) => guildId === guild))
  const revisions = async () =>
    (await postsOf(apart)).map(({ channelId, wantedRevision }) => `${channelId} ${wantedRevision}`).toSorted()
  await pass(closing(minute('10:00', 4)))
  for (const owner of [even, odd]) expect(await owner!()).toBe(true)
  await pass(closing(minute('10:02', 2)))
  expect(await even!()).toBe(true)
  expect(await revisions()).toEqual(['busy 2', 'calm 2', 'odd 1'])
  expect(await odd!()).toBe(true)
  expect(await revisions()).toEqual(['busy 2', 'calm 2', 'odd 2'])
  expect(await even!()).toBe(false)
})

test('an owner owes only to its own channels, and the other finds the same signals in its own time', async () => {
  const { begin, passOf } = await setUp(TWO_SHARDS, NUMBERS)
  const { one, apart, pass } = await begin()
  await pass(closing(minute('10:00', 4), minute('10:00', 4, { symbol: '0001A0' })))
  await passOf(apart, 'even', (guildId) => guildId === 'even')()
  expect((await linesOf(apart)).map((line) => line.split(' ')[0])).toEqual(['busy', 'busy', 'calm'])
  await passOf(apart, 'odd', (guildId) => guildId === 'odd')()
  expect(await postsOf(apart)).toEqual(await postsOf(one))
})

test.for([
  ['before its decision is stored', false],
  ['after its decision is stored, before it hears of that', true],
] as const)('an owner that crashes %s owes the same after a restart', async ([, isStored]) => {
  const { begin, passOf } = await setUp(TWO_SHARDS, NUMBERS)
  const { one, apart, pass } = await begin()
  const crashing: Store = {
    ...apart,
    decisions: {
      ...apart.decisions,
      async decide(decision) {
        if (isStored) await apart.decisions.decide(decision)
        throw new RetryableError('the database does not answer')
      },
    },
  }
  for (const moment of [
    closing(minute('10:00', 4), minute('10:00', 3, { symbol: '990110' })),
    closing(minute('10:05', 9), minute('10:05', 3.5, { symbol: '990110' })),
    quietUntil('10:30'),
  ]) {
    await pass(moment)
    await expect(passOf(crashing, 'one')()).rejects.toThrow('does not answer')
    await passOf(apart, 'one')()
  }
  expect(await postsOf(apart)).toEqual(await postsOf(one))
  expect(await linesOf(apart)).toContain('busy rise 10:05 pending')
})

test('after a pause an owner decides about all that was found meanwhile, in the order of the market’s minutes', async () => {
  const { begin, passOf } = await setUp(
    SYMBOLS.map((symbol) => watchOf(symbol)),
    { c: 0.4 },
  )
  const { apart, pass } = await begin()
  for (const [at, symbol] of SYMBOLS.entries()) await pass(closing(minute(`10:0${2 - at}`, 20, { symbol })))
  await passOf(apart, 'one')()
  // The first minute uses the channel's number up, whatever its stock is called and whenever it was judged.
  expect(await linesOf(apart)).toEqual(['c alert 10:00 pending'])
})

test('an episode that nobody decided about in time is not put down to the channel’s number', async () => {
  const { begin, passOf } = await setUp([watchOf('038530')])
  const { apart, pass } = await begin()
  await pass(closing(minute('10:00', 9)))
  await pass(quietUntil('10:30'))
  await passOf(apart, 'one')()
  expect(await linesOf(apart)).toEqual([])
})

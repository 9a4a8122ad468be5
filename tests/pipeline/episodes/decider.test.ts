import { expect, test } from 'vitest'
import type { Verdict } from '../../../src/model/detector/judgement.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { createDecider, type Finding } from '../../../src/pipeline/episodes/decider.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { judgedAt } from '../../bot/views.ts'
import { at, memoryStore, watchOf } from '../../support/market.ts'

const clockOf = (time: number) => new Date(time + 9 * 60 * MINUTE).toISOString().slice(11, 16)

/** A minute of a score; worth a ping from a score of 3 on, while the channel may say anything. */
const found = (clock: string, score: number, more: Partial<Finding> = {}): Finding => ({
  judged: { ...judgedAt(at(clock)), score, horizon: more.horizon ?? 1 } as Verdict,
  horizon: 1,
  ageMs: 2_000,
  boundary: (rate) => (rate > 0 ? 3 : Number.POSITIVE_INFINITY),
  ...more,
})

const setUp = async (channels: Record<string, readonly string[]> = { c: ['038530'] }) => {
  const store = await memoryStore()
  for (const [channelId, symbols] of Object.entries(channels))
    for (const symbol of symbols) await store.watches.add(watchOf(symbol, { channelId }))
  const begin = () => createDecider({ series: 'test', calendar: createWeekdayCalendar(), store, now: () => 1 }).store
  return { store, begin }
}
const posts = async (store: Store, channelId = 'c') =>
  (await store.outbox.due(1_000))
    .filter((post) => post.channelId === channelId)
    .sort((a, b) => a.openTime - b.openTime || a.sequence - b.sequence)
    .map(({ kind, sequence, openTime }) => `${kind} ${sequence} ${clockOf(openTime)}`)

/** A signal every eight minutes: one episode from 10:00 to 10:48, worth a ping three times. */
const LONG = [
  found('10:00', 4),
  found('10:08', 2),
  found('10:16', 2),
  found('10:24', 3.5),
  found('10:32', 2),
  found('10:40', 2),
  found('10:48', 3),
]

test('one long episode is an alert whenever something reaches the boundary more than ten minutes after the last that did', async () => {
  const { store, begin } = await setUp()
  await begin()({ symbol: '038530', until: at('10:49'), findings: LONG })
  expect(await posts(store)).toEqual(['alert 0 10:00', 'alert 1 10:24', 'alert 2 10:48'])
  const [episode, ...others] = await store.signals.episodes('test', '038530', 10)
  expect(others).toEqual([])
  expect(episode).toMatchObject({ start: at('10:00'), last: at('10:48'), peak: at('10:00'), signals: 7, endedAt: null })
})

test('the same alerts come of the same minutes one by one, with a restart before each', async () => {
  const { store, begin } = await setUp()
  for (const one of LONG) await begin()({ symbol: '038530', until: one.judged.openTime + MINUTE, findings: [one] })
  expect(await posts(store)).toEqual(['alert 0 10:00', 'alert 1 10:24', 'alert 2 10:48'])
})

test('each channel has alerts of its own', async () => {
  const { store, begin } = await setUp({ c: ['038530'], calm: ['038530'] })
  await store.watches.saveSettings({
    ...{
      channelId: 'calm',
      guildId: 'g',
      locale: 'ko',
      alertsPerDay: 2,
      numberSince: null,
      wasPerWeek: null,
      pausedReason: null,
    },
  })
  // A channel with one stock gets 0.6 alerts a session at `normal`, 0.2 at `quiet`.
  const boundary = (rate: number) => (rate >= 0.5 ? 3 : 3.8)
  await begin()({ symbol: '038530', until: at('10:49'), findings: LONG.map((one) => ({ ...one, boundary })) })
  expect(await posts(store)).toEqual(['alert 0 10:00', 'alert 1 10:24', 'alert 2 10:48'])
  expect(await posts(store, 'calm')).toEqual(['alert 0 10:00'])
})

test('a later minute that is clearly further out by itself is a rise; a stretch that holds the told minute is none', async () => {
  const { store, begin } = await setUp()
  await begin()({
    symbol: '038530',
    until: at('10:06'),
    findings: [found('10:00', 4), found('10:03', 9, { horizon: 15 }), found('10:05', 5)],
  })
  expect(await posts(store)).toEqual(['alert 0 10:00', 'rise 0 10:05'])
})

test('minutes that are judged again, all or one of them, owe nothing again', async () => {
  const { store, begin } = await setUp()
  await begin()({ symbol: '038530', until: at('10:49'), findings: LONG })
  const before = await posts(store)
  for (const again of [LONG, LONG.slice(-1), LONG.slice(3, 5)])
    await begin()({ symbol: '038530', until: at('10:49'), findings: again })
  expect(await posts(store)).toEqual(before)
})

test('a minute that comes late, a few before one that was told, owes nothing', async () => {
  const { store, begin } = await setUp()
  await begin()({ symbol: '038530', until: at('10:01'), findings: [found('10:00', 4)] })
  await begin()({ symbol: '038530', until: at('10:02'), findings: [found('09:57', 4)] })
  expect(await posts(store)).toEqual(['alert 0 10:00'])
})

test('an episode that ends without a ping is kept as one that the channel’s number kept back', async () => {
  const { store, begin } = await setUp()
  await begin()({ symbol: '038530', until: at('10:20'), findings: [found('10:00', 2), found('10:04', 2.5)] })
  const [episode] = await store.signals.episodes('test', '038530', 1)
  expect(episode?.endedAt).toBe(at('10:15'))
  expect(await store.outbox.ofEpisode(episode?.id ?? '')).toMatchObject([
    { state: 'dropped', reason: 'budget', openTime: at('10:04') },
  ])
})

test('stocks decided in one pass share their channel’s number: past three times as many nothing more is said', async () => {
  const symbols = Array.from({ length: 9 }, (_, i) => `00000${i}`)
  const { store, begin } = await setUp({ c: symbols, other: symbols.slice(0, 1) })
  await store.watches.saveSettings({
    ...{
      channelId: 'c',
      guildId: 'g',
      locale: 'ko',
      alertsPerDay: 2,
      numberSince: null,
      wasPerWeek: null,
      pausedReason: null,
    },
  })
  const decide = begin()
  await Promise.all(symbols.map((symbol) => decide({ symbol, until: at('10:01'), findings: [found('10:00', 4)] })))
  expect(await posts(store)).toHaveLength(6)
  expect(await posts(store, 'other')).toHaveLength(1)
})

test('a pass of one stock spends its channel’s number too', async () => {
  const { store, begin } = await setUp()
  await store.watches.saveSettings({
    ...{
      channelId: 'c',
      guildId: 'g',
      locale: 'ko',
      alertsPerDay: 1,
      numberSince: null,
      wasPerWeek: null,
      pausedReason: null,
    },
  })
  const apart = ['09:20', '10:00', '10:40', '11:20', '12:00'].map((clock) => found(clock, 4))
  await begin()({ symbol: '038530', until: at('12:01'), findings: apart })
  expect(await posts(store)).toEqual(['alert 0 09:20', 'alert 0 10:00', 'alert 0 10:40'])
})

test('a pass over several sessions asks for the rates that a pass a session asks for', async () => {
  const sessions = [0, 1, 2].map((day) =>
    ['09:20', '10:00', '10:40'].map((clock) => ({ openTime: at(clock, day), end: at(clock, day) + MINUTE })),
  )
  const ratesOf = async (passes: (typeof sessions)[number][]) => {
    const { begin } = await setUp()
    const rates: number[] = []
    const boundary = (rate: number) => {
      rates.push(rate)
      return 3
    }
    for (const minutes of passes) {
      const findings = minutes.map(({ openTime }) => {
        const finding = found('10:00', 4, { boundary })
        return { ...finding, judged: { ...finding.judged, openTime } as Verdict }
      })
      await begin()({ symbol: '038530', until: minutes.at(-1)!.end, findings })
    }
    return rates
  }
  const apart = await ratesOf(sessions)
  expect(new Set(apart).size).toBeGreaterThan(2)
  expect(await ratesOf([sessions.flat()])).toEqual(apart)
})

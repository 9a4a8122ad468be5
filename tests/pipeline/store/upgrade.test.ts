import { type Kysely, type KyselyPlugin, sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createAlertMail } from '../../../src/bot/deliver/alerts.ts'
import { texts } from '../../../src/bot/locale/index.ts'
import { historyEmbed } from '../../../src/bot/render/history.ts'
import { expectedPerDay } from '../../../src/model/detector/channel-number.ts'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { collect } from '../../../src/pipeline/bars/collect.ts'
import { createDetection, DETECTOR } from '../../../src/pipeline/bars/detection.ts'
import { createReader } from '../../../src/pipeline/bars/reader.ts'
import { createRereads } from '../../../src/pipeline/bars/rereads.ts'
import { openClosedDays } from '../../../src/pipeline/calendar/closed-days.ts'
import { createWeekdayCalendar } from '../../../src/pipeline/calendar/plain.ts'
import { createChannelRates } from '../../../src/pipeline/episodes/channel-rates.ts'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import { migrations } from '../../../src/pipeline/store/migrations/index.ts'
import { createQueries } from '../../../src/pipeline/store/queries.ts'
import { charts } from '../../bot/stubs.ts'
import { at, testSource } from '../../support/market.ts'
import { engines, silent } from './engines.ts'
import {
  CALM,
  CHANNELS,
  engineAt,
  JUDGED_UNTIL,
  leaveAsLastRelease,
  OPEN,
  recorded,
  SURGES,
  SYMBOL,
} from './last-release.ts'
import { fresh } from './records.ts'

const never = new AbortController().signal
const ALERTS_PER_DAY = { quiet: 2, normal: 6, lively: 20, own: 4.5, most: 200, few: 0.1, empty: 1 }

const numbersOf = (store: Store) =>
  Promise.all(
    Object.keys(CHANNELS).map(async (channelId) => [channelId, await store.watches.settings(channelId)] as const),
  )

for (const engine of engines)
  engine.describe(`a database of the last release, ${engine.name}`, () => {
    const place = engine.prepare()

    /** Opened by this version, with a market that goes on where it was left. */
    const upgraded = async () => {
      const url = place(fresh('upgraded').replace('-', '_'))
      await leaveAsLastRelease(url)
      const store = await openStore(url, { log: silent })
      const { source, state } = testSource({ now: JUDGED_UNTIL, surges: SURGES })
      const days = await openClosedDays({ source, store, log: silent })
      const settings = { source, calendar: days.calendar, store }
      const detection = createDetection({
        ...settings,
        rereads: createRereads({ days }),
        settings: DETECTOR,
        log: silent,
        now: () => state.now,
      })
      const reader = createReader({ ...settings, detection, directory: createDirectory('krx') })
      const passUntil = async (end: number) => {
        for (state.now = Math.max(state.now, JUDGED_UNTIL) + MINUTE; state.now <= end; state.now += MINUTE) {
          const got = await collect({ source, rereads: createRereads({ days }), bars: store.bars }, SYMBOL, never)
          await detection.run(SYMBOL, got?.bars[0]?.openTime)
        }
      }
      return { url, store, state, detection, reader, passUntil }
    }

    test('starts at once, with numbers that are said for a channel and a day', async () => {
      const { store } = await upgraded()
      for (const [channelId, settings] of await numbersOf(store)) {
        const key = channelId as keyof typeof CHANNELS
        expect(settings).toMatchObject({ channelId, guildId: 'g', locale: 'ko', pausedReason: null })
        expect(settings?.alertsPerDay).toBeCloseTo(ALERTS_PER_DAY[key], 12)
        expect(settings?.wasPerWeek).toBe(CHANNELS[key].perWeek)
      }
      await store.close()
    })

    test('and starts again with the same ones, said or not', async () => {
      const { url, store } = await upgraded()
      const quiet = (await store.watches.settings('quiet'))!
      await store.watches.saveSettings({ ...quiet, wasPerWeek: null })
      const before = await numbersOf(store)
      await store.close()
      const again = await openStore(url, { log: silent })
      expect(await numbersOf(again)).toEqual(before)
      await again.close()
    })

    test('is steered by what the new numbers bring, not by what the old ones did', async () => {
      const { store } = await upgraded()
      const rateOf = createChannelRates({ series: 'test', calendar: createWeekdayCalendar(), store })
      for (const channelId of ['normal', 'own', 'most'] as const) {
        const { stocks } = CHANNELS[channelId]
        const expected = expectedPerDay(ALERTS_PER_DAY[channelId], stocks)
        expect((await rateOf(channelId, JUDGED_UNTIL)).allowed() * stocks).toBeCloseTo(expected, 9)
      }
      await store.close()
    })

    test('goes on without a step that throws: old models are set aside and fitted anew', async () => {
      const { store, passUntil, detection, state } = await upgraded()
      const versions = async () =>
        (await store.models.latest('test', SYMBOL, 100)).map(
          ({ snapshot }) => (JSON.parse(snapshot) as { version: number }).version,
        )
      expect(await versions()).toEqual([1, 1])
      await passUntil(at('11:45'))
      expect(await versions()).toContain(2)
      expect((await detection.detector(SYMBOL)).model?.version).toBe(2)
      state.now = at('15:40')
      await detection.train([SYMBOL], never)
      // Whoever judges a past day needs the models of then, and the market's pool as it was then.
      expect(
        (await detection.judged(SYMBOL, at('09:00', -3), at('15:31', -3))).some(
          ({ judgement }) => judgement.state === 'judged',
        ),
      ).toBe(true)
      await store.close()
    })

    test('closes the episode that went on, and says nothing new of it', async () => {
      const { store, passUntil } = await upgraded()
      const before = await store.outbox.ofEpisode(OPEN.id)
      expect(await store.signals.openEpisodes('test', SYMBOL)).toEqual([])
      expect(await store.signals.episode(OPEN.id)).toMatchObject({ ...OPEN, endedAt: expect.any(Number) })
      expect((await store.signals.episode(OPEN.id))?.endedAt).toBeGreaterThan(OPEN.last)
      expect(await store.signals.episode(CALM.id)).toEqual(CALM)
      await passUntil(at('11:30'))
      expect((await store.outbox.ofEpisode(OPEN.id)).map(({ id, state }) => [id, state])).toEqual(
        before.map(({ id, state }) => [id, state]),
      )
      expect((await store.signals.ofEpisode(OPEN.id)).length).toBe(OPEN.signals)
      await store.close()
    })

    test('posts what was owed as it is, and mends what was posted', async () => {
      const { store, reader, state } = await upgraded()
      const due = await store.outbox.due(100)
      expect(due.map(({ channelId, state }) => [channelId, state])).toEqual([
        ['quiet', 'pending'],
        ['normal', 'sent'],
      ])
      expect(due[0]).toEqual({ ...recorded.posts[0], channelId: 'quiet' })
      const read = { now: () => state.now, alert: reader.alert, settings: reader.settings }
      const mail = createAlertMail({ outbox: store.outbox, read, charts, log: silent, now: () => state.now })
      for (const post of due) {
        const message = await mail.compose(post, null)
        expect(message?.content).toBe('990350 +10.0% · 거래량 11배 · 10:45')
        expect(message?.embeds?.[0]?.fields?.at(-1)?.value).toMatch(/에 진정/)
        expect(message?.files).toHaveLength(1)
      }
      expect(await store.outbox.due(100)).toEqual(due)
      expect((await reader.alert(due[0]!))?.minute).toMatchObject({ older: true, judged: { openTime: at('10:45') } })
      await store.close()
    })

    test('tells a new event by the new model, in an episode of its own', async () => {
      const { store, passUntil, reader } = await upgraded()
      await passUntil(at('11:45'))
      const [newest] = await store.signals.episodes('test', SYMBOL, 1)
      expect(newest?.start).toBeGreaterThan(JUDGED_UNTIL)
      const alert = (await store.outbox.ofEpisode(newest?.id ?? '')).find(({ channelId }) => channelId === 'lively')
      const view = alert && (await reader.alert(alert))
      expect(view?.minute).toMatchObject({ older: false, judged: { openTime: at('11:40'), horizon: 1 } })
      await store.close()
    })

    test('shows what it had found in /history, marked as the older model’s', async () => {
      const { store, reader } = await upgraded()
      const view = await reader.history(SYMBOL, 10, 'quiet')
      if (view.kind !== 'bars') throw new Error('no history of bars')
      expect(view.episodes.map(({ episode, minute, posted }) => [episode.id, minute.older, posted])).toEqual([
        [OPEN.id, true, 'pending'],
        [CALM.id, true, 'none'],
      ])
      expect(historyEmbed(view, texts.ko).description?.match(/예전 모델의 판단/g)).toHaveLength(2)
      await store.close()
    })

    test('shows its clusters, with where they were fitted until and from where the channel is told', async () => {
      const { store, reader, passUntil } = await upgraded()
      await passUntil(at('10:56'))
      const view = await reader.centers(SYMBOL, 4, 'model', 'quiet')
      expect(view).toMatchObject({
        k: 4,
        judging: true,
        cutoff: at('09:00'),
        thresholds: [{ minutes: 1 }, { minutes: 15 }],
      })
      await store.close()
    })

    if (engine.name === 'MariaDB')
      describe('that was cut off half-way', () => {
        /** Everything that the migration may change, as it stands. */
        const content = async (url: string) => {
          const held = await engineAt(url)
          const { db } = createQueries(held)
          const rows = async (table: string) =>
            (await sql`select * from ${sql.table(table)} order by 1, 2, 3`.execute(db.withoutPlugins())).rows
          const [channels, episodes] = [await rows('mw_channels'), await rows('mw_episodes')]
          // An edit asked for twice is one edit.
          const posts = (await rows('mw_posts')).map((row) => ({
            ...(row as { state: string }),
            wanted_revision: null,
          }))
          await held.close()
          return { channels, episodes, posts }
        }
        const up = migrations['0004-alerts-per-day']!

        /** Runs the migration up to so many statements; false when that was all of it. */
        const cutAfter = async (url: string, statements: number): Promise<boolean> => {
          const held = await engineAt(url)
          let left = statements
          const cutting: KyselyPlugin = {
            transformQuery: ({ node }) => {
              if (left-- === 0) throw new Error('cut')
              return node
            },
            transformResult: async ({ result }) => result,
          }
          const db = createQueries(held).db.withoutPlugins().withPlugin(cutting) as unknown as Kysely<unknown>
          const cut = await up(db, held.kind).then(
            () => false,
            (error: Error) => {
              if (error.message !== 'cut') throw error
              return true
            },
          )
          await held.close()
          return cut
        }

        test('comes to the same, wherever that was', async () => {
          const whole = place('whole')
          await leaveAsLastRelease(whole)
          await (await openStore(whole, { log: silent })).close()
          const expected = await content(whole)
          expect(expected.channels).toHaveLength(Object.keys(CHANNELS).length)
          let cuts = 0
          for (let cut = true; cut; cuts++) {
            const url = place(`cut_${cuts}`)
            await leaveAsLastRelease(url)
            cut = await cutAfter(url, cuts)
            await (await openStore(url, { log: silent })).close()
            expect(await content(url)).toEqual(expected)
          }
          expect(cuts).toBeGreaterThan(5)
        })
      })
  })

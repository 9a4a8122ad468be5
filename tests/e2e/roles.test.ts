import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import type { Bar } from '../../src/model/time/bar.ts'
import { MINUTE } from '../../src/model/time/bar.ts'
import { createWeekdayCalendar } from '../../src/pipeline/calendar/plain.ts'
import { sessionsBack } from '../../src/pipeline/calendar/sessions-back.ts'
import type { Store } from '../../src/pipeline/store/contract.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import { until } from '../sandbox/visitor.ts'
import { folder, isRunning, type Running, start } from '../support/child.ts'
import { type DiscordProcess, startDiscord } from '../support/discord-process.ts'
import { type KafkaBroker, startKafka } from '../support/kafka.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { silent, testSource } from '../support/market.ts'
import { needs } from '../support/needs.ts'

const { describe, test } = needs('mariadb', 'java')

const SYMBOLS = ['038530', '990110', '990230', '0001A0']
const SESSIONS = 6
/** Market seconds in a second: a session takes eight seconds. */
const SPEED = '3000'
const SERIES = 'csv:market'
const TOPIC = 'kiwoom'

/** A file of simulated minutes in which each stock jumps now and then, and the number of its bars. */
const writeMarket = async (path: string): Promise<number> => {
  const now = Date.parse('2026-11-16T09:00:00+09:00')
  const sessions = sessionsBack(createWeekdayCalendar(), now, SESSIONS).toReversed()
  const surges = sessions.flatMap(({ open }) => [100, 170, 300].map((minute) => open + minute * MINUTE))
  const { source } = testSource({ now, symbols: SYMBOLS, surges })
  const bars: Bar[] = []
  for (const symbol of SYMBOLS) {
    const interval = { from: sessions[0]!.open, to: sessions.at(-1)!.close }
    bars.push(...(await source.fetchBars(symbol, interval, AbortSignal.timeout(60_000))))
  }
  const rows = bars.map(
    ({ symbol, openTime, open, high, low, close, volume }) =>
      `${symbol},${new Date(openTime).toISOString()},${open},${high},${low},${close},${volume}`,
  )
  writeFileSync(path, ['symbol,time,open,high,low,close,volume', ...rows].join('\n'))
  return bars.length
}

describe('collector, detectors and bot over a broker', () => {
  let database: Mariadb
  let kafka: KafkaBroker
  beforeAll(async () => {
    ;[database, kafka] = await Promise.all([startMariadb(), startKafka()])
    await kafka.createTopic(TOPIC, 4)
  })
  afterAll(async () => {
    await database?.remove()
    await kafka?.remove()
  })

  /** Watches of every stock from the first minute on, in one channel that wants every alert. */
  const watchAll = async (store: Store, { guildId, alertsChannelId: channelId }: DiscordProcess): Promise<void> => {
    for (const symbol of SYMBOLS)
      await store.watches.add({ series: SERIES, symbol, guildId, channelId, addedBy: null, addedAt: 0, since: 0 })
    // Sessions before the number was set do not steer: at this speed a killed process is away for more than one.
    const more = { locale: 'en', numberSince: Date.parse('2100-01-01'), wasPerWeek: null, pausedReason: null } as const
    await store.watches.saveSettings({ channelId, guildId, alertsPerDay: 400, ...more })
  }

  /** Every alert and rise that was decided, as a line each, and those that were posted. */
  const postsOf = async (store: Store, channelId: string) => {
    const posts = []
    for (const symbol of SYMBOLS)
      for (const { id } of await store.signals.episodes(SERIES, symbol, 1_000))
        posts.push(...(await store.outbox.ofEpisode(id)).filter((post) => post.channelId === channelId))
    const owed = posts.filter(({ reason }) => reason !== 'budget')
    return {
      lines: owed
        .map(({ episodeId, kind, sequence, openTime }) => `${episodeId} ${kind} ${sequence} ${openTime}`)
        .sort(),
      sent: owed.filter(({ state }) => state === 'sent'),
    }
  }
  const judgedAll = async (store: Store): Promise<boolean> => {
    for (const symbol of SYMBOLS) {
      const coverage = await store.bars.coverage(SERIES, symbol)
      const [last] = await store.bars.last(SERIES, symbol, 1, Number.MAX_SAFE_INTEGER)
      const judged = await store.signals.judgedUntil(SERIES, symbol)
      if (!coverage || !last || judged === null || judged < coverage.to) return false
    }
    return (await store.outbox.countDue()) === 0
  }

  test('lose no alert and double none, whatever is killed on the way', async () => {
    const cwd = folder()
    const file = join(cwd, 'market.csv')
    const bars = await writeMarket(file)
    const discords = [await startDiscord(), await startDiscord()] as const
    const stores = [
      await openStore(database.url('one'), { log: silent }),
      await openStore(database.url('roles'), { log: silent }),
    ] as const
    await Promise.all(stores.map((store, at) => watchAll(store, discords[at]!)))
    const env = (at: 0 | 1, more: Record<string, string>) => ({
      DATABASE_URL: database.url(at === 0 ? 'one' : 'roles'),
      DISCORD_TOKEN: discords[at].token,
      DISCORD_API: discords[at].apiUrl,
      SOURCE: 'csv',
      CSV_FILE: file,
      CSV_SPEED: SPEED,
      ...more,
    })
    const running: Running[] = []
    const role = (name: string): Running => {
      const process = start({
        cwd,
        env: env(1, { ROLE: name, KAFKA_BROKERS: kafka.brokers, KAFKA_TOPIC: TOPIC, LOG_LEVEL: 'info' }),
      })
      running.push(process)
      return process
    }
    const said = () => running.map((process) => process.stdout() + process.stderr()).join('\n')

    const one = start({ cwd, env: env(0, {}) })
    const [firstDetector, secondDetector, collector] = [role('detector'), role('detector'), role('collector')]
    const bot = role('bot')
    await Promise.all([one, firstDetector, secondDetector, collector, bot].map(isRunning))

    const [, store] = stores
    const judgedBars = async (): Promise<number> => {
      let count = 0
      for (const symbol of SYMBOLS) {
        const until = (await store.signals.judgedUntil(SERIES, symbol)) ?? 0
        count += (await store.bars.last(SERIES, symbol, bars, until)).length
      }
      return count
    }
    const reach = (part: number) =>
      until(
        async () => (await judgedBars()) >= part * bars,
        () => `${part} of ${bars} bars to be judged; said: ${said()}`,
        120_000,
      )
    await reach(0.3)
    firstDetector.kill('SIGKILL')
    role('detector')
    await reach(0.45)
    collector.kill('SIGKILL')
    role('collector')
    await reach(0.6)
    secondDetector.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 12_000))
    secondDetector.kill('SIGCONT')
    await reach(0.8)
    bot.kill('SIGKILL')
    role('bot')

    for (const each of stores)
      await until(
        async () => (await countBars(each)) === bars && (await judgedAll(each)),
        () => `the end of the market; said: ${said()}`,
        150_000,
      )
    const [expected, found] = await Promise.all(stores.map((each, at) => postsOf(each, discords[at]!.alertsChannelId)))
    expect(expected!.lines.length).toBeGreaterThan(10)
    expect(found!.lines).toEqual(expected!.lines)
    const messages = await discords[1].messages(discords[1].alertsChannelId)
    expect(messages.map(({ id }) => id).sort()).toEqual(found!.sent.map(({ messageId }) => messageId).sort())
    expect(found!.sent.length).toBe(found!.lines.length)
    for (const each of stores) await each.close()
    for (const discord of discords) discord.close()
  })
})

const countBars = async (store: Store): Promise<number> => {
  let count = 0
  for (const symbol of SYMBOLS) count += await store.bars.count(SERIES, symbol)
  return count
}

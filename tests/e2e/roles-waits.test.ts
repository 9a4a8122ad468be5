import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { MINUTE } from '../../src/model/time/bar.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import { until } from '../sandbox/visitor.ts'
import { folder, isRunning, type Running, STACK_TRACE, start } from '../support/child.ts'
import { type DiscordProcess, startDiscord } from '../support/discord-process.ts'
import { type KafkaBroker, startKafka } from '../support/kafka.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { at, silent, stretch, watchOf } from '../support/market.ts'
import { needs } from '../support/needs.ts'

const { describe, test } = needs('mariadb', 'java')

/** A machine's own successor of a killed process takes over within this time. */
const TAKES_OVER_MS = 30_000
const TOPIC = 'kiwoom'
const ROLES = ['collector', 'detector', 'bot'] as const

describe('several processes on one database', () => {
  let database: Mariadb
  let kafka: KafkaBroker
  let discord: DiscordProcess
  beforeAll(async () => {
    ;[database, kafka, discord] = await Promise.all([startMariadb(), startKafka(), startDiscord()])
    await kafka.createTopic(TOPIC, 2)
  })
  afterAll(async () => {
    discord?.close()
    await database?.remove()
    await kafka?.remove()
  })

  /** A file of an hour's minutes of one stock. */
  const market = (cwd: string): string => {
    const rows = stretch('038530', at('09:00'), at('10:00')).map(
      ({ symbol, openTime, open, high, low, close, volume }) =>
        `${symbol},${new Date(openTime).toISOString()},${open},${high},${low},${close},${volume}`,
    )
    const path = join(cwd, 'market.csv')
    writeFileSync(path, ['symbol,time,open,high,low,close,volume', ...rows].join('\n'))
    return path
  }

  /** A role on a database of the test's own. A detector and a bot ask their source for nothing. */
  const begin = (role: (typeof ROLES)[number] | 'all', name: string, more: Record<string, string> = {}): Running => {
    const cwd = folder()
    const source: Record<string, string> =
      role === 'collector' ? { SOURCE: 'csv', CSV_FILE: market(cwd) } : role === 'all' ? {} : { SOURCE: 'naver' }
    const env = {
      ...{ ROLE: role, DATABASE_URL: database.url(name), DISCORD_TOKEN: discord.token, DISCORD_API: discord.apiUrl },
      ...{ KAFKA_BROKERS: kafka.brokers, KAFKA_TOPIC: TOPIC, HTTP_PORT: '0' },
    }
    return start({ cwd, env: { ...env, ...source, ...more } })
  }
  const says = (process: Running, sentence: string): Promise<boolean> =>
    until(
      () => process.stderr().includes(sentence),
      () => `"${sentence}"; said: ${process.stdout()}${process.stderr()}`,
      60_000,
    )

  test.for([
    ['bot', 'another bot has shard 0 of 1: this one waits, and takes over when it ends'],
    ['collector', 'other collectors use every key of csv on '],
  ] as const)(
    'of two with ROLE=%s the second waits, says so, and takes over when the first is killed',
    async ([role, sentence]) => {
      const first = begin(role, `two-${role}s`)
      await isRunning(first)
      const second = begin(role, `two-${role}s`)
      await says(second, sentence)
      expect(second.stdout()).not.toContain('is running')
      first.kill('SIGKILL')
      await until(
        () => second.stdout().includes('is running'),
        () => `the takeover; said: ${second.stderr()}`,
        TAKES_OVER_MS,
      )
    },
  )

  test('two bots with different shards run beside each other', async () => {
    const shards = ['0', '1'].map((shard) => begin('bot', 'shards', { SHARD_COUNT: '2', SHARDS: shard }))
    await Promise.all(shards.map(isRunning))
    expect(shards.map((bot) => bot.stderr()).join('')).not.toContain('this one waits')
  })

  test('every role beside a process that does everything waits until that ends', async () => {
    const everything = begin('all', 'all-first')
    await isRunning(everything)
    const roles = ROLES.map((role) => begin(role, 'all-first'))
    for (const role of roles) await says(role, 'another minutewatch does everything on MariaDB')
    for (const role of roles) expect(role.stdout()).not.toContain('is running')
    everything.kill('SIGTERM')
    await Promise.all(roles.map(isRunning))
  })

  test.for(ROLES)('a process that does everything waits beside ROLE=%s until that ends', async (role) => {
    const other = begin(role, `${role}-then-all`)
    await isRunning(other)
    const everything = begin('all', `${role}-then-all`)
    await says(everything, 'roles work on MariaDB')
    expect(everything.stdout()).not.toContain('is running')
    other.kill('SIGTERM')
    await isRunning(everything)
  })

  test('a stop ends each role in order, and one that waits as well', async () => {
    const running = ROLES.map((role) => begin(role, 'stopped'))
    await Promise.all(running.map(isRunning))
    const waiting = begin('bot', 'stopped')
    await says(waiting, 'another bot has shard 0 of 1')
    for (const process of [waiting, ...running]) {
      process.kill('SIGTERM')
      // A process that has not ended in order after 4.5 s leaves with another code.
      expect(await process.ended).toMatchObject({ code: 0, signal: null })
    }
  })

  test('a detector whose broker is away says so once, is not healthy, and works when the broker comes', async () => {
    await kafka.stop()
    const store = await openStore(database.url('broker'), { log: silent })
    await store.watches.add(watchOf('038530', { series: 'naver' }))
    const detector = begin('detector', 'broker')
    await isRunning(detector)
    const [, address] = /(http:\/\/\S+)\/health/.exec(detector.stdout()) ?? []
    const health = async () => {
      const response = await fetch(`${address}/health`)
      return { status: response.status, ...((await response.json()) as { problem: string | null }) }
    }
    const sentence = /^Kafka at 127\.0\.0\.1:\d+ does not answer \(.+\): check KAFKA_BROKERS and the network$/
    await expect.poll(health).toMatchObject({ status: 503, problem: expect.stringMatching(sentence) })
    await kafka.start()
    await expect.poll(health, { timeout: 60_000 }).toMatchObject({ status: 200, problem: null })
    const problems = detector
      .stderr()
      .split('\n')
      .flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))
      .filter(({ problem }) => problem !== undefined)
    expect(problems).toHaveLength(1)
    expect(detector.stderr()).not.toMatch(STACK_TRACE)

    const opened = at('10:00')
    const value = { 체결시간: '20261116100000', 현재가: '-950', 시가: '-900', 고가: '+990', 저가: '-880', 거래량: '7' }
    await kafka.publish(TOPIC, { key: '038530', value: JSON.stringify(value) })
    await expect.poll(() => store.signals.judgedUntil('naver', '038530')).toBe(opened + MINUTE)
    await store.close()
  })
})

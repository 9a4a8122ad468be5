import { afterAll, beforeAll, expect, onTestFinished } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import { sources } from '../../src/pipeline/sources/index.ts'
import { tellMarket } from '../../src/pipeline/sources/shared-market.ts'
import type { Store } from '../../src/pipeline/store/contract.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import { openSubscription } from '../../src/pipeline/topic/subscription.ts'
import { calendarFile } from '../support/calendar-file.ts'
import { cli, folder, jsonLines } from '../support/child.ts'
import { DEAD_PORT } from '../support/dead-port.ts'
import { type KafkaBroker, startKafka } from '../support/kafka.ts'
import { startKiwoomPeer } from '../support/kiwoom-peer.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { silent } from '../support/market.ts'
import { needs } from '../support/needs.ts'

const { describe, test } = needs('mariadb', 'java')

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly message: string
}
const doctor = async (env: Record<string, string>, cwd = folder()) => {
  const ended = await cli(['doctor', '--json'], { cwd, env })
  expect(ended.stderr).toBe('')
  const findings = jsonLines(ended.stdout) as Finding[]
  const of = (check: string) =>
    findings.filter((one) => one.check === check).map(({ ok, message }) => `${ok} ${message}`)
  return { ...ended, findings, of, checks: findings.map(({ check }) => check) }
}

const SERIES = 'simulated'
const SYMBOL = '038530'

describe('doctor of one of several processes', () => {
  let database: Mariadb
  let broker: KafkaBroker
  beforeAll(async () => {
    ;[database, broker] = await Promise.all([startMariadb(), startKafka()])
  })
  afterAll(async () => {
    await database?.remove()
    await broker?.remove()
  })

  const env = (name: string, role: string, more: Record<string, string> = {}) => ({
    ROLE: role,
    DATABASE_URL: database.url(name),
    KAFKA_BROKERS: broker.brokers,
    KAFKA_TOPIC: name,
    SOURCE: 'simulated',
    ...more,
  })
  const open = async (name: string): Promise<Store> => {
    const store = await openStore(database.url(name), { log: silent })
    onTestFinished(() => store.close())
    return store
  }
  /** A collector says that it is there. */
  const tell = async (store: Store) => {
    const source = await sources.simulated(readConfig({}), { store, log: silent, now: Date.now })
    await tellMarket(store.keyValues, source, 'only')
    return source
  }
  /** Detectors that pass over all messages. */
  const startDetectors = async (topic: string, count: number) => {
    const settings = { brokers: [broker.brokers], topic, tls: false, login: null }
    const work = { assigned: async () => {}, handle: async () => {} }
    const started = Array.from({ length: count }, () => openSubscription({ settings, work, log: silent }))
    onTestFinished(async () => void (await Promise.all(started.map((one) => one.close()))))
    await expect.poll(() => started.flatMap((one) => one.status().partitions).toSorted()).toEqual([0, 1, 2])
    await expect.poll(() => started.every((one) => one.status().partitions.length > 0)).toBe(true)
  }
  const watch = { series: SERIES, symbol: SYMBOL, guildId: '1', channelId: '2', addedBy: null, addedAt: 0, since: 0 }

  test.for([
    ['collector', ['configuration', 'database', 'source', 'judging', 'Kafka', 'detectors', 'clock']],
    ['detector', ['configuration', 'database', 'collectors', 'judging', 'Kafka', 'detectors', 'clock']],
    ['bot', ['configuration', 'database', 'collectors', 'judging', 'Discord', 'Kafka', 'detectors', 'clock']],
  ] as const)('a %s whose others are at work: all is well', async ([role, checks]) => {
    const topic = `well-${role}`
    await broker.createTopic(topic, 3)
    await broker.publish(topic, { key: SYMBOL, value: '{}' })
    await startDetectors(topic, 2)
    await tell(await open(topic))
    await expect
      .poll(async () => (await doctor(env(topic, role))).of('detectors'))
      .toEqual([`true 2 in the group minutewatch-${topic}, no message behind`])
    const found = await doctor(env(topic, role))
    expect(found.findings.filter(({ ok }) => !ok)).toEqual([])
    expect(found.checks).toEqual(checks)
    expect(found.of('Kafka')).toEqual([`true topic ${topic} at ${broker.brokers} has 3 partitions`])
    expect(found.of('judging')).toEqual(['true every stored minute of the watched stocks is judged'])
    expect(found.code).toBe(0)
  })

  test('brokers that do not answer are said, and everything else is checked all the same', async () => {
    await tell(await open('dead'))
    const address = `127.0.0.1:${DEAD_PORT}`
    const { code, findings, checks } = await doctor(env('dead', 'detector', { KAFKA_BROKERS: address }))
    expect(findings.filter(({ ok }) => !ok)).toEqual([
      {
        check: 'Kafka',
        ok: false,
        message: expect.stringMatching(/^Kafka at 127\.0\.0\.1:2 does not answer .+: check KAFKA_BROKERS/),
      },
    ])
    expect(checks).toEqual(['configuration', 'database', 'collectors', 'judging', 'Kafka', 'clock'])
    expect(code).toBe(1)
  })

  test('a topic that is not there is not made, and it is said how to make it', async () => {
    for (const _ of ['first', 'again']) {
      const { code, of } = await doctor(env('missing', 'collector'))
      expect(of('Kafka')).toEqual([
        `false Kafka at ${broker.brokers} has no topic missing: create it, as docs/kafka.md says, or name another one in KAFKA_TOPIC.`,
      ])
      expect(code).toBe(1)
    }
  })

  test('messages that nobody reads, and minutes that nobody judges', async () => {
    await broker.createTopic('lag', 3)
    const store = await open('lag')
    const source = await tell(store)
    const { code, of } = await doctor(env('lag', 'detector'))
    expect(of('detectors')).toEqual([
      'true none in the group minutewatch-lag, no message behind: start one with ROLE=detector',
    ])
    expect(code).toBe(0)

    await broker.publish('lag', ...[1, 2, 3].map(() => ({ key: SYMBOL, value: '{}' })))
    const to = Math.floor(source.now() / MINUTE) * MINUTE - 500 * MINUTE
    const bar = { open: 100, high: 101, low: 99, close: 100, volume: 10, receivedAt: to }
    const bars: Bar[] = [{ series: SERIES, symbol: SYMBOL, openTime: to - MINUTE, ...bar }]
    await store.bars.save(SERIES, SYMBOL, bars, { from: to - MINUTE, to })
    await store.watches.add(watch)
    const late = await doctor(env('lag', 'detector'))
    expect(late.of('detectors')).toEqual([
      expect.stringMatching(
        /^false none in the group minutewatch-lag, 3 messages behind \(3 in partition \d\): start one with ROLE=detector$/,
      ),
    ])
    expect(late.of('judging')).toEqual([
      expect.stringMatching(
        /^false the oldest minute that is not judged, 20.+, closed \d+ min ago: start a detector, or/,
      ),
    ])
    expect(late.code).toBe(1)
  })

  test('more detectors than partitions: the spare ones are counted', async () => {
    await broker.createTopic('spare', 3)
    await startDetectors('spare', 3)
    const settings = { brokers: [broker.brokers], topic: 'spare', tls: false, login: null }
    const work = { assigned: async () => {}, handle: async () => {} }
    const spare = openSubscription({ settings, work, log: silent })
    onTestFinished(() => spare.close())
    await expect
      .poll(async () => (await doctor(env('spare', 'detector'))).of('detectors'))
      .toEqual([
        'true 4 in the group minutewatch-spare, no message behind; 1 of them without a partition, until another one ends',
      ])
  })

  test('a detector needs a collector, and neither keys nor an answer of the source', async () => {
    await broker.createTopic('alone', 3)
    const { code, findings, checks } = await doctor(
      env('alone', 'detector', { SOURCE: 'kiwoom', KIWOOM_REST_URL: `http://127.0.0.1:${DEAD_PORT}` }),
    )
    expect(findings.filter(({ ok }) => !ok)).toEqual([
      {
        check: 'collectors',
        ok: false,
        message:
          'none of kiwoom has been heard of for 30 s: start one with ROLE=collector, SOURCE=kiwoom and the same database',
      },
    ])
    expect(checks).not.toContain('source')
    expect(code).toBe(1)
  })

  test('a collector with two keys of Kiwoom: each is checked by itself', async () => {
    await broker.createTopic('keys', 3)
    const stock = { name: '삼성전자', base: 5_000, bars: [] } as const
    const stocks = [
      { ...stock, symbol: '005930', market: 'KOSPI' },
      { ...stock, symbol: '038530', market: 'KOSDAQ' },
    ] as const
    const peer = await startKiwoomPeer({ now: Date.now, stocks })
    onTestFinished(() => peer.close())
    const cwd = folder()
    const { findings, of } = await doctor(
      env('keys', 'collector', {
        SOURCE: 'kiwoom',
        KIWOOM_APP_KEY: 'peer-app-key, another',
        KIWOOM_SECRET_KEY: 'peer-secret-key, secret',
        KIWOOM_REST_URL: peer.restUrl,
        KIWOOM_WS_URL: peer.wsUrl,
        CALENDAR_FILE: calendarFile(cwd),
      }),
      cwd,
    )
    expect(of('source')).toContainEqual(expect.stringMatching(/^true key 1 of 2: Kiwoom issues a token/))
    expect(of('source')).toContainEqual(expect.stringMatching(/^false key 2 of 2: .*KIWOOM_APP_KEY/))
    expect(of('source')).toContainEqual(expect.stringMatching(/0 of 196 places for watched stocks used$/))
    expect(JSON.stringify(findings)).not.toMatch(/another|secret"/)
  })

  test('one process that does everything: brokers that are named are checked, their group is not', async () => {
    await broker.createTopic('all', 3)
    const { code, checks, of } = await doctor(env('all', ''))
    expect(checks).toEqual(['configuration', 'database', 'source', 'Discord', 'Kafka', 'clock'])
    expect(of('Kafka')).toEqual([
      `true topic all at ${broker.brokers} has 3 partitions; it is not used, since ROLE is all`,
    ])
    expect(code).toBe(0)
  })
})

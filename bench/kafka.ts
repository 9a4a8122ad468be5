/**
 * Bars over a broker: `npm run bench -- kafka`. This process stores and publishes bars as a collector does, two
 * detectors in processes of their own judge them and store what they find. Broker, MariaDB and all processes share the
 * cores of this machine.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { createConnection } from 'mysql2/promise'
import { type Bar, MINUTE } from '../src/model/time/bar.ts'
import { sessionsBack } from '../src/pipeline/calendar/sessions-back.ts'
import type { Store } from '../src/pipeline/store/contract.ts'
import { openStore } from '../src/pipeline/store/index.ts'
import { toMessage } from '../src/pipeline/topic/message.ts'
import { openOutgoing } from '../src/pipeline/topic/outgoing.ts'
import { openPublisher, type Publisher } from '../src/pipeline/topic/publisher.ts'
import type { TopicSettings } from '../src/pipeline/topic/settings.ts'
import { openSubscription } from '../src/pipeline/topic/subscription.ts'
import { until } from '../tests/sandbox/visitor.ts'
import { type KafkaBroker, startKafka } from '../tests/support/kafka.ts'
import { type Mariadb, startMariadb } from '../tests/support/mariadb.ts'
import { type Figure, printFigures } from './figures.ts'
import { never, silent } from './whole-market/market.ts'
import { barAt, calendar, codeOf, memorySource, OPEN } from './whole-market/source.ts'

const STOCKS = 500
const SESSIONS = 3
const ROUNDS = 4
const MINUTES = 60
/** One by one is slow: fewer rows are enough. */
const SINGLES = 2_000
/** A source whose series the detectors judge; nobody asks it for anything. */
const SOURCE = 'naver'
const PATIENCE_MS = 120_000

const settingsOf = ({ brokers }: KafkaBroker, topic: string): TopicSettings => ({
  brokers: [brokers],
  topic,
  tls: false,
  login: null,
})
const symbols = Array.from({ length: STOCKS }, (_, stock) => codeOf(stock))
const barsAt = (openTime: number): Bar[] =>
  symbols.map((_, stock) => ({ ...barAt(stock, openTime, () => false), series: SOURCE }))

/** Stores some sessions before `OPEN`, and lets the detectors learn from them. */
const learn = async (store: Store, publisher: Publisher): Promise<void> => {
  const source = memorySource(STOCKS, { now: OPEN })
  const covered = { from: sessionsBack(calendar, OPEN - 1, SESSIONS).at(-1)!.open, to: OPEN }
  const watch = { series: SOURCE, guildId: '1', channelId: 'c', addedBy: null, addedAt: 0, since: 0 }
  await store.watches.addAll(symbols.map((symbol) => ({ ...watch, symbol })))
  for (const symbol of symbols) {
    const bars = (await source.fetchBars(symbol, covered, never)).map((bar) => ({ ...bar, series: SOURCE }))
    await store.bars.save(SOURCE, symbol, bars, covered)
    publisher.offer(symbol, { covered: { from: OPEN, to: OPEN }, bars: [], again: null })
  }
  await judged(store)
}

const judged = (store: Store): Promise<boolean> =>
  until(async () => (await store.signals.oldestUnjudged(SOURCE)) === null, 'all bars to be judged', PATIENCE_MS)

/** Stores and publishes a minute of all stocks, as a collector's pass does. */
const collect = async (store: Store, publisher: Publisher, openTime: number): Promise<void> => {
  const covered = { from: openTime, to: openTime + MINUTE }
  const bars = barsAt(openTime)
  await store.bars.saveFresh(SOURCE, new Map(bars.map((bar) => [bar.symbol, { bars: [bar], covered }])))
  for (const bar of bars) publisher.offer(bar.symbol, { covered, bars: [bar], again: null })
}

/** Bars a second, from the first that is stored to the last that is judged. */
const throughput = async (store: Store, publisher: Publisher, from: number): Promise<number> => {
  const begin = performance.now()
  for (let minute = 0; minute < MINUTES; minute++) await collect(store, publisher, from + minute * MINUTE)
  await judged(store)
  return (STOCKS * MINUTES) / ((performance.now() - begin) / 1_000)
}

/** The same messages through the broker alone: nothing is stored and nothing judged. */
const brokerAlone = async (kafka: KafkaBroker): Promise<number> => {
  await kafka.createTopic('alone', 4)
  const settings = settingsOf(kafka, 'alone')
  const bars = Array.from({ length: MINUTES }, (_, minute) => barsAt(OPEN + minute * MINUTE)).flat()
  const work = { assigned: async () => {}, handle: async () => {} }
  const subscription = openSubscription({ settings, work, log: silent })
  await until(() => subscription.status().partitions.length === 4, 'the partitions', PATIENCE_MS)
  const outgoing = await openOutgoing<Bar>({
    settings,
    messagesOf: async (bar) => [
      toMessage({
        ...{ series: SOURCE, symbol: bar.symbol, bar, again: null },
        covered: { from: bar.openTime, to: bar.openTime + MINUTE },
      }),
    ],
    published: () => {},
    log: silent,
  })
  const begin = performance.now()
  for (const bar of bars) outgoing.add(bar)
  await until(() => subscription.status().handled === bars.length, 'all messages', PATIENCE_MS)
  const seconds = (performance.now() - begin) / 1_000
  await outgoing.close()
  await subscription.close()
  return bars.length / seconds
}

/** The old system's way: one row after another into MariaDB, each committed by itself; nothing is judged. */
const rowByRow = async (database: Mariadb): Promise<number> => {
  const connection = await createConnection(database.url('bench'))
  await connection.query('create table old_rows (symbol varchar(8), time bigint, close double, volume double)')
  const begin = performance.now()
  for (const { symbol, openTime, close, volume } of barsAt(OPEN).concat(barsAt(OPEN), barsAt(OPEN), barsAt(OPEN)))
    await connection.execute('insert into old_rows values (?, ?, ?, ?)', [symbol, openTime, close, volume])
  const seconds = (performance.now() - begin) / 1_000
  await connection.end()
  return SINGLES / seconds
}

export const kafkaFigures = async (): Promise<Figure[]> => {
  const [kafka, database] = await Promise.all([startKafka(), startMariadb()])
  const children: ChildProcess[] = []
  const detector = (): ChildProcess => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('../src/main.ts', import.meta.url))], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: {
        PATH: process.env.PATH,
        ...{ ROLE: 'detector', SOURCE, KAFKA_BROKERS: kafka.brokers, DATABASE_URL: database.url('bench') },
      },
      stdio: 'ignore',
    })
    children.push(child)
    return child
  }
  const store = await openStore(database.url('bench'), { log: silent })
  try {
    await kafka.createTopic('kiwoom', 12)
    const publisher = await openPublisher({
      ...{ settings: settingsOf(kafka, 'kiwoom'), series: SOURCE, bars: store.bars, log: silent },
    })
    const [first] = [detector(), detector()]
    await learn(store, publisher)
    const rates: number[] = []
    for (let round = 0; round < ROUNDS; round++)
      rates.push(await throughput(store, publisher, OPEN + round * MINUTES * MINUTE))
    const alone = [await brokerAlone(kafka)]
    const rows = [await rowByRow(database)]
    for (let minute = 0; minute < 10; minute++)
      await collect(store, publisher, OPEN + (ROUNDS * MINUTES + minute) * MINUTE)
    first.kill('SIGKILL')
    const killed = performance.now()
    await judged(store)
    const recovery = (performance.now() - killed) / 1_000
    await publisher.close()
    return [
      {
        what: 'bars over Kafka: 1 collector → 2 detectors → MariaDB',
        unit: 'bars/s',
        values: rates,
        goal: { atLeast: 20_000 },
        beside: [
          { name: 'the same messages through the broker alone, nothing stored or judged', values: alone },
          { name: 'a row after another into MariaDB, a commit each, nothing judged', values: rows },
        ],
      },
      {
        what: 'one of the two detectors killed → nothing unjudged',
        unit: 's',
        values: [recovery],
        goal: { below: 60 },
        note: 'the broker gives a silent member 8 s',
      },
    ]
  } finally {
    for (const child of children) child.kill('SIGKILL')
    await store.close()
    await database.remove()
    await kafka.remove()
  }
}

export const benchKafka = async (): Promise<void> => printFigures(await kafkaFigures())

if (import.meta.main) await benchKafka()

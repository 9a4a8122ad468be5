import { afterAll, beforeAll, expect } from 'vitest'
import { type Bar, MINUTE } from '../../../src/model/time/bar.ts'
import { openPublisher, type Publisher } from '../../../src/pipeline/topic/publisher.ts'
import type { TopicSettings } from '../../../src/pipeline/topic/settings.ts'
import { openSubscription, type Received, type Subscription } from '../../../src/pipeline/topic/subscription.ts'
import { DEAD_PORT } from '../../support/dead-port.ts'
import { type KafkaBroker, startKafka } from '../../support/kafka.ts'
import { at, memoryStore, silent, stretch } from '../../support/market.ts'
import { needs } from '../../support/needs.ts'

const { describe, test } = needs('java')

const settingsOf = (broker: { readonly brokers: string }, more: Partial<TopicSettings> = {}): TopicSettings => ({
  brokers: [broker.brokers],
  topic: 'minutes',
  tls: false,
  login: null,
  ...more,
})
const openTest = async (settings: TopicSettings, bars: readonly Bar[] = []): Promise<Publisher> => {
  const store = await memoryStore()
  if (bars.length > 0)
    await store.bars.save('test', bars[0]!.symbol, bars, {
      from: bars[0]!.openTime,
      to: bars.at(-1)!.openTime + MINUTE,
    })
  return openPublisher({ settings, series: 'test', bars: store.bars, log: silent })
}
const offerMinutes = (publisher: Publisher, bars: readonly Bar[]): void => {
  for (const bar of bars) {
    const covered = { from: bar.openTime, to: bar.openTime + MINUTE }
    publisher.offer(bar.symbol, { covered, bars: [bar], again: null })
  }
}
const minutes = stretch('038530', at('09:00'), at('09:30'))

describe('a topic', () => {
  let broker: KafkaBroker
  beforeAll(async () => {
    broker = await startKafka()
  })
  afterAll(() => broker?.remove())

  test('gets what a collector offers, in order; while the broker is away that waits, and it is said', async () => {
    await broker.createTopic('minutes', 3)
    const publisher = await openTest(settingsOf(broker))
    offerMinutes(publisher, minutes.slice(0, 10))
    await expect.poll(() => publisher.status().published).toBe(10)
    await broker.stop('SIGKILL')
    offerMinutes(publisher, minutes.slice(10))
    await expect.poll(() => publisher.status().problem).toMatch(/^Kafka at 127.*: check KAFKA_BROKERS/)
    expect(publisher.status().waiting).toBe(20)
    await broker.start()
    await expect.poll(() => publisher.status()).toEqual({ waiting: 0, published: 30, problem: null })
    const found = await broker.messages('minutes')
    expect(found.map(({ value }) => JSON.parse(value).time)).toEqual(
      minutes.map(({ openTime }) => new Date(openTime).toISOString()),
    )
    expect(new Set(found.map(({ partition }) => partition)).size).toBe(1)
    await publisher.close()
  })

  test('that is not there is missed in a sentence, and gets everything once it is made', async () => {
    const publisher = await openTest(settingsOf(broker, { topic: 'later' }), minutes)
    publisher.offer('038530', { covered: { from: at('09:00'), to: at('09:40') }, bars: null, again: at('08:00') })
    await expect.poll(() => publisher.status().problem).toMatch(/has no topic later: create it/)
    await broker.createTopic('later', 1)
    await expect.poll(() => publisher.status().problem, { timeout: 60_000 }).toBe(null)
    const found = await broker.messages('later')
    // The bars are read from the store, and the minutes without a trade after them are told too.
    expect(found.length).toBe(31)
    expect(found[0]?.headers.get('again')).toBe(String(at('08:00')))
    expect(JSON.parse(found[30]?.value ?? '')).toEqual({ symbol: '038530', until: new Date(at('09:40')).toISOString() })
    await publisher.close()
  })

  test('is shared by the members of a group; one that leaves is followed by the other', async () => {
    await broker.createTopic('shared', 4)
    const settings = settingsOf(broker, { topic: 'shared' })
    const join = () => {
      const got: Received[] = []
      const assignments: (readonly number[])[] = []
      const work = {
        assigned: async (partitions: readonly number[]) => void assignments.push(partitions),
        handle: async (messages: readonly Received[]) => void got.push(...messages),
      }
      const subscription: Subscription = openSubscription({ settings, work, log: silent })
      return { got, assignments, subscription }
    }
    const [first, second] = [join(), join()]
    const partitions = () => [...first.subscription.status().partitions, ...second.subscription.status().partitions]
    await expect.poll(() => partitions().toSorted()).toEqual([0, 1, 2, 3])
    await expect.poll(() => second.subscription.status().partitions.length).toBe(2)
    const keys = Array.from({ length: 40 }, (_, key) => String(100_000 + key))
    await broker.publish('shared', ...keys.map((key) => ({ key, value: '{}' })))
    const seen = () => new Set([...first.got, ...second.got].map(({ key }) => key.toString()))
    await expect.poll(() => seen().size).toBe(40)
    expect(first.got.length).toBeGreaterThan(0)
    expect(second.got.length).toBeGreaterThan(0)
    await first.subscription.close()
    await expect.poll(() => second.subscription.status().partitions).toEqual([0, 1, 2, 3])
    const more = keys.map((key) => `9${key.slice(1)}`)
    await broker.publish('shared', ...more.map((key) => ({ key, value: '{}' })))
    await expect.poll(() => seen().size).toBe(80)
    await expect.poll(() => [...second.subscription.status().lag.values()]).toEqual([0, 0, 0, 0])
    await second.subscription.close()
  })
})

describe('a broker that cannot be used', () => {
  test('because nothing listens there', async () => {
    const publisher = await openTest(settingsOf({ brokers: `127.0.0.1:${DEAD_PORT}` }))
    offerMinutes(publisher, minutes)
    await expect
      .poll(() => publisher.status().problem)
      .toMatch(/does not answer .*: check KAFKA_BROKERS and the network$/)
    await publisher.close()
  })

  test('because the password is wrong, or the user may not use the topic', async () => {
    const broker = await startKafka({ user: { name: 'bot', password: 'right' } })
    try {
      await broker.createTopic('minutes', 1)
      const problemOf = async (password: string) => {
        const login = { mechanism: 'PLAIN', username: 'bot', password } as const
        const publisher = await openTest(settingsOf(broker, { login }))
        offerMinutes(publisher, minutes)
        await expect.poll(() => publisher.status().problem).not.toBe(null)
        const { problem } = publisher.status()
        await publisher.close()
        return problem
      }
      const wrong = await problemOf('wrong-secret')
      expect(wrong).toMatch(/refused the login: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD/)
      expect(wrong).not.toContain('wrong-secret')
      expect(await problemOf('right')).toMatch(/does not let this user use topic minutes: allow it/)
    } finally {
      await broker.remove()
    }
  })
})

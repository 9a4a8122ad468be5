import { afterAll, beforeAll, expect } from 'vitest'
import { MINUTE } from '../../src/model/time/bar.ts'
import { KST_OFFSET } from '../../src/model/time/session.ts'
import { loadKrxCalendar } from '../../src/pipeline/calendar/krx.ts'
import { sessionsBack } from '../../src/pipeline/calendar/sessions-back.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import { until } from '../sandbox/visitor.ts'
import { folder, isRunning, start } from '../support/child.ts'
import { type KafkaBroker, startKafka } from '../support/kafka.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { silent } from '../support/market.ts'
import { needs } from '../support/needs.ts'

const { describe, test } = needs('mariadb', 'java')

describe('what the old system’s Logstash publishes', () => {
  let database: Mariadb
  let kafka: KafkaBroker
  beforeAll(async () => {
    ;[database, kafka] = await Promise.all([startMariadb(), startKafka()])
  })
  afterAll(async () => {
    await database?.remove()
    await kafka?.remove()
  })

  test('is judged: percentages by their two clusters, minutes with prices as any others', async () => {
    const [session, ...before] = sessionsBack(await loadKrxCalendar(null), Date.now(), 4)
    const minutes = [...before.toReversed(), session!].flatMap(({ open }) =>
      Array.from({ length: 300 }, (_, n) => open + n * MINUTE),
    )
    const odd = session!.open + 150 * MINUTE
    const digits = (time: number) => new Date(time + KST_OFFSET).toISOString().replaceAll(/\D/g, '')
    const rows = minutes.map((openTime, n) => {
      const text = digits(openTime - MINUTE)
      const isOdd = openTime === odd
      return {
        value: JSON.stringify({
          ...{ date: text.slice(0, 8), time: text.slice(8, 14), code: '038530' },
          ...{ per_price: isOdd ? 29 : (n % 7) - 3, per_volume: isOdd ? 900_000 : ((n * 37) % 400) - 90 },
        }),
      }
    })
    const bars = minutes.map((openTime, n) => {
      const price = 1_000 + ((n * 13) % 17)
      const prices = {
        시가: -price,
        고가: price + 3,
        저가: -(price - 3),
        현재가: price + 1,
        거래량: 100 + ((n * 37) % 90),
      }
      return { key: '990110', value: JSON.stringify({ 체결시간: digits(openTime).slice(0, 14), ...prices }) }
    })
    const cwd = folder()
    const detect = async (topic: string, more: Record<string, string>) => {
      await kafka.createTopic(topic, 2)
      const env = { ROLE: 'detector', KAFKA_BROKERS: kafka.brokers, KAFKA_TOPIC: topic, ...more }
      const detector = start({ cwd, env: { DATABASE_URL: database.url(topic), ...env } })
      await isRunning(detector)
      return { detector, store: await openStore(database.url(topic), { log: silent }) }
    }

    const changes = await detect('changes', { SOURCE: 'kafka' })
    await kafka.publish('changes', ...rows, { key: '038530', value: 'no JSON' })
    const judged = (symbol: string, series: string, store: typeof changes.store) =>
      until(
        async () => ((await store.signals.judgedUntil(series, symbol)) ?? 0) > odd + MINUTE,
        () => `${symbol} to be judged; said: ${changes.detector.stderr()}`,
        60_000,
      )
    await judged('038530', 'kafka', changes.store)
    expect(await changes.store.changes.newest('kafka', '038530')).toBe(minutes.at(-1))
    const signals = await changes.store.signals.history('kafka', '038530', 1_000)
    expect(signals.map(({ openTime }) => openTime)).toContain(odd)
    await expect.poll(changes.detector.stderr).toContain('a message is no JSON object')

    const prices = await detect('prices', { SOURCE: 'naver' })
    await kafka.publish('prices', ...bars)
    await judged('990110', 'naver', prices.store)
    expect(await prices.store.bars.count('naver', '990110')).toBe(bars.length)
    for (const { detector, store } of [changes, prices]) {
      detector.kill('SIGTERM')
      expect(await detector.ended).toMatchObject({ code: 0 })
      await store.close()
    }
  })
})

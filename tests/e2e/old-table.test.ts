import { afterAll, beforeAll, expect } from 'vitest'
import { createCharts } from '../../src/bot/charts/index.ts'
import { createAlertMail } from '../../src/bot/deliver/alerts.ts'
import { createChannelKeeper } from '../../src/bot/deliver/channels.ts'
import { createDelivery, type Delivery } from '../../src/bot/deliver/delivery.ts'
import type { Dispatcher } from '../../src/bot/interaction/dispatch.ts'
import { type Market, openMarket } from '../../src/market.ts'
import { MINUTE } from '../../src/model/time/bar.ts'
import { createKrxCalendar } from '../../src/pipeline/calendar/krx.ts'
import { createTrainingsetSource } from '../../src/pipeline/sources/bridge/changes.ts'
import type { ChangesSource } from '../../src/pipeline/sources/source.ts'
import { createDirectory } from '../../src/pipeline/stocks/directory.ts'
import { createDailyListings } from '../../src/pipeline/stocks/listings.ts'
import type { Store } from '../../src/pipeline/store/contract.ts'
import { type DiscordSetup, openDiscordSetup } from '../bot/discord-setup.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { at, memoryStore, silent } from '../support/market.ts'
import { needs } from '../support/needs.ts'

const { describe, test } = needs('mariadb')

const SYMBOL = '038530'
const never = new AbortController().signal
/** A row as an old collector writes it: filed under the minute before the change, numbers without their zeros. */
const rowOf = (openTime: number, price: number, volume: number) => {
  const [date = '', clock = ''] = new Date(openTime - MINUTE + 9 * 60 * MINUTE).toISOString().split('T')
  return `${date.replaceAll('-', '')}, ${Number(clock.slice(0, 8).replaceAll(':', ''))}, ${price}, ${volume}, 38530`
}
/** Five sessions of ordinary minutes, with seven that followed a single share. */
const history = () => {
  const rows: string[] = []
  for (let day = -7; day < 0; day++) {
    const weekday = new Date(at('12:00', day)).getUTCDay()
    if (weekday === 0 || weekday === 6) continue
    for (let minute = 1; minute < 380; minute++)
      rows.push(
        rowOf(
          at('09:00', day) + minute * MINUTE,
          (minute % 5) - 2,
          minute % 271 === 7 ? 1_500_000 + 1_000 * minute : ((minute * 37) % 300) - 99,
        ),
      )
  }
  return rows
}

describe('the old system’s table, filled by someone else, watched in a channel', () => {
  let mariadb: Mariadb
  let store: Store
  let setup: DiscordSetup
  let source: ChangesSource
  let market: Market
  let delivery: Delivery
  let dispatcher: Dispatcher
  const clock = { now: at('10:00') }
  const charts = createCharts({ quickChartUrl: null, log: silent })

  const write = (...rows: string[]) =>
    mariadb.run(`INSERT INTO kiwoom3.trainingset VALUES ${rows.map((row) => `(${row})`).join(', ')}`)
  const start = async () => {
    source = createTrainingsetSource({
      url: mariadb.url('kiwoom3'),
      table: 'trainingset',
      calendar: createKrxCalendar(),
      now: () => clock.now,
      log: silent,
    })
    const directory = createDirectory('krx')
    await createDailyListings({ source, store, directory, log: silent, now: () => clock.now }).refresh(never)
    market = await openMarket({ source, store, directory, log: silent, now: () => clock.now })
    const { read, pipeline } = market
    const { client } = setup.discord
    delivery = createDelivery({
      client,
      mails: [createAlertMail({ outbox: store.outbox, read, charts, log: silent, now: () => clock.now })],
      channels: createChannelKeeper({ client, read, watching: pipeline.watching, log: silent }),
      tokenWorks: setup.discord.tokenWorks,
      log: silent,
      now: () => clock.now,
      passMs: 60_000,
    })
    dispatcher = setup.dispatch({ read, watching: pipeline.watching, charts })
  }
  const stop = async () => {
    await dispatcher.close()
    await delivery.close()
    await market.pipeline.stop()
    await source.close()
  }
  const messages = () =>
    setup.sandbox.state.messages(setup.sandbox.alertsChannelId).filter((one) => ((one.flags ?? 0) & 128) === 0)
  const alerts = () => messages().filter(({ content }) => content.startsWith(`${SYMBOL} 가격`))
  /** The clock moves on, and every pass runs once. */
  const passAt = async (time: string) => {
    clock.now = at(time)
    await market.pipeline.collectAndDetect(never)
    await delivery.pass()
  }
  /** A command's answer, in the channel or ephemeral. */
  const answerTo = async (name: string, options: Record<string, string | number> = {}) => {
    const [before, alone] = [messages().length, setup.sandbox.state.ephemerals().length]
    await setup.type(name, options)
    const answered = () =>
      messages()
        .slice(before)
        .find((one) => one.embeds.length > 0) ?? setup.sandbox.state.ephemerals()[alone]
    await expect.poll(answered, { timeout: 20_000 }).toBeDefined()
    return answered()
  }

  beforeAll(async () => {
    ;[mariadb, store, setup] = await Promise.all([startMariadb(), memoryStore(), openDiscordSetup()])
    await mariadb.run(
      'CREATE DATABASE kiwoom3',
      'CREATE TABLE kiwoom3.trainingset (date INT, time INT, per_price INT, per_volume INT, code INT, INDEX (code, date)) CHARSET euckr',
    )
    await write(...history())
    const { alertsChannelId: channelId, guildId } = setup.sandbox
    await store.watches.saveSettings({
      channelId,
      guildId,
      locale: 'ko',
      alertsPerDay: 200,
      numberSince: null,
      wasPerWeek: null,
      pausedReason: null,
    })
    await start()
  })
  afterAll(async () => {
    await stop()
    await setup?.close()
    await store?.close()
    await mariadb?.remove()
  })

  test('/watch learns its centers and shows the clusters that judge from now on', async () => {
    const answer = await answerTo('watch', { symbol: SYMBOL })
    expect(answer?.content).toBe('038530을 이 채널에서 지켜봅니다.')
    const [embed] = answer?.embeds ?? []
    expect(embed?.title).toBe('038530 · 군집 2개의 중심')
    expect(embed?.description).toContain('이 표에는 가격이 없어')
    expect(embed?.fields?.map(({ name }) => name)).toEqual([
      expect.stringMatching(/^1번 · 1,885분/),
      expect.stringMatching(/^2번 · 10분.*이상$/),
      '관성(제곱합)',
    ])
    expect((await fetch(embed?.image?.url ?? '')).headers.get('content-type')).toBe('image/png')
    expect(embed?.footer?.text).toBe('실제 시세 · bridge:trainingset · KST')
  })

  test('an ordinary row says nothing; one in the small cluster is posted once, with its picture', async () => {
    await write(rowOf(at('10:01'), 1, 40))
    await passAt('10:02')
    expect(alerts()).toEqual([])
    await write(rowOf(at('10:02'), 3, 2_400_000))
    await passAt('10:03')
    await passAt('10:04')
    expect(alerts().map(({ content }) => content)).toEqual(['038530 가격 +3.0% · 거래량 +2,400,000% · 10:02'])
    const [embed] = alerts()[0]?.embeds ?? []
    expect(embed?.description).toContain('1,897분 가운데 가장 큰 변화입니다')
    expect(embed?.fields?.find(({ name }) => name === '군집')?.value).toBe('**2번** / 2개 · 이상 군집')
    expect((await fetch(embed?.image?.url ?? '')).headers.get('content-type')).toBe('image/png')
  })

  test('a row that comes again, or after newer ones, counts once and in its place', async () => {
    await write(rowOf(at('10:06'), 0, 10), rowOf(at('10:02'), 3, 2_400_000))
    await passAt('10:07')
    await write(rowOf(at('10:04'), -1, 2_300_000))
    await passAt('10:08')
    expect(alerts()).toHaveLength(1)
    expect(alerts()[0]?.embeds[0]?.fields?.at(-1)?.value).toBe('진행 중 · 이상 분봉 2개')
  })

  test('a restart in the middle of it tells nothing twice and ends it when it is calm', async () => {
    await stop()
    await start()
    await passAt('10:09')
    expect(alerts()).toHaveLength(1)
    await passAt('10:16')
    expect(alerts()[0]?.embeds[0]?.fields?.at(-1)?.value).toBe('10:15에 진정 · 이상 분봉 2개')
  })

  test('a row older than ten minutes goes to history without a ping', async () => {
    await write(rowOf(at('10:30'), 2, 2_500_000))
    await passAt('10:45')
    expect(alerts()).toHaveLength(1)
    const answer = await answerTo('history', { symbol: SYMBOL })
    const lines = answer?.embeds[0]?.description?.split('\n') ?? []
    expect(lines.filter((_, index) => index % 2 === 1)).toEqual(['-# 기록만', '-# 알림 올림'])
    expect(lines[0]).toContain('10:30** 가격 +2.0% · 거래량 +2,500,000% · 1,900분 중 1위')
  })

  test('while the server is away nothing is lost, and what came meanwhile is told when it is back', async () => {
    await write(rowOf(at('11:00'), -4, 2_600_000))
    await mariadb.stop()
    await passAt('11:01')
    expect(market.pipeline.trouble()).toMatch(/gave no answer about trainingset/)
    await mariadb.start()
    await passAt('11:06')
    expect(
      alerts()
        .map(({ content }) => content)
        .at(-1),
    ).toBe('038530 가격 -4.0% · 거래량 +2,600,000% · 11:00')
    expect(market.pipeline.trouble()).toBeNull()
  })

  test('the other commands answer from the same rows, or say why they cannot', async () => {
    expect((await answerTo('centers', { symbol: SYMBOL, k: 3 }))?.embeds[0]?.title).toBe('038530 · 군집 3개의 중심')
    expect((await answerTo('watchlist'))?.embeds[0]?.description).toContain('매분 판단 중')
    expect((await answerTo('sensitivity'))?.embeds[0]?.fields?.[0]?.value).toBe(
      '1종목에 **하루 2번**쯤 · 아무리 많아도 600번까지',
    )
    expect((await answerTo('chart', { symbol: SYMBOL }))?.content).toMatch(/변화율만 있어 차트를 그릴 수 없습니다/)
    expect((await answerTo('watch', { symbol: '005930' }))?.content).toMatch(/여기에 상장된 종목이 아닙니다/)
  })
})

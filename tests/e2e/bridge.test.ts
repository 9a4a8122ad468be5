import { afterAll, beforeAll, expect } from 'vitest'
import { openMarket } from '../../src/market.ts'
import { MINUTE } from '../../src/model/time/bar.ts'
import { createKrxCalendar } from '../../src/pipeline/calendar/krx.ts'
import { createBridgeSource } from '../../src/pipeline/sources/bridge/source.ts'
import { createDirectory } from '../../src/pipeline/stocks/directory.ts'
import type { SummaryView } from '../../src/pipeline/views/views.ts'
import { marketBars } from '../support/bars.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { at, memoryStore, silent } from '../support/market.ts'
import { needs } from '../support/needs.ts'

const { describe, test } = needs('mariadb')

const SYMBOL = '038530'
const never = new AbortController().signal
const session = (day: number, minutes = 380) =>
  marketBars({ seed: 40 + day, start: at('09:00', day), minutes, liquidity: 1 })

describe('a table of bars that someone else fills', { timeout: 60_000 }, () => {
  let mariadb: Mariadb
  beforeAll(async () => {
    mariadb = await startMariadb()
    await mariadb.run('CREATE DATABASE kiwoom3')
  })
  afterAll(() => mariadb?.remove())

  const create = () =>
    mariadb.run(
      'DROP TABLE IF EXISTS kiwoom3.minutewatch_bars',
      `CREATE TABLE kiwoom3.minutewatch_bars (symbol VARCHAR(12) NOT NULL, time DATETIME NOT NULL, open INT NOT NULL, high INT NOT NULL, low INT NOT NULL,
        close INT NOT NULL, volume BIGINT NOT NULL, PRIMARY KEY (symbol, time))`,
    )
  const write = (bars: ReturnType<typeof session>) =>
    mariadb.run(
      `INSERT INTO kiwoom3.minutewatch_bars VALUES ${bars
        .map(({ openTime, open, high, low, close, volume }) => {
          const time = new Date(openTime + 9 * 60 * MINUTE).toISOString().slice(0, 19)
          return `('${SYMBOL}', '${time}', ${open}, ${high}, ${low}, ${close}, ${volume})`
        })
        .join(', ')}`,
    )
  const openBot = async (store: Awaited<ReturnType<typeof memoryStore>>, clock: { now: number }) => {
    const source = createBridgeSource({
      url: mariadb.url('kiwoom3'),
      calendar: createKrxCalendar(),
      now: () => clock.now,
      log: silent,
    })
    await source.open(never)
    const directory = createDirectory('krx')
    directory.replace(await source.listings(never))
    const { pipeline, read } = await openMarket({ source, store, directory, log: silent, now: () => clock.now })
    return {
      pipeline,
      summary: async () => (await read.summary(SYMBOL)) as SummaryView,
      stop: async () => {
        await pipeline.stop()
        await source.close()
      },
    }
  }
  const watch = { symbol: SYMBOL, guildId: 'g', channelId: 'c', userId: 'u' }

  test.for(['later on the same day', 'at the next start'] as const)(
    'history that is added after /watch is learned from %s',
    async (when) => {
      await create()
      const today = session(0, 100)
      await write(today.slice(60, 90))
      const store = await memoryStore()
      const clock = { now: at('10:30') }
      let bot = await openBot(store, clock)
      await bot.pipeline.watching.watch(watch, () => {})
      expect(await bot.summary()).toMatchObject({ bars: 30, sessions: 1, learning: { have: 29 } })
      // Seven sessions, and what there was today before the table began.
      const history = [-11, -10, -7, -6, -5, -4, -3].flatMap((day) => session(day))
      await write([...history, ...today.slice(0, 60), ...today.slice(90)])
      clock.now = at('10:40')
      await bot.pipeline.collectAndDetect(never)
      if (when === 'at the next start') {
        await bot.stop()
        bot = await openBot(store, clock)
      } else clock.now = at('11:10')
      await bot.pipeline.collectAndDetect(never)
      const summary = await bot.summary()
      expect(summary).toMatchObject({ bars: history.length + 100, sessions: 8, from: at('09:00', -11), learning: null })
      expect(summary.unusual).toHaveLength(3)
      await bot.stop()
    },
  )
})

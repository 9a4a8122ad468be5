/**
 * From a minute's last bar to its alert at Discord's side: `npm run bench -- deliver`. Discord is a local one in a
 * process of its own, with Discord's limits; it says when it received each message. First single alerts of 200 stocks,
 * then an outbreak of 1,000 alerts over 200 channels.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { Client, GatewayIntentBits, type TextChannel } from 'discord.js'
import { alertChart } from '../src/bot/charts/alert-chart.ts'
import { createCanvasCharts } from '../src/bot/charts/canvas.ts'
import { texts } from '../src/bot/locale/index.ts'
import { MINUTE } from '../src/model/time/bar.ts'
import { openStore } from '../src/pipeline/store/index.ts'
import { marketBars, spanOf, stockOf, unusualAt } from '../tests/support/bars.ts'
import { type DiscordProcess, startDiscord } from '../tests/support/discord-process.ts'
import { openBot } from './bot.ts'
import { type Figure, printFigures } from './figures.ts'
import { catchUp, fillStore, never, silent, watchAll } from './whole-market/market.ts'
import { LIVE_FROM, memorySource, type Surges } from './whole-market/source.ts'

const SESSIONS = 3
const STOCKS = 200
const CHANNELS = 20
const ROUNDS = 25
const OUTBREAK_STOCKS = 5
const OUTBREAK_CHANNELS = 200
/** Requests a second that Discord allows a bot. */
const DISCORD_RATE = 50
const LONGEST_MS = 10_000
/** An outbreak that takes longer is not waited for: the rate is then that of the alerts until here. */
const OUTBREAK_MS = 45_000

const channelsOf = async (local: DiscordProcess, count: number): Promise<string[]> => {
  const ids: string[] = []
  for (let nr = 0; nr < count; nr++) ids.push(await local.addChannel(`stocks-${nr}`))
  return ids
}

/** The time at which Discord's side received a message, epoch ms. */
const receivedAt = ({ id }: { id: string }): number => Number((BigInt(id) >> 22n) + 1_420_070_400_000n)

/** One stock surges a minute, each another one. */
export const latencyFigure = async (): Promise<Figure> => {
  const local = await startDiscord()
  const store = await openStore('sqlite::memory:', { log: silent })
  try {
    const channels = await channelsOf(local, CHANNELS)
    const clock = { now: LIVE_FROM }
    const stockAt = (openTime: number) => ((openTime - LIVE_FROM) / MINUTE) % STOCKS
    const surges: Surges = (stock, openTime) => openTime >= LIVE_FROM && stock === stockAt(openTime)
    const source = memorySource(STOCKS, clock, surges)
    const channelOf = (stock: number) => channels[stock % CHANNELS]!
    await fillStore(store, source, { stocks: STOCKS, sessions: SESSIONS, channelOf, guildId: local.guildId })
    const bot = await openBot(store, source, local)
    await catchUp(bot.market, store, source, STOCKS)
    /** Milliseconds from the bar to its alert; null if none came. */
    const alertMs = async (pass: () => Promise<void>): Promise<number | null> => {
      const channel = channelOf(stockAt(clock.now))
      const before = (await local.messages(channel)).length
      clock.now += MINUTE
      const barIn = Date.now()
      await pass()
      while (Date.now() - barIn < LONGEST_MS) {
        const posted = (await local.messages(channel))[before]
        if (posted) return receivedAt(posted) - barIn
        await wait(20)
      }
      return null
    }
    const pass = async () => {
      await bot.market.pipeline.collectAndDetect(never)
      await bot.delivery.pass()
    }
    await alertMs(pass) // loads the drawing thread
    const atOnce = await rounds(() => alertMs(pass))
    bot.schedule()
    const scheduled = await rounds(async () => {
      // The schedule's turns begin with a second of the clock: the bar comes just before one.
      await wait(2_000 - (Date.now() % 1_000) - 3)
      return alertMs(async () => {})
    })
    await bot.stop()
    const what = `a minute's last bar in → its alert with chart received by Discord, ${STOCKS} stocks`
    return {
      ...{ what, unit: 'ms', values: scheduled, quantile: 0.95, goal: { below: 250 } },
      beside: [{ name: 'without waiting for the turns of the schedule', values: atOnce }],
      note: `${scheduled.length} of ${ROUNDS} alerts came`,
    }
  } finally {
    await store.close()
    local.close()
  }
}

const rounds = async (measure: () => Promise<number | null>): Promise<number[]> => {
  const measured: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const ms = await measure()
    if (ms !== null) measured.push(ms)
  }
  return measured
}

/** A few stocks surge in one minute, and every channel watches them. */
export const outbreakFigure = async (): Promise<Figure> => {
  const local = await startDiscord()
  const store = await openStore('sqlite::memory:', { log: silent })
  try {
    const channels = await channelsOf(local, OUTBREAK_CHANNELS)
    const clock = { now: LIVE_FROM }
    const source = memorySource(OUTBREAK_STOCKS, clock, (_, openTime) => openTime === LIVE_FROM)
    const stocks = Array.from({ length: OUTBREAK_STOCKS }, (_, stock) => stock)
    await fillStore(store, source, {
      stocks: stocks.length,
      sessions: SESSIONS,
      channelOf: () => channels[0]!,
      guildId: local.guildId,
    })
    const watches = channels.flatMap((channelId) =>
      stocks.map((stock) => ({ stock, channelId, guildId: local.guildId })),
    )
    await watchAll(store, watches)
    const bot = await openBot(store, source, local)
    await catchUp(bot.market, store, source, stocks.length)
    clock.now += MINUTE
    const begin = Date.now()
    bot.schedule()
    const wanted = watches.length
    const arrived = await allReceived(local, channels, wanted)
    await bot.stop()
    if (arrived.length === 0) throw new Error(`no alert came within ${OUTBREAK_MS / 1_000} s`)
    const rate = (1_000 * arrived.length) / (Math.max(...arrived) - begin)
    const bare = await bareClient(local, channels, wanted)
    return {
      what: `an outbreak of ${wanted.toLocaleString('en')} alerts over ${channels.length} channels`,
      ...{ unit: 'alerts/s', values: [rate], goal: { atLeast: 0.95 * DISCORD_RATE } },
      beside: [{ name: 'discord.js alone, a message and a ready picture each', values: [bare] }],
      note: `${arrived.length} received within ${OUTBREAK_MS / 1_000} s; Discord allows ${DISCORD_RATE} requests/s`,
    }
  } finally {
    await store.close()
    local.close()
  }
}

/** Times at which the channels' messages were received, once there are so many or the wait is over. */
const allReceived = async (local: DiscordProcess, channels: readonly string[], wanted: number): Promise<number[]> => {
  const begin = Date.now()
  let times: number[] = []
  while (times.length < wanted && Date.now() - begin < OUTBREAK_MS) {
    await wait(1_000)
    const messages = await Promise.all(channels.map((id) => local.messages(id)))
    times = messages.flat().map(receivedAt)
  }
  return times
}

/** Messages a second that discord.js sends by itself, the same number to the same channels. */
const bareClient = async (local: DiscordProcess, channels: readonly string[], count: number): Promise<number> => {
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: local.apiUrl } })
  const ready = new Promise((resolve) => client.once('clientReady', resolve))
  await client.login(local.token)
  await ready
  const picture = await alertPicture()
  const begin = performance.now()
  await Promise.all(
    Array.from({ length: count }, (_, nr) =>
      (client.channels.cache.get(channels[nr % channels.length]!) as TextChannel).send({
        content: `alert ${nr}`,
        files: [{ attachment: picture, name: 'alert.png' }],
      }),
    ),
  )
  const seconds = (performance.now() - begin) / 1_000
  await client.destroy()
  return count / seconds
}

const alertPicture = (): Promise<Buffer> => {
  const span = spanOf(marketBars({ seed: 1, minutes: 96, pumpAt: 67 }))
  const drawn = alertChart({ stock: stockOf(), span, minute: unusualAt(span, 67) }, texts.ko.charts)
  return createCanvasCharts().png(drawn)
}

export const benchDeliver = async (): Promise<void> => printFigures([await latencyFigure(), await outbreakFigure()])

if (import.meta.main) await benchDeliver()

import type { Client } from 'discord.js'
import { commands } from '../commands/index.ts'
import { createCoalesced } from '../src/async/coalesced.ts'
import { createCharts } from '../src/bot/charts/index.ts'
import { createAlertMail } from '../src/bot/deliver/alerts.ts'
import { createChannelKeeper } from '../src/bot/deliver/channels.ts'
import { createDelivery, type Delivery } from '../src/bot/deliver/delivery.ts'
import { createNoticeMail, wasPostedIn } from '../src/bot/deliver/notices.ts'
import { createClient } from '../src/bot/discord/client.ts'
import { registerCommands } from '../src/bot/discord/register.ts'
import { createDispatcher } from '../src/bot/interaction/dispatch.ts'
import { type Market, openMarket } from '../src/market.ts'
import { startPasses } from '../src/passes.ts'
import type { BarSource } from '../src/pipeline/sources/source.ts'
import { createDirectory } from '../src/pipeline/stocks/directory.ts'
import { createDailyListings } from '../src/pipeline/stocks/listings.ts'
import type { Store } from '../src/pipeline/store/contract.ts'
import { until, Visitor } from '../tests/sandbox/visitor.ts'
import type { DiscordProcess } from '../tests/support/discord-process.ts'
import { never, silent } from './whole-market/market.ts'

/** The bot as `src/roles/all.ts` composes it, on a source of the bench, with a local Discord in another process. */
export interface Bot {
  readonly market: Market
  readonly delivery: Delivery
  /** Starts the bot's own schedule. */
  schedule(): void
  /** Types a command as a person does. @returns milliseconds until the answer with its embed is there */
  answerMs(name: string, symbol: string): Promise<number>
  stop(): Promise<void>
}

export const openBot = async (store: Store, source: BarSource, local: DiscordProcess): Promise<Bot> => {
  const now = Date.now
  const directory = createDirectory('krx')
  const listings = createDailyListings({ source, store, directory, log: silent, now })
  await listings.refresh(never)
  let deliver = async (): Promise<void> => {}
  const owed = () => void deliver()
  const market = await openMarket({ source, store, directory, log: silent, now, owed })
  const { pipeline, read, feed } = market
  const { watching } = pipeline
  const { token, apiUrl, applicationId } = local
  const discord = createClient({ token, api: apiUrl, applicationId, log: silent, now })
  await discord.start()
  const client = discord.client as Client<true>
  await registerCommands({ client, commands: commands.map(({ data }) => data), keyValues: store.keyValues })
  const charts = createCharts({ quickChartUrl: null, log: silent })
  const dispatcher = createDispatcher({ client, commands, read, watching, charts, log: silent })
  const delivery = createDelivery({
    client,
    mails: [
      createAlertMail({ outbox: store.outbox, read, charts, log: silent, now }),
      createNoticeMail({ board: feed, read, isOwn: () => true, wasPosted: wasPostedIn(client), now }),
    ],
    channels: createChannelKeeper({ client, read, watching, log: silent }),
    tokenWorks: discord.tokenWorks,
    log: silent,
    now,
  })
  deliver = createCoalesced(() => delivery.pass())
  const visitor = await Visitor.join({ ...local, url: await gatewayUrl(local) })
  let passes: ReturnType<typeof startPasses> | null = null
  return {
    market,
    delivery,
    schedule() {
      passes = startPasses({ source, pipeline, deliver, feed, listings, search: null, log: silent })
    },
    async answerMs(name, symbol) {
      const heard = visitor.heard.length
      const begin = performance.now()
      await visitor.command(name, [{ type: 3, name: 'symbol', value: symbol }])
      const answered = () =>
        visitor.heard.slice(heard).some(({ event, data }) => event.startsWith('MESSAGE') && data.embeds?.length > 0)
      await until(answered, `the answer to /${name}`, 60_000)
      return performance.now() - begin
    },
    async stop() {
      visitor.leave()
      await passes?.schedule.stop()
      await Promise.all([dispatcher.close(), delivery.close()])
      await pipeline.stop()
      await discord.stop()
    },
  }
}

/** The address under which the other process takes a person's connection. */
const gatewayUrl = async ({ apiUrl }: DiscordProcess): Promise<string> => {
  const { url } = (await (await fetch(`${apiUrl}/v10/gateway`)).json()) as { url: string }
  return new URL(url.replace('ws', 'http')).origin
}

import type { Client } from 'discord.js'
import { commands } from '../../commands/index.ts'
import { createCoalesced } from '../async/coalesced.ts'
import { unlessAborted } from '../async/time-limits.ts'
import { createCharts } from '../bot/charts/index.ts'
import { createAlertMail } from '../bot/deliver/alerts.ts'
import { createChannelKeeper } from '../bot/deliver/channels.ts'
import { createDelivery } from '../bot/deliver/delivery.ts'
import { createNoticeMail, wasPostedIn } from '../bot/deliver/notices.ts'
import { createClient, type Discord } from '../bot/discord/client.ts'
import { registerCommands } from '../bot/discord/register.ts'
import { isOwnGuild } from '../bot/discord/shards.ts'
import { createDispatcher } from '../bot/interaction/dispatch.ts'
import { openHomeSandbox } from '../home.ts'
import type { AnySource } from '../pipeline/sources/index.ts'
import type { Shards } from '../pipeline/store/records.ts'
import type { NoticeBoard, Read, Watching } from '../pipeline/views/views.ts'
import type { Sandbox } from '../sandbox/index.ts'
import type { Start } from './start.ts'

/** Everything that talks to Discord. */
export interface DiscordSide {
  readonly discord: Discord
  readonly client: Client<true>
  readonly sandbox: Sandbox | null
  /** The shards whose guilds are this process's. */
  readonly shards: Shards
  /** Posts what is owed. A call during a pass asks for one more. */
  deliver(): Promise<void>
  /** Begins nothing more, and waits for what has begun. */
  endTalks(): Promise<void>
}

interface Dependencies extends Start {
  readonly source: Pick<AnySource, 'speed'>
  readonly read: Read
  readonly watching: Watching
  readonly board: NoticeBoard
}

/** Signs in, registers the commands and answers them. */
export const openDiscordSide = async (dependencies: Dependencies): Promise<DiscordSide> => {
  const { config, store, log, stop, parts, source, read, watching, board } = dependencies
  const now = Date.now
  const sandbox = config.DISCORD_TOKEN === undefined ? await openHomeSandbox(config) : null
  if (sandbox) parts.defer(() => sandbox.close())
  const shards = { ids: config.SHARDS, count: config.SHARD_COUNT }
  const discord = createClient({
    token: config.DISCORD_TOKEN ?? sandbox?.token ?? '',
    api: sandbox?.apiUrl ?? config.DISCORD_API,
    applicationId: sandbox?.applicationId ?? config.DISCORD_APPLICATION_ID,
    shards,
    log,
    now,
  })
  parts.defer(() => discord.stop())
  await unlessAborted(discord.start(), stop)
  const client = discord.client as Client<true>
  await registerCommands({
    client,
    commands: commands.map(({ data }) => data),
    guildId: config.DISCORD_GUILD_ID,
    keyValues: store.keyValues,
  })
  const charts = createCharts({ quickChartUrl: config.QUICKCHART_URL ?? null, log })
  const dispatcher = createDispatcher({ client, commands, read, watching, charts, log })
  const delivery = createDelivery({
    client,
    mails: [
      createAlertMail({ outbox: store.outbox, read, charts, shards, log, now, speed: source.speed ?? 1 }),
      createNoticeMail({
        board,
        read,
        isOwn: (id) => isOwnGuild(client, id),
        wasPosted: wasPostedIn(client),
        now,
      }),
    ],
    channels: createChannelKeeper({ client, read, watching, log }),
    tokenWorks: discord.tokenWorks,
    log,
    now,
  })
  return {
    discord,
    client,
    sandbox,
    shards,
    deliver: createCoalesced(() => delivery.pass()),
    endTalks: async () => void (await Promise.all([dispatcher.close(), delivery.close()])),
  }
}

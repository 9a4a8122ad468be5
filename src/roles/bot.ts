import { shardOf } from '../bot/discord/shards.ts'
import { firstWatches } from '../first-start.ts'
import { holdLease } from '../lease.ts'
import { botMetrics, openRoleMonitoring } from '../monitoring.ts'
import { createNoticeBoard } from '../pipeline/feed/notice-board.ts'
import { startSchedule } from '../pipeline/run/schedule.ts'
import { createWatching } from '../pipeline/run/watching.ts'
import { createWait } from '../pipeline/run/wishes.ts'
import { createDirectoryOf } from '../pipeline/stocks/directory.ts'
import { createMarketWatches } from '../pipeline/stocks/market-watches.ts'
import { startDeciding } from './deciding.ts'
import { openDiscordSide } from './discord-side.ts'
import { createReadSide } from './read-side.ts'
import { openSharedView } from './shared-view.ts'
import { leave, type Start, type Started } from './start.ts'

/** Decides what the channels of its shards are owed, posts it, and answers commands. */
export const startBot = async (start: Start): Promise<Started> => {
  const { config, store, log, stop, parts } = start
  const now = Date.now
  const leases = []
  for (const shard of config.SHARDS) {
    const lease = await holdLease(
      {
        leases: store.leases,
        names: [`bot:${config.SHARD_COUNT}:${shard}`],
        other: `another bot has shard ${shard} of ${config.SHARD_COUNT}`,
        log,
      },
      stop,
    )
    parts.defer(() => lease.release())
    leases.push(lease)
  }
  const view = await openSharedView(start)
  const { source } = view
  const { series } = source
  const directory = createDirectoryOf(source.calendar)
  const readListings = async () => directory.replace((await store.listings.all(series)).listings)
  await readListings()

  const { read, boundaryOf } = createReadSide({ store, log, view, directory })
  const markets = createMarketWatches({ source, store, directory, now })
  // Nobody fetches what another program publishes: its stocks learn as their rows come.
  const fill = config.SOURCE === 'kafka' ? async () => {} : createWait({ series, store })
  const watching = createWatching({ source, store, markets, fill, changed: async () => {}, now })
  const owns = (guildId: string) => config.SHARDS.includes(shardOf(guildId, config.SHARD_COUNT))
  const owner = `${config.SHARD_COUNT}:${config.SHARDS.join(',')}`
  const board = createNoticeBoard({ source, directory, keyValues: store.keyValues, owner, owns })
  const side = await openDiscordSide({ ...start, source, read, watching, board })
  const { discord, client, sandbox, shards } = side

  const deciding = startDeciding({ config, store, log, view, boundaryOf, deliver: side.deliver })
  const schedule = startSchedule(
    [
      ...view.passes,
      { name: 'deliver', at: '* * * * * *', run: side.deliver },
      { name: 'listings', at: '*/30 * * * * *', run: readListings },
    ],
    log,
  )
  parts.defer(async () => {
    deciding.stop()
    await Promise.all([side.endTalks(), leave('passes', schedule.stop(), log)])
  })
  stop.throwIfAborted()
  const ending = new AbortController()
  parts.defer(() => ending.abort())
  const firstWatched = sandbox
    ? await firstWatches({ source, store, directory, watching, sandbox, log, ending: ending.signal })
    : []
  const monitoring = await openRoleMonitoring({
    port: config.HTTP_PORT,
    store,
    problem: () =>
      discord.problem() ??
      deciding.problem() ??
      (config.SOURCE === 'kafka' || view.market.isCollected() ? null : 'no collector has been heard of for 30 s'),
    metrics: async () =>
      botMetrics({ due: await store.outbox.countDue(shards), discordOk: discord.problem() === null }),
  })
  if (monitoring) parts.defer(() => monitoring.close())
  return {
    source,
    client,
    sandbox,
    firstWatched,
    healthUrl: monitoring?.url ?? null,
    ended: Promise.race([discord.ended, ...leases.map(({ lost }) => lost)]),
  }
}

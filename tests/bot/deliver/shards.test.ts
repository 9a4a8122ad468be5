import { Events } from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAlertMail, type Outbox } from '../../../src/bot/deliver/alerts.ts'
import { createClient } from '../../../src/bot/discord/client.ts'
import { type DiscordProcess, startDiscord } from '../../support/discord-process.ts'
import { onNextShard } from '../../support/next-shard.ts'
import { charts, readStub, silent } from '../stubs.ts'
import { openOutbox, startDelivery } from './setup.ts'

let server: DiscordProcess
let posts: Awaited<ReturnType<typeof openOutbox>>
/** Two guilds, each in the shard of its number, and a channel of each. */
let guilds: { guildId: string; channelId: string }[]
const bots: { stop(): Promise<void> }[] = []
beforeEach(async () => {
  server = await startDiscord()
  posts = await openOutbox()
  const { guildId, channelIds } = await server.addGuild('second', onNextShard(server.guildId))
  guilds = [
    { guildId: server.guildId, channelId: server.alertsChannelId },
    { guildId, channelId: channelIds[0]! },
  ]
})
afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.stop()
  await posts.close()
  server.close()
})

/** A bot of one of two shards, with the outbox that both share. */
const startBot = async (shard: number, outbox: Outbox = posts.outbox) => {
  const shards = { ids: [shard], count: 2 }
  const now = Date.now
  const discord = createClient({ token: server.token, api: server.apiUrl, shards, log: silent, now })
  const interruptions: string[] = []
  for (const event of [Events.ShardReconnecting, Events.ShardReady, Events.ShardDisconnect] as const)
    discord.client.on(event, () => interruptions.push(event))
  await discord.start()
  interruptions.splice(0)
  const mailOf: Parameters<typeof startDelivery>[0]['mailOf'] = (read) =>
    createAlertMail({ outbox, read, charts, shards, log: silent, now })
  const { delivery, watching } = startDelivery({ discord, mailOf, now })
  const bot = {
    pass: () => delivery.pass(),
    forgotten: watching.forgotten,
    interruptions,
    problem: () => discord.problem(),
    async stop() {
      await delivery.close()
      await discord.stop()
    },
  }
  bots.push(bot)
  return bot
}
/** Owes a post to the channel of each guild. */
const oweBoth = (name: string) =>
  posts.owe(
    ...guilds.map((to, shard) => ({ ...to, id: `${name}-${shard}`, episodeId: name, nonce: `${name}-${shard}` })),
  )
const counts = () => Promise.all(guilds.map(async ({ channelId }) => (await server.messages(channelId)).length))
const states = (name: string) => Promise.all([0, 1].map(async (shard) => (await posts.post(`${name}-${shard}`)).state))

test('each bot posts and edits the alerts of its own guilds, and the restart of one leaves the other alone', async () => {
  const [one, two] = await Promise.all([startBot(0), startBot(1)])
  await oweBoth('first')
  await one.pass()
  expect(await counts()).toEqual([1, 0])
  expect(await states('first')).toEqual(['sent', 'pending'])
  await two.pass()
  expect(await counts()).toEqual([1, 1])
  expect(await states('first')).toEqual(['sent', 'sent'])

  await one.stop()
  await oweBoth('second')
  await posts.grow('first')
  await two.pass()
  expect(await counts()).toEqual([1, 2])
  expect(await states('second')).toEqual(['pending', 'sent'])

  const again = await startBot(0)
  await again.pass()
  expect(await counts()).toEqual([2, 2])
  expect(await states('second')).toEqual(['sent', 'sent'])
  for (const { channelId } of guilds)
    expect((await server.messages(channelId)).map(({ edited_timestamp }) => edited_timestamp !== null)).toEqual([
      true,
      false,
    ])
  expect(two.interruptions).toEqual([])
  expect(two.problem()).toBeNull()
  expect([one.forgotten, two.forgotten, again.forgotten]).toEqual([[], [], []])
})

test('a bot reads only the posts that are owed to its own guilds', async () => {
  await oweBoth('first')
  const shards = { ids: [1], count: 2 }
  const mail = createAlertMail({ outbox: posts.outbox, read: readStub(), charts, shards, log: silent, now: Date.now })
  expect((await mail.owed()).map(({ id }) => id)).toEqual(['first-1'])
})

test('a message for a guild of another shard is neither sent nor dropped, even if it comes to the wrong bot', async () => {
  const one = await startBot(0, { ...posts.outbox, due: (perChannel) => posts.outbox.due(perChannel) })
  await oweBoth('first')
  await one.pass()
  await one.pass()
  expect(await states('first')).toEqual(['sent', 'pending'])
  expect(one.forgotten).toEqual([])
})

test('a guild that the bot was put out of is forgotten by the bot of its shard', async () => {
  const [one, two] = await Promise.all([startBot(0), startBot(1)])
  const gone = guilds[1]!.guildId
  await server.removeGuild(gone)
  await expect.poll(() => two.forgotten).toEqual([gone])
  await oweBoth('first')
  await one.pass()
  expect(one.forgotten).toEqual([])
  expect(await states('first')).toEqual(['sent', 'pending'])
})

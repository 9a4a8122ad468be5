// node:http before anything of discord.js: it makes Node's own undici the dispatcher of every fetch, as a program that serves /health does.
import 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAlertMail } from '../../../src/bot/deliver/alerts.ts'
import { createChannelKeeper } from '../../../src/bot/deliver/channels.ts'
import { createDelivery, type Delivery } from '../../../src/bot/deliver/delivery.ts'
import { createClient, type Discord } from '../../../src/bot/discord/client.ts'
import type { Store } from '../../../src/pipeline/store/contract.ts'
import { openStore } from '../../../src/pipeline/store/index.ts'
import type { ChannelSettings, PostRecord } from '../../../src/pipeline/store/records.ts'
import { folder, start } from '../../support/child.ts'
import { type DiscordProcess, startDiscord } from '../../support/discord-process.ts'
import { charts, readStub, settingsOf, silent, watchingStub } from '../stand.ts'
import { alertView, episode, post } from '../views.ts'

let server: DiscordProcess
let discord: Discord
let store: Store
let delivery: Delivery
let settings: Map<string, ChannelSettings>
/** Our clock runs as fast as the tests need: what waits for a minute does not make them wait. */
let ahead = 0
const now = () => Date.now() + ahead

beforeEach(async () => {
  server = await startDiscord()
  discord = createClient({ token: server.token, api: server.apiUrl, log: silent, now })
  await discord.start()
  store = await openStore('sqlite::memory:', { log: silent })
  settings = new Map()
  ahead = 0
  const read = readStub({
    settings: async (channelId, guildId) => settings.get(channelId) ?? settingsOf(channelId, guildId),
    alert: async () => alertView,
  })
  const watching = watchingStub({ saveSettings: async (one) => void settings.set(one.channelId, one) })
  delivery = createDelivery({
    client: discord.client,
    mails: [createAlertMail({ outbox: store.outbox, read, charts, log: silent, now })],
    channels: createChannelKeeper({ client: discord.client, read, watching, log: silent }),
    tokenWorks: discord.tokenWorks,
    log: silent,
    now,
  })
})
afterEach(async () => {
  await delivery.close()
  await discord.stop()
  await store.close()
  server.close()
})

/** Owes a post to a channel. */
const owe = async (channelId: string, part: Partial<PostRecord> = {}): Promise<string> => {
  const id = part.id ?? `post-${channelId}`
  const owed = {
    ...post,
    id,
    nonce: id.slice(0, 25),
    channelId,
    guildId: server.guildId,
    episodeId: `e-${id}`,
    ...part,
  }
  await store.signals.commit({
    series: 'simulated',
    symbol: '038530',
    judgedUntil: 1,
    signals: [],
    episodes: [{ ...episode, id: owed.episodeId }],
    posts: [owed],
    touched: [],
  })
  return id
}
/** Passes as they come, ten a second, our clock a minute a pass, until the channel has so many messages. */
const untilPosted = async (channelId: string, count: number) => {
  await expect
    .poll(
      async () => {
        await delivery.pass()
        ahead += 5_000
        return (await server.messages(channelId)).length
      },
      { interval: 100, timeout: 60_000 },
    )
    .toBe(count)
}

describe('a server before Discord', () => {
  test.for([429, 500, 503])(
    'that answers uploads with %i before it has read them ends nothing: the post goes out once',
    async (status) => {
      const headers: Record<string, string> = status === 429 ? { 'retry-after': '1' } : {}
      await server.door({ refusals: Array.from({ length: 6 }, () => ({ status, headers })) })
      await owe(server.alertsChannelId)
      await untilPosted(server.alertsChannelId, 1)
    },
  )

  test.for([
    { name: 'code 40333', refusal: { status: 403, body: '{"message":"internal network error","code":40333}' } },
    { name: 'a page of its own', refusal: { status: 403, body: '<html>Attention Required</html>', type: 'text/html' } },
  ])('that refuses with 403 and $name is waited for; the channel is not called forbidden', async ({ refusal }) => {
    await server.door({ refusals: [refusal, refusal, refusal] })
    await owe(server.alertsChannelId)
    await untilPosted(server.alertsChannelId, 1)
    expect(settings.get(server.alertsChannelId)?.pausedReason ?? null).toBeNull()
  })

  test('that refuses the token once is asked again', async () => {
    await server.refuseOnce(`/channels/${server.alertsChannelId}/messages`, 401)
    await owe(server.alertsChannelId)
    await untilPosted(server.alertsChannelId, 1)
    expect(discord.problem()).toBeNull()
  })
})

test('a channel that hangs, with 250 posts owed to it, holds up no other', async () => {
  await server.door({ hangs: server.alertsChannelId })
  for (let i = 0; i < 250; i++) await owe(server.alertsChannelId, { id: `old-${i}`, createdAt: i })
  const others = await Promise.all(Array.from({ length: 13 }, (_, i) => server.addChannel(`room-${i}`)))
  for (const id of others) await owe(id, { createdAt: 10_000 })
  await expect.poll(() => others.every((id) => discord.client.channels.cache.has(id))).toBe(true)
  await delivery.pass()
  await expect
    .poll(async () => (await Promise.all(others.map((id) => server.messages(id)))).flat().length, { timeout: 20_000 })
    .toBe(13)
})

test('without Read Message History a rise is posted by itself, and the missing permission is named once', async () => {
  const { alertsChannelId, generalChannelId } = server
  await owe(alertsChannelId, { id: 'alert', episodeId: 'one' })
  await untilPosted(alertsChannelId, 1)
  await server.deny(alertsChannelId, 'ReadMessageHistory')
  const guild = discord.client.guilds.cache.get(server.guildId)
  if (guild) guild.systemChannelId = generalChannelId
  for (const sequence of [0, 1])
    await owe(alertsChannelId, { id: `rise-${sequence}`, episodeId: 'one', kind: 'rise', sequence })
  await untilPosted(alertsChannelId, 3)
  expect((await server.messages(alertsChannelId)).map(({ message_reference }) => message_reference ?? null)).toEqual([
    null,
    null,
    null,
  ])
  const notices = await server.messages(generalChannelId)
  expect(notices.map(({ content }) => content)).toEqual([expect.stringContaining('메시지 기록 보기')])
  expect(settings.get(alertsChannelId)?.pausedReason ?? null).toBeNull()
})

test('a token that Discord takes back ends the process with one sentence', async () => {
  const running = start({
    cwd: folder(),
    env: { DISCORD_TOKEN: server.token, DISCORD_API: server.apiUrl, LOG_LEVEL: 'silent' },
  })
  await expect.poll(() => running.stdout(), { timeout: 60_000 }).toContain('is running')
  await server.revokeToken()
  await server.endGateway(4004)
  const ended = await running.ended
  expect(ended.code).toBe(1)
  expect(ended.stderr).toBe(
    'Discord refused DISCORD_TOKEN, and nothing can be posted: put a good one in its place and start again.\n',
  )
})

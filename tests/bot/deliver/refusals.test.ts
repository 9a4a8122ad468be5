// Imported before discord.js, because node:http makes Node's undici the dispatcher of every fetch, as in a process that
// serves /health.
import 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createAlertMail } from '../../../src/bot/deliver/alerts.ts'
import type { Delivery } from '../../../src/bot/deliver/delivery.ts'
import { createClient, type Discord } from '../../../src/bot/discord/client.ts'
import type { ChannelSettings, PostRecord } from '../../../src/pipeline/store/records.ts'
import { folder, start } from '../../support/child.ts'
import { type DiscordProcess, startDiscord } from '../../support/discord-process.ts'
import { charts, silent } from '../stubs.ts'
import { openOutbox, startDelivery } from './setup.ts'

let server: DiscordProcess
let discord: Discord
let posts: Awaited<ReturnType<typeof openOutbox>>
let delivery: Delivery
let settings: ReadonlyMap<string, ChannelSettings>
/** Our clock runs as fast as the tests need, so that no test waits for a wait of minutes. */
let ahead = 0
const now = () => Date.now() + ahead

beforeEach(async () => {
  server = await startDiscord()
  discord = createClient({ token: server.token, api: server.apiUrl, log: silent, now })
  await discord.start()
  posts = await openOutbox()
  ahead = 0
  const { outbox } = posts
  ;({ delivery, settings } = startDelivery({
    discord,
    mailOf: (read) => createAlertMail({ outbox, read, charts, log: silent, now }),
    now,
    passMs: 800,
  }))
})
afterEach(async () => {
  await delivery.close()
  await discord.stop()
  await posts.close()
  server.close()
})

/** Owes a post to a channel. */
const owe = (channelId: string, part: Partial<PostRecord> = {}): Promise<void> => {
  const id = part.id ?? `post-${channelId}`
  return posts.owe({
    id,
    nonce: id.slice(0, 25),
    channelId,
    guildId: server.guildId,
    episodeId: `e-${id}`,
    ...part,
  })
}
/** Makes ten passes a second, five seconds of our clock apart, until the channel has so many messages. */
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
      await server.setEdge({ refusals: Array.from({ length: 6 }, () => ({ status, headers })) })
      await owe(server.alertsChannelId)
      await untilPosted(server.alertsChannelId, 1)
    },
  )

  test.for([
    { name: 'code 40333', refusal: { status: 403, body: '{"message":"internal network error","code":40333}' } },
    { name: 'a page of its own', refusal: { status: 403, body: '<html>Attention Required</html>', type: 'text/html' } },
  ])('that refuses with 403 and $name is waited for; the channel is not called forbidden', async ({ refusal }) => {
    await server.setEdge({ refusals: [refusal, refusal, refusal] })
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
  await server.setEdge({ hangs: server.alertsChannelId })
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

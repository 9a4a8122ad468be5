import { Events } from 'discord.js'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClient, type Discord } from '../../../src/bot/discord/client.ts'
import type { Shards } from '../../../src/pipeline/store/records.ts'
import { type DiscordProcess, startDiscord } from '../../support/discord-process.ts'
import { onNextShard } from '../../support/next-shard.ts'
import { silent } from '../stubs.ts'

let server: DiscordProcess
/** A guild in the second of two shards; the first guild is in the first one. */
let second: { guildId: string; channelIds: string[] }
const clients: Discord[] = []
beforeEach(async () => {
  server = await startDiscord()
  second = await server.addGuild('second', onNextShard(server.guildId))
})
afterEach(async () => {
  for (const discord of clients.splice(0)) await discord.stop()
  server.close()
  vi.unstubAllEnvs()
})

const connect = (shards?: Shards): Discord => {
  const { token, apiUrl: api } = server
  const discord = createClient({ token, api, ...(shards ? { shards } : {}), log: silent, now: Date.now })
  clients.push(discord)
  return discord
}
const guildsOf = ({ client }: Discord) => [...client.guilds.cache.keys()]

test('a client of some shards knows their guilds only', async () => {
  const [one, two] = [0, 1].map((id) => connect({ ids: [id], count: 2 })) as [Discord, Discord]
  await Promise.all([one.start(), two.start()])
  expect(guildsOf(one)).toEqual([server.guildId])
  expect(guildsOf(two)).toEqual([second.guildId])
})

test('a client of several shards is ready once all are, and one that is away is a problem', async () => {
  const discord = connect({ ids: [0, 1], count: 2 })
  const problems: (string | null)[] = []
  discord.client.once(Events.ShardReady, () => problems.push(discord.problem()))
  await discord.start()
  expect(problems).toEqual([expect.stringMatching(/^no connection to Discord on shard 1 \(\w+\): it comes back/)])
  expect(guildsOf(discord).toSorted()).toEqual([server.guildId, second.guildId].toSorted())
  expect(discord.problem()).toBeNull()

  const whileAway = new Promise((done) => discord.client.once(Events.ShardReconnecting, () => done(discord.problem())))
  await server.endGateway(4000, 1)
  expect(await whileAway).toMatch(/^no connection to Discord on shard 1 \(\w+\): it comes back by itself/)
  await expect.poll(() => discord.problem()).toBeNull()

  await server.endGateway(4014, 1)
  expect((await discord.ended).message).toMatch(/^Discord ended the connection for good \(code 4014\)/)
  expect(discord.problem()).toBe('Discord ended the connection on shard 1 for good (code 4014): start again')
})

test('too few shards are one sentence that names the setting', async () => {
  const discord = connect({ ids: [1], count: 2 })
  await discord.start()
  await server.endGateway(4011)
  expect((await discord.ended).message).toMatch(/^Discord refused SHARD_COUNT: .* Raise it, in all processes alike/)
})

test.for([
  { SHARDS: '', SHARD_COUNT: '' },
  { SHARDS: '0-1', SHARD_COUNT: '2' },
])('the environment %j, which discord.js reads too, changes nothing', async (environment) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
  const discord = connect()
  await discord.start()
  expect(guildsOf(discord).toSorted()).toEqual([server.guildId, second.guildId].toSorted())
  expect(discord.client.options).toMatchObject({ shards: [0], shardCount: 1 })
})

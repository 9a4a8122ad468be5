import { Client, Events, GatewayIntentBits, SlashCommandBuilder } from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { openSandbox, type Sandbox } from '../../src/sandbox/index.ts'
import { onNextShard } from '../support/next-shard.ts'
import { login } from './bot.ts'
import { until, Visitor } from './visitor.ts'

let sandbox: Sandbox
/** The first guild is in the first of two shards, the second guild in the second. */
let second: { guildId: string; channelIds: string[] }
const clients: Client[] = []
beforeEach(async () => {
  sandbox = await openSandbox({ port: 0 })
  second = sandbox.state.addGuild({ name: 'second', id: onNextShard(sandbox.guildId), channels: ['news'] })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.destroy()))
  await sandbox.close()
})

const start = async (shard: number, shardCount: number): Promise<Client<true>> => {
  const { apiUrl: api, cdnUrl: cdn } = sandbox
  const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api, cdn }, shards: [shard], shardCount })
  clients.push(client)
  return login(sandbox, client as Client<true>)
}
const guildsOf = (client: Client) => [...client.guilds.cache.keys()]
const channelsOf = (client: Client) => client.channels.cache.map((channel) => 'name' in channel && channel.name)

test('each shard gets its own guilds and their events', async () => {
  const [one, two] = await Promise.all([start(0, 2), start(1, 2)])
  expect(guildsOf(one)).toEqual([sandbox.guildId])
  expect(guildsOf(two)).toEqual([second.guildId])

  sandbox.state.addChannel({ name: 'one' })
  sandbox.state.addChannel({ name: 'two', guildId: second.guildId })
  const third = sandbox.state.addGuild({ name: 'third', id: onNextShard(second.guildId), channels: ['three'] })
  await expect.poll(() => channelsOf(one)).toEqual(['alerts', 'general', 'one', 'three'])
  await expect.poll(() => channelsOf(two)).toEqual(['news', 'two'])

  sandbox.state.removeGuild(third.guildId)
  sandbox.state.removeGuild(second.guildId)
  await expect.poll(() => guildsOf(one)).toEqual([sandbox.guildId])
  await expect.poll(() => guildsOf(two)).toEqual([])
})

test('a resumed session keeps its shard', async () => {
  const client = await start(1, 2)
  const resumed = new Promise((done) => client.once(Events.ShardResume, done))
  sandbox.faults.cutGateway(1)
  await until(() => !sandbox.state.botConnected(), 'the connection to end')
  sandbox.state.addChannel({ name: 'one' })
  sandbox.state.addChannel({ name: 'two', guildId: second.guildId })
  await resumed
  await expect.poll(() => channelsOf(client)).toEqual(['news', 'two'])
})

test('a fault of one shard leaves the others connected', async () => {
  const [one, two] = await Promise.all([start(0, 2), start(1, 2)])
  let interruptions = 0
  one.on(Events.ShardReconnecting, () => interruptions++)
  const resumed = new Promise((done) => two.once(Events.ShardResume, done))
  sandbox.faults.closeGateway(4000, 1)
  await resumed
  expect(interruptions).toBe(0)
})

test('a command goes to every session of its guild’s shard and to no other', async () => {
  const [one, two, twin] = await Promise.all([start(0, 2), start(1, 2), start(1, 2)])
  await one.application.commands.set([new SlashCommandBuilder().setName('hello').setDescription('Says hello').toJSON()])
  const seen: string[] = []
  for (const [name, client] of Object.entries({ one, two, twin }))
    client.on(Events.InteractionCreate, ({ guildId }) => seen.push(`${name} ${guildId}`))
  const visitor = await Visitor.join(sandbox)
  const type = async (guildId: string, channelId: string | undefined) =>
    (
      await visitor.send({
        type: 2,
        application_id: sandbox.applicationId,
        guild_id: guildId,
        channel_id: channelId,
        data: { name: 'hello', type: 1, options: [] },
      })
    ).status
  expect(await type(second.guildId, second.channelIds[0])).toBe(204)
  expect(await type(sandbox.guildId, sandbox.alertsChannelId)).toBe(204)
  await expect
    .poll(() => seen.toSorted())
    .toEqual([`one ${sandbox.guildId}`, `twin ${second.guildId}`, `two ${second.guildId}`])
})

test.for([[[2, 2]], [[-1, 2]], [[0, 0]], [[0.5, 2]], [['0', '1']], [[0]], [[0, 1, 2]], ['0,1']])(
  'the shard %j is refused with 4010',
  async ([shard]) => {
    const socket = new WebSocket(`${sandbox.url.replace('http', 'ws')}/gateway?v=10&encoding=json`)
    const closed = new Promise<number>((done) => socket.once('close', done))
    socket.once('message', () =>
      socket.send(JSON.stringify({ op: 2, d: { token: sandbox.token, intents: 1, properties: {}, shard } })),
    )
    expect(await closed).toBe(4010)
  },
)

test('a program is told how many shards to start, and how many sessions it may open at once', async () => {
  const answer = await fetch(`${sandbox.apiUrl}/v10/gateway/bot`, {
    headers: { authorization: `Bot ${sandbox.token}` },
  })
  expect(await answer.json()).toMatchObject({ shards: 1, session_start_limit: { total: 1_000, max_concurrency: 1 } })
})

test('a person opens a guild, and the bot is in it', async () => {
  const client = await start(0, 1)
  const post = (body: object, headers: Record<string, string> = {}) =>
    fetch(`${sandbox.apiUrl}/v10/guilds`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const opened = await post({ name: 'mine' })
  expect(opened.status).toBe(201)
  const { id } = (await opened.json()) as { id: string }
  await expect.poll(() => client.guilds.cache.get(id)?.channels.cache.map(({ name }) => name)).toEqual(['general'])
  expect((await post({ name: 'x' })).status).toBe(400)
  expect((await post({ name: 'mine' }, { authorization: `Bot ${sandbox.token}` })).status).toBe(403)
})

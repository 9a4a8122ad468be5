import { Events } from 'discord.js'
import { afterEach, expect, test } from 'vitest'
import { commands } from '../../../commands/index.ts'
import { createClient, type Discord } from '../../../src/bot/discord/client.ts'
import { registerCommands } from '../../../src/bot/discord/register.ts'
import { openSandbox } from '../../../src/sandbox/index.ts'
import { openDiscordSetup } from '../discord-setup.ts'
import { silent } from '../stubs.ts'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close()
})
const keep = <T extends { close(): Promise<void> }>(one: T): T => {
  opened.push(one)
  return one
}
const connect = (api: string, token: string, now = Date.now): Discord => {
  const discord = createClient({ token, api, log: silent, now })
  opened.push({ close: () => discord.stop() })
  return discord
}

test('a refused token is one sentence that names the setting', async () => {
  const sandbox = keep(await openSandbox({ port: 0 }))
  await expect(connect(sandbox.apiUrl, 'not-the-token').start()).rejects.toMatchObject({
    name: 'SetupError',
    message: expect.stringMatching(/^DISCORD_TOKEN was refused/),
  })
})

test('a server that is not there is one sentence that names the address', async () => {
  const sandbox = await openSandbox({ port: 0 })
  await sandbox.close()
  await expect(connect(sandbox.apiUrl, 'any').start()).rejects.toMatchObject({
    name: 'SetupError',
    message: expect.stringContaining(`Discord at ${sandbox.apiUrl} (DISCORD_API) does not answer: `),
  })
})

test('what is wrong follows the connection, not what discord.js calls ready', async () => {
  const { discord, sandbox } = keep(await openDiscordSetup())
  expect(discord.problem()).toBeNull()

  sandbox.faults.closeGateway(4014)
  await expect.poll(() => discord.problem()).toBe('Discord ended the connection for good (code 4014): start again')
  expect(discord.client.isReady()).toBe(true)
})

test('a token that is refused in the middle of the day is said as that, with every shard ready', async () => {
  const { discord, sandbox } = keep(await openDiscordSetup())
  sandbox.faults.tokenRevoked = true
  await expect(discord.client.rest.get('/users/@me')).rejects.toThrow()
  await expect
    .poll(() => discord.problem())
    .toBe('Discord refused the token: put a good one into DISCORD_TOKEN and start again')
  expect((await discord.ended).message).toContain('DISCORD_TOKEN')
})

test('so is one that the gateway refuses; the spent token of a command is not the bot’s', async () => {
  const { discord, sandbox } = keep(await openDiscordSetup())
  sandbox.faults.rest({ path: '/webhooks/', fault: { kind: 'status', status: 401, when: 'before' } })
  const spent = discord.client.rest.patch(`/webhooks/${sandbox.applicationId}/spent/messages/@original`, {
    auth: false,
    body: { content: 'x' },
  })
  await expect(spent).rejects.toMatchObject({ status: 401 })
  expect(discord.problem()).toBeNull()
  sandbox.faults.closeGateway(4004)
  await expect.poll(() => discord.problem()).toMatch(/^Discord refused the token/)
})

test('a line without heartbeats is said to be silent, with every shard ready', async () => {
  const sandbox = keep(await openSandbox({ port: 0 }))
  let slept = 0
  const discord = connect(sandbox.apiUrl, sandbox.token, () => Date.now() + slept)
  await discord.start()
  expect(discord.problem()).toBeNull()
  slept = 200_000
  expect(discord.problem()).toMatch(/^Discord has been silent for 20\d s: check the network/)
})

test('a cut connection comes back by itself', async () => {
  const { discord, sandbox } = keep(await openDiscordSetup())
  // The connection may be back at once, so the problem is asked for in the same moment.
  const whileCut = new Promise((resolve) =>
    discord.client.once(Events.ShardReconnecting, () => resolve(discord.problem())),
  )
  sandbox.faults.cutGateway()
  expect(await whileCut).toMatch(/^no connection to Discord \(\w+\): it comes back by itself/)
  await expect.poll(() => discord.problem()).toBeNull()
})

test('only the Guilds intent is asked for, and nobody is ever pinged', async () => {
  const { discord, sandbox } = keep(await openDiscordSetup())
  expect(discord.client.options.intents.toArray()).toEqual(['Guilds'])
  const channel = await discord.client.channels.fetch(sandbox.generalChannelId)
  if (!channel?.isSendable()) throw new Error('no channel to write to')
  await channel.send('@everyone <@1>')
  expect(sandbox.state.messages(sandbox.generalChannelId).at(-1)).toMatchObject({
    mention_everyone: false,
    mentions: [],
  })
})

test('commands are sent once, again when one has changed, and again when somebody took them away', async () => {
  const { discord, sandbox } = keep(await openDiscordSetup())
  const { client } = discord
  if (!client.isReady()) throw new Error('not ready')
  const keyValues = new Map<string, string>()
  const port = {
    get: async (name: string) => keyValues.get(name) ?? null,
    set: async (name: string, value: string) => void keyValues.set(name, value),
  }
  const all = commands.map(({ data }) => data)
  const register = (list = all) =>
    registerCommands({ client, commands: list, keyValues: port, guildId: sandbox.guildId })

  expect(await register()).toBe('registered')
  expect(await register()).toBe('unchanged')
  expect(sandbox.state.commands(sandbox.guildId).map(({ name }) => name)).toEqual(all.map(({ name }) => name))
  expect(await register(all.map((data) => ({ ...data, description: 'other' })))).toBe('registered')
  expect(await register()).toBe('registered')
  await client.rest.put(`/applications/${sandbox.applicationId}/guilds/${sandbox.guildId}/commands`, { body: [] })
  expect(await register()).toBe('registered')
  expect(await register()).toBe('unchanged')
})

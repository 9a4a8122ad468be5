import { type Client, type DiscordAPIError, Events, PermissionFlagsBits, type TextChannel } from 'discord.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSandbox, type Sandbox } from '../../src/sandbox/index.ts'
import { COMMANDS, chartEmbed, login, newClient, startBot } from './bot.ts'
import { picture, SIZE } from './picture.ts'
import { until, Visitor } from './visitor.ts'

let sandbox: Sandbox
const clients: Client[] = []
beforeEach(async () => {
  sandbox = await openSandbox({ port: 0 })
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.destroy()))
  await sandbox.close()
})
const bot = async () => {
  const client = await startBot(sandbox)
  clients.push(client)
  return client
}
const alerts = (client: Client<true>) => client.channels.cache.get(sandbox.alertsChannelId) as TextChannel
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: DiscordAPIError) => error.code,
  )

test('an untouched discord.js client logs in and knows the guild, its channels and its permissions', async () => {
  const client = await bot()
  const guild = client.guilds.cache.get(sandbox.guildId)
  expect(client.user.bot).toBe(true)
  expect(guild?.channels.cache.map((channel) => channel.name)).toEqual(['alerts', 'general'])
  expect(guild?.members.me?.permissions.has(PermissionFlagsBits.SendMessages)).toBe(true)
  expect(alerts(client).permissionsFor(client.user)?.has(PermissionFlagsBits.AttachFiles)).toBe(true)
  expect((await client.guilds.fetch()).size).toBe(1)
  expect((await alerts(client).fetch()).name).toBe('alerts')
})

test('a wrong token is refused at the door', async () => {
  const client = newClient(sandbox)
  await expect(client.login('wrong')).rejects.toThrow(/token/i)
})

test('commands are registered once, keep their ids, and speak the language of the reader', async () => {
  const client = await bot()
  const first = await client.application.commands.fetch({ withLocalizations: true })
  const second = await client.application.commands.set(COMMANDS)
  expect(second.map(({ id, version }) => `${id} ${version}`)).toEqual(
    first.map(({ id, version }) => `${id} ${version}`),
  )
  const path = `${sandbox.apiUrl}/v10/applications/${sandbox.applicationId}/commands`
  const seen = (await (await fetch(path, { headers: { 'x-discord-locale': 'ko' } })).json()) as {
    name: string
    description_localized: string
  }[]
  expect(seen.find(({ name }) => name === 'secret')?.description_localized).toBe('나만 볼 수 있는 답')
})

test('a slash command is answered with an embed whose picture can be fetched', async () => {
  await bot()
  const visitor = await Visitor.join(sandbox)
  await visitor.command('chart', [{ type: 3, name: 'symbol', value: '038530' }], { locale: 'ko' })
  const message = await visitor.hears('MESSAGE_CREATE')
  expect(message).toMatchObject({
    type: 20,
    attachments: [],
    embeds: [{ title: '038530 차트', image: { ...SIZE, description: 'chart of 038530' } }],
  })
  expect(message.interaction_metadata).toMatchObject({ name: 'chart', user: { username: 'you' } })
  const image = await fetch(message.embeds[0].image.url)
  expect(image.headers.get('content-type')).toBe('image/png')
  expect(Buffer.from(await image.arrayBuffer()).equals(await picture())).toBe(true)
  expect((await visitor.messages()).map(({ id }) => id)).toEqual([message.id])
})

test('a deferred answer thinks, then shows the picture without counting as edited, then goes on', async () => {
  await bot()
  const visitor = await Visitor.join(sandbox)
  await visitor.command('slow')
  expect(await visitor.hears('MESSAGE_CREATE', ({ flags }) => flags === 128)).toMatchObject({ content: '' })
  const edited = await visitor.hears('MESSAGE_UPDATE')
  expect(edited).toMatchObject({
    content: 'done thinking',
    flags: 0,
    edited_timestamp: null,
    attachments: [{ filename: 'late.png', description: 'a late picture', ...SIZE }],
  })
  const more = await visitor.hears('MESSAGE_CREATE', ({ content }) => content === 'and one more thing')
  expect(more.message_reference.message_id).toBe(edited.id)
})

test('an ephemeral answer reaches the session that asked and nobody else', async () => {
  await bot()
  const asker = await Visitor.join(sandbox)
  const other = await Visitor.join(sandbox)
  await asker.command('secret')
  expect(await asker.hears('MESSAGE_CREATE')).toMatchObject({ content: 'a secret', flags: 64 })
  await asker.command('menu')
  await other.hears('MESSAGE_CREATE', ({ content }) => content === 'choose')
  expect(other.heard.filter(({ event }) => event === 'MESSAGE_CREATE')).toHaveLength(1)
  expect((await other.messages()).map(({ content }) => content)).toEqual(['choose'])
})

test('autocomplete brings the choices of the bot', async () => {
  await bot()
  const visitor = await Visitor.join(sandbox)
  const nonce = await visitor.command('chart', [{ type: 3, name: 'symbol', value: '코아', focused: true }], { type: 4 })
  const answer = await visitor.hears('APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE')
  expect(answer).toEqual({ nonce, choices: [{ name: '코아시아 (038530)', value: '038530' }] })
})

test('buttons change their message or answer in private', async () => {
  await bot()
  const visitor = await Visitor.join(sandbox)
  await visitor.command('menu')
  const menu = await visitor.hears('MESSAGE_CREATE')
  await visitor.press(menu, 'mute')
  expect(await visitor.hears('MESSAGE_CREATE', ({ flags }) => flags === 64)).toMatchObject({
    content: 'just for you',
    message_reference: { message_id: menu.id },
  })
  await visitor.press(menu, 'again')
  expect(await visitor.hears('MESSAGE_UPDATE')).toMatchObject({
    id: menu.id,
    content: 'pressed by you',
    components: [],
  })
  await expect(visitor.press(menu, 'again')).rejects.toThrow('COMPONENT_VALIDATION_FAILED')
})

test('what a person fills in must fit the command', async () => {
  await bot()
  const visitor = await Visitor.join(sandbox)
  await expect(visitor.command('chart')).rejects.toThrow('BASE_TYPE_REQUIRED')
  await expect(visitor.command('nothing')).rejects.toThrow('10063')
  await expect(
    visitor.command('chart', [
      { type: 3, name: 'symbol', value: 'x' },
      { type: 4, name: 'size', value: 3 },
    ]),
  ).rejects.toThrow('APPLICATION_COMMAND_INVALID_CHOICE')
})

test('a nonce that is enforced posts once, whatever happened to the first answer', async () => {
  const client = await bot()
  const fault = sandbox.faults.rest({
    method: 'POST',
    path: '/messages',
    fault: { kind: 'status', status: 500, when: 'after' },
  })
  const message = await alerts(client).send({ content: 'once', nonce: 'episode-1', enforceNonce: true })
  expect(fault.hits).toBe(1)
  sandbox.faults.rest({ method: 'POST', path: '/messages', fault: { kind: 'status', status: 500, when: 'after' } })
  await alerts(client).send({ content: 'twice' })
  expect(
    sandbox.state.messages(sandbox.alertsChannelId).map(({ id, content }) => [id === message.id, content]),
  ).toEqual([
    [true, 'once'],
    [false, 'twice'],
    [false, 'twice'],
  ])
})

test('a socket cut after the commit leaves the message, and the nonce finds it again', async () => {
  const client = await bot()
  sandbox.faults.rest({ method: 'POST', path: '/messages', fault: { kind: 'cut', when: 'after' } })
  const post = () => alerts(client).send({ content: 'cut', nonce: 'episode-2', enforceNonce: true })
  await expect(post()).rejects.toThrow()
  const again = await post()
  expect(sandbox.state.messages(sandbox.alertsChannelId).map(({ id }) => id)).toEqual([again.id])
})

test('limits are Discord’s: characters, the sum over all embeds, and file sizes', async () => {
  const client = await bot()
  const long = (length: number) => 'a'.repeat(length)
  const error = await alerts(client)
    .send(long(2001))
    .catch((refusal: DiscordAPIError) => refusal)
  expect(error).toMatchObject({
    status: 400,
    code: 50035,
    rawError: { errors: { content: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH' }] } } },
  })
  const embeds = [1, 2].map(() => ({ description: long(3001) }))
  const sum = await alerts(client)
    .send({ embeds })
    .catch((refusal: DiscordAPIError) => refusal)
  expect(sum).toMatchObject({
    code: 50035,
    rawError: { errors: { embeds: { _errors: [{ code: 'MAX_EMBED_SIZE_EXCEEDED' }] } } },
  })
  await alerts(client).send({ embeds: [1, 2].map(() => ({ description: long(3000) })) })
  const files = [{ attachment: Buffer.alloc(10 * 1024 * 1024 + 1), name: 'large.bin' }]
  expect(
    await alerts(client)
      .send({ files })
      .catch((refusal: DiscordAPIError) => refusal),
  ).toMatchObject({ status: 413, code: 40005 })
  expect(await codeOf(alerts(client).send({ embeds: [chartEmbed('no such file')] }))).toBe(50035)
  expect(await codeOf(client.rest.post(`/channels/${sandbox.generalChannelId}/messages`, { body: {} }))).toBe(50006)
})

test('an edit keeps, replaces and drops files as it says', async () => {
  const client = await bot()
  const file = async (name: string) => ({ attachment: await picture(), name })
  const message = await alerts(client).send({ embeds: [chartEmbed('one')], files: [await file('chart.png')] })
  const url = message.embeds[0]?.image?.url ?? ''
  const title = await message.edit({ embeds: [chartEmbed('two').setImage(url)] })
  expect(title.embeds[0]).toMatchObject({ title: 'two', image: { url, width: SIZE.width } })
  const replaced = await message.edit({
    embeds: [chartEmbed('three').setImage('attachment://new.png')],
    files: [await file('new.png')],
    attachments: [],
  })
  expect(replaced.embeds[0]?.image?.url).toMatch(/new\.png$/)
  expect((await fetch(url)).status).toBe(404)
  expect((await message.edit({ embeds: [], content: 'bare', attachments: [] })).attachments.size).toBe(0)
  await message.delete()
  expect(await codeOf(alerts(client).messages.fetch({ message: message.id, force: true }))).toBe(10008)
})

test('an answer after three seconds, and a second answer, are refused', async () => {
  const client = await login(sandbox)
  clients.push(client)
  await client.application.commands.set(COMMANDS)
  const visitor = await Visitor.join(sandbox)
  const asked = () =>
    new Promise<import('discord.js').RepliableInteraction>((done) =>
      client.once(Events.InteractionCreate, (one) => done(one as never)),
    )
  const [late] = await Promise.all([asked(), visitor.command('silent')])
  const failure = await visitor.hears('INTERACTION_FAILURE')
  expect(failure.id).toBe(late.id)
  expect(await codeOf(late.reply('too late'))).toBe(10062)
  const [twice] = await Promise.all([asked(), visitor.command('silent')])
  await twice.reply('first')
  const second = client.rest.post(`/interactions/${twice.id}/${twice.token}/callback`, {
    body: { type: 4, data: { content: 'second' } },
    auth: false,
  })
  expect(await codeOf(second)).toBe(40060)
  sandbox.state.ageInteractions(15 * 60_000)
  expect(await codeOf(twice.editReply('a quarter of an hour later'))).toBe(50027)
})

test('the sixth post within five seconds has to wait, and the client waits by itself', async () => {
  const client = await bot()
  const post = (content: string) =>
    fetch(`${sandbox.apiUrl}/v10/channels/${sandbox.generalChannelId}/messages`, {
      method: 'POST',
      headers: { authorization: `Bot ${sandbox.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content }),
    })
  const raw = []
  for (let index = 0; index < 6; index += 1) raw.push(await post(String(index)))
  expect(raw.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 429])
  expect(raw.map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['4', '3', '2', '1', '0', '0'])
  expect(Number(raw[5]?.headers.get('retry-after'))).toBeGreaterThan(0)
  await Promise.all([1, 2, 3, 4, 5, 6].map((index) => alerts(client).send(`post ${index}`)))
  expect(
    sandbox.state.requests().filter(({ path, status }) => path.includes(sandbox.alertsChannelId) && status === 429),
  ).toEqual([])
  expect(sandbox.state.messages(sandbox.alertsChannelId).map(({ content }) => content)).toEqual(
    [1, 2, 3, 4, 5, 6].map((index) => `post ${index}`),
  )
})

test('permissions are taken by channel, and the refusals say which kind', async () => {
  const client = await bot()
  const changed = new Promise((done) => client.once(Events.ChannelUpdate, done))
  sandbox.state.deny(sandbox.alertsChannelId, 'SendMessages')
  await changed
  expect(alerts(client).permissionsFor(client.user)?.has(PermissionFlagsBits.SendMessages)).toBe(false)
  expect(await codeOf(alerts(client).send('x'))).toBe(50013)
  sandbox.state.deny(sandbox.alertsChannelId, 'ViewChannel')
  expect(await codeOf(alerts(client).send('x'))).toBe(50001)
  sandbox.state.allow(sandbox.alertsChannelId, 'SendMessages', 'ViewChannel')
  await alerts(client).send('back')
  sandbox.state.deny(sandbox.alertsChannelId, 'EmbedLinks')
  expect(await codeOf(alerts(client).send({ embeds: [{ title: 'x' }] }))).toBe(50013)
  expect(await codeOf(client.rest.get(`/channels/${sandbox.applicationId}`))).toBe(10003)
  expect(await codeOf(client.rest.get(`/guilds/${sandbox.applicationId}`))).toBe(10004)
})

test('guilds and channels come and go while the bot listens', async () => {
  const client = await bot()
  const created = new Promise((done) => client.once(Events.GuildCreate, done))
  const { guildId, channelIds } = sandbox.state.addGuild({ name: 'second', locale: 'ko', channels: ['news'] })
  await created
  await (client.channels.cache.get(channelIds[0] ?? '') as TextChannel).send('hello')
  const channelGone = new Promise((done) => client.once(Events.ChannelDelete, done))
  sandbox.state.removeChannel(channelIds[0] ?? '')
  await channelGone
  const unavailable = new Promise((done) => client.once(Events.GuildUnavailable, done))
  sandbox.state.setGuildAvailable(guildId, false)
  await unavailable
  const gone = new Promise((done) => client.once(Events.GuildDelete, done))
  sandbox.state.setGuildAvailable(guildId, true)
  sandbox.state.removeGuild(guildId)
  await gone
  expect(client.guilds.cache.map(({ id }) => id)).toEqual([sandbox.guildId])
})

test.for<[string, (faults: Sandbox['faults']) => void]>([
  ['close 4000', (faults) => faults.closeGateway(4000)],
  ['close 1001', (faults) => faults.closeGateway(1001)],
  ['close 4009', (faults) => faults.closeGateway(4009)],
  ['a cut socket', (faults) => faults.cutGateway()],
  ['opcode 7', (faults) => faults.askToReconnect()],
])('after %s the client resumes and gets the interaction it missed', async ([, interrupt]) => {
  const client = await bot()
  const visitor = await Visitor.join(sandbox)
  const resumed = new Promise((done) => client.once(Events.ShardResume, (_, replayed) => done(replayed)))
  interrupt(sandbox.faults)
  await until(() => !sandbox.state.botConnected(), 'the connection to end')
  await visitor.command('secret')
  expect(await visitor.hears('MESSAGE_CREATE')).toMatchObject({ content: 'a secret' })
  expect(await resumed).toBeGreaterThan(0)
})

test('a session that cannot be resumed starts anew, and works', async () => {
  const client = await bot()
  const visitor = await Visitor.join(sandbox)
  sandbox.faults.noResume = true
  const ready = new Promise((done) => client.once(Events.ShardReady, done))
  sandbox.faults.closeGateway(4000)
  await ready
  await visitor.command('secret')
  expect(await visitor.hears('MESSAGE_CREATE')).toMatchObject({ content: 'a secret' })
})

test('a revoked token is 401 on REST and 4004 on the gateway', async () => {
  const client = await bot()
  const closed = new Promise<number>((done) => client.once(Events.ShardDisconnect, ({ code }) => done(code)))
  sandbox.faults.revokeToken()
  expect(await closed).toBe(4004)
  expect(
    await alerts(client)
      .send('x')
      .catch(({ status }: DiscordAPIError) => status),
  ).toBe(401)
})

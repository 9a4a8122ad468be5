import {
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Client,
  Events,
  type ModalSubmitInteraction,
} from 'discord.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSandbox, type Sandbox } from '../../src/sandbox/index.ts'
import { login } from './bot.ts'
import { Visitor } from './visitor.ts'

let sandbox: Sandbox
let client: Client<true>
beforeAll(async () => {
  sandbox = await openSandbox({ port: 0 })
  client = await login(sandbox)
})
afterAll(async () => {
  await client.destroy()
  await sandbox.close()
})

/** Returns the first mistake as `place: code`. */
const firstMistake = (tree: unknown, place: string[] = []): string => {
  for (const [step, inner] of Object.entries((tree ?? {}) as Record<string, unknown>)) {
    if (step === '_errors') return `${place.join('.')}: ${(inner as { code: string }[])[0]?.code}`
    return firstMistake(inner, [...place, step])
  }
  return 'none'
}
/** Sends with fetch, because discord.js would wait before the sixth request. */
const refusal = async (path: string, method: string, body: unknown) => {
  const response = await fetch(`${sandbox.apiUrl}/v10${path}`, {
    method,
    headers: { authorization: `Bot ${sandbox.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = (await response.json()) as { code: number; errors?: unknown }
  return answer.errors ? firstMistake(answer.errors) : String(response.status)
}
const option = (more: object) => ({ type: 3, name: 'symbol', description: 'Code', ...more })
const command = (more: object) => ({ name: 'watch', description: 'Watches', ...more })

test.for<[string, object, string]>([
  ['capitals in a name', { name: 'Watch' }, '0.name: APPLICATION_COMMAND_INVALID_NAME'],
  ['a space in a name', { name: 'watch it' }, '0.name: APPLICATION_COMMAND_INVALID_NAME'],
  ['a long name', { name: 'w'.repeat(33) }, '0.name: BASE_TYPE_MAX_LENGTH'],
  ['no description', { description: '' }, '0.description: BASE_TYPE_REQUIRED'],
  ['a long description', { description: 'd'.repeat(101) }, '0.description: BASE_TYPE_MAX_LENGTH'],
  ['an unknown locale', { name_localizations: { kr: 'x' } }, '0.name_localizations.kr: DICT_TYPE_INVALID_KEY'],
  [
    'a bad translation',
    { name_localizations: { ko: '두 낱말' } },
    '0.name_localizations.ko: APPLICATION_COMMAND_INVALID_NAME',
  ],
  [
    '26 options',
    { options: Array.from({ length: 26 }, (_, n) => option({ name: `o${n}` })) },
    '0.options: BASE_TYPE_MAX_LENGTH',
  ],
  [
    '26 choices',
    { options: [option({ choices: Array.from({ length: 26 }, (_, n) => ({ name: `${n}`, value: `${n}` })) })] },
    '0.options.0.choices: BASE_TYPE_MAX_LENGTH',
  ],
  [
    'required after optional',
    { options: [option({}), option({ name: 'k', required: true })] },
    '0.options.1: APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
  ],
  [
    'the same option twice',
    { options: [option({}), option({})] },
    '0.options.1.name: APPLICATION_COMMAND_OPTIONS_NAME_INVALID',
  ],
  [
    'choices beside autocomplete',
    { options: [option({ autocomplete: true, choices: [{ name: 'a', value: 'a' }] })] },
    '0.options.0.autocomplete: APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID',
  ],
  ['a Korean name', { name: '감시', name_localizations: { ko: '감시', 'en-US': 'watch' } }, '200'],
])('a command with %s', async ([, more, expected]) => {
  const asGuild = sandbox.state.addGuild({ name: 'fresh' }).guildId // commands have their own bucket in each guild
  expect(
    await refusal(`/applications/${sandbox.applicationId}/guilds/${asGuild}/commands`, 'PUT', [command(more)]),
  ).toBe(expected)
})

const button = (more: object) => ({ type: 2, style: 1, label: 'a', custom_id: 'a', ...more })
test.for<[string, object, string]>([
  ['11 embeds', { embeds: Array.from({ length: 11 }, () => ({ title: 'x' })) }, 'embeds: BASE_TYPE_MAX_LENGTH'],
  ['a long title', { embeds: [{ title: 'x'.repeat(257) }] }, 'embeds.0.title: BASE_TYPE_MAX_LENGTH'],
  ['a long description', { embeds: [{ description: 'x'.repeat(4097) }] }, 'embeds.0.description: BASE_TYPE_MAX_LENGTH'],
  [
    '26 fields',
    { embeds: [{ fields: Array.from({ length: 26 }, () => ({ name: 'a', value: 'b' })) }] },
    'embeds.0.fields: BASE_TYPE_MAX_LENGTH',
  ],
  [
    'a field without value',
    { embeds: [{ fields: [{ name: 'a', value: ' ' }] }] },
    'embeds.0.fields.0.value: BASE_TYPE_REQUIRED',
  ],
  ['a long footer', { embeds: [{ footer: { text: 'x'.repeat(2049) } }] }, 'embeds.0.footer.text: BASE_TYPE_MAX_LENGTH'],
  [
    'a picture from nowhere',
    { embeds: [{ image: { url: 'file:///etc/passwd' } }] },
    'embeds.0.image.url: URL_TYPE_INVALID_SCHEME',
  ],
  [
    'a long custom id',
    { components: [{ type: 1, components: [button({ custom_id: 'x'.repeat(101) })] }] },
    'components.0.components.0.custom_id: BASE_TYPE_MAX_LENGTH',
  ],
  [
    'a custom id twice',
    { components: [{ type: 1, components: [button({}), button({})] }] },
    'components.0.components.1.custom_id: COMPONENT_CUSTOM_ID_DUPLICATED',
  ],
  [
    'six buttons in a row',
    { components: [{ type: 1, components: [1, 2, 3, 4, 5, 6].map((n) => button({ custom_id: `${n}` })) }] },
    'components.0.components: BASE_TYPE_MAX_LENGTH',
  ],
  ['a long nonce', { content: 'x', nonce: 'n'.repeat(26) }, 'nonce: NONCE_TYPE_TOO_LONG'],
  [
    'a reply to nothing',
    { content: 'x', message_reference: { message_id: '100000000000000000' } },
    'message_reference: REPLIES_UNKNOWN_MESSAGE',
  ],
  ['2,000 characters outside the first plane', { content: '🕐'.repeat(2000) }, '200'],
])('a message with %s', async ([, body, expected]) => {
  const channelId = sandbox.state.addChannel({ name: 'fresh' }) // posts have their own bucket in each channel
  expect(await refusal(`/channels/${channelId}/messages`, 'POST', body)).toBe(expected)
})

test('a modal opens for the one who asked, and what is filled in reaches the bot', async () => {
  await client.application.commands.set([{ name: 'form', description: 'Asks' }])
  const visitor = await Visitor.join(sandbox)
  const next = <T>() =>
    new Promise<T>((done) => client.once(Events.InteractionCreate, (interaction) => done(interaction as T)))
  const [asked] = await Promise.all([next<ChatInputCommandInteraction>(), visitor.command('form')])
  await asked.showModal({
    title: 'Form',
    custom_id: 'form',
    components: [{ type: 1, components: [{ type: 4, custom_id: 'name', label: 'Name', style: 1 }] }],
  })
  const modal = await visitor.hears('INTERACTION_MODAL_CREATE')
  expect(modal).toMatchObject({ title: 'Form', custom_id: 'form' })
  const filled = next<ModalSubmitInteraction>()
  await visitor.send({
    type: 5,
    guild_id: sandbox.guildId,
    channel_id: sandbox.alertsChannelId,
    data: {
      custom_id: 'form',
      components: [{ type: 1, components: [{ type: 4, custom_id: 'name', value: '코아시아' }] }],
    },
  })
  const submitted = await filled
  expect(submitted.fields.getTextInputValue('name')).toBe('코아시아')
  await submitted.reply('thanks')
  await visitor.hears('MESSAGE_CREATE', ({ content }) => content === 'thanks')
})

test('a button may think first and edit its message later; a private answer can be edited and deleted', async () => {
  const visitor = await Visitor.join(sandbox)
  const channel = client.channels.cache.get(sandbox.alertsChannelId)
  if (!channel?.isSendable()) throw new Error('no channel')
  const row = { type: 1, components: [{ type: 2, style: 1, label: 'Go', custom_id: 'go' }] }
  const message = await channel.send({ content: 'press', components: [row] })
  const pressed = new Promise<ButtonInteraction>((done) =>
    client.once(Events.InteractionCreate, (one) => done(one as ButtonInteraction)),
  )
  await visitor.press({ id: message.id, channel_id: message.channelId } as never, 'go')
  const button = await pressed
  await button.deferUpdate()
  await button.editReply({ content: 'pressed' })
  expect(await visitor.hears('MESSAGE_UPDATE')).toMatchObject({ id: message.id, content: 'pressed' })
  const secret = await button.followUp({ content: 'psst', flags: 64 })
  await button.editReply({ message: secret, content: 'hush' })
  expect(await visitor.hears('MESSAGE_UPDATE', ({ id }) => id === secret.id)).toMatchObject({
    content: 'hush',
    flags: 64,
  })
  await button.deleteReply(secret)
  expect((await visitor.hears('MESSAGE_DELETE')).id).toBe(secret.id)
})

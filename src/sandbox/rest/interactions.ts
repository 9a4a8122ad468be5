import { InteractionType, MessageFlags, PermissionFlagsBits } from 'discord-api-types/v10'
import type { Hono } from 'hono'
import { invalidForm, missingPermissions, unknownChannel, unknownCommand, unknownMessage } from '../api-error.ts'
import { answer, followUp } from '../interactions/answer.ts'
import type { Pending } from '../interactions/interactions.ts'
import { checkOptions, resolvedOf } from '../interactions/options.ts'
import { isObject, type Json } from '../limits/check.ts'
import { checkMessage } from '../limits/message.ts'
import type { LocalDiscord } from '../local-discord.ts'
import type { StoredMessage } from '../types.ts'
import { rateLimit } from './rate-limit.ts'
import { type Env, localeOf, messageForm, objectBody, type Request } from './request.ts'

/** Adds the routes by which people trigger interactions and the program answers them. */
export const addInteractionRoutes = (discord: LocalDiscord, api: Hono<Env>): void => {
  api.post('/interactions', async (c) => {
    if (c.var.actor === 'bot') throw missingPermissions()
    trigger(discord, await objectBody(c), (requested) => localeOf(discord, c, requested))
    return c.body(null, 204)
  })

  api.post('/interactions/:interaction/:token/callback', async (c) => {
    const pending = discord.interactions.answerable(c.req.param('interaction'), c.req.param('token'))
    const form = await messageForm(c)
    // While a large body was read, another answer may have arrived first.
    discord.interactions.answerable(pending.id, pending.token)
    const stored = answer(discord, pending, form)
    if (c.req.query('with_response') !== 'true') return c.body(null, 204)
    return c.json(callbackResult(pending, form.json.type, stored))
  })

  const hook = '/webhooks/:application/:token'
  const rate = rateLimit(discord, 'webhook', { limit: 5, perMs: 2_000 })
  const pendingOf = (c: Request) =>
    discord.interactions.byToken(c.req.param('application') ?? '', c.req.param('token') ?? '')
  const messageOf = (c: Request, pending: Pending): StoredMessage => {
    const id = c.req.param('message') ?? ''
    const stored = discord.posting.find(pending.channel.id, id === '@original' ? (pending.originalId ?? '') : id)
    // A token gives access only to the messages of its interaction and to the message of its button.
    const allowed =
      stored && (stored.message.id === pending.originalId || stored.message.interaction_metadata?.id === pending.id)
    if (!stored || !allowed) throw unknownMessage()
    return stored
  }

  api.post(hook, rate, async (c) => {
    const stored = followUp(discord, pendingOf(c), checkMessage(await messageForm(c)))
    return c.json(stored.message)
  })
  api.get(`${hook}/messages/:message`, rate, (c) => c.json(messageOf(c, pendingOf(c)).message))
  api.patch(`${hook}/messages/:message`, rate, async (c) => {
    const stored = messageOf(c, pendingOf(c))
    const draft = checkMessage(await messageForm(c))
    return c.json(discord.posting.edit(stored, draft).message)
  })
  api.delete(`${hook}/messages/:message`, rate, (c) => {
    discord.posting.remove(messageOf(c, pendingOf(c)))
    return c.body(null, 204)
  })
}

const trigger = (discord: LocalDiscord, body: Json, locale: (requested: unknown) => string): Pending => {
  const { world } = discord
  const located = world.channel(String(body.channel_id))
  if (!located || (body.guild_id !== undefined && body.guild_id !== located.guild.id)) throw unknownChannel()
  const { guild, channel } = located
  if (!(world.permissions('visitor', guild, channel) & PermissionFlagsBits.UseApplicationCommands))
    throw missingPermissions()
  const type = body.type
  const given = isObject(body.data) ? body.data : {}
  const common = {
    guild,
    channel,
    locale: locale(body.locale),
    session: discord.hub.find(body.session_id)?.actor === 'visitor' ? String(body.session_id) : ('all' as const),
    nonce: body.nonce === undefined || body.nonce === null ? null : String(body.nonce),
  }
  if (type === InteractionType.ApplicationCommand || type === InteractionType.ApplicationCommandAutocomplete) {
    const command = commandOf(discord, guild.id, given)
    const definitions = (command as { options?: Parameters<typeof checkOptions>[0] }).options ?? []
    const options = checkOptions(definitions, given.options, type === InteractionType.ApplicationCommandAutocomplete)
    const resolved = resolvedOf(world, guild.id, options)
    const data = { id: command.id, name: command.name, type: command.type, options, ...(resolved ? { resolved } : {}) }
    return discord.interactions.ask({ ...common, type, data, message: null, commandName: command.name })
  }
  if (type === InteractionType.MessageComponent) {
    const stored = discord.posting.find(channel.id, String(body.message_id))
    if (!stored) throw unknownMessage()
    const part = componentOf(stored, given.custom_id)
    const data = {
      component_type: part.type,
      custom_id: part.custom_id,
      ...(Array.isArray(given.values) ? { values: given.values.map(String) } : {}),
    }
    return discord.interactions.ask({ ...common, type, data, message: stored.message, commandName: null })
  }
  if (type === InteractionType.ModalSubmit) {
    const data = {
      custom_id: String(given.custom_id),
      components: Array.isArray(given.components) ? given.components : [],
    }
    return discord.interactions.ask({ ...common, type, data, message: null, commandName: null })
  }
  return invalidForm(['type'], 'BASE_TYPE_CHOICES', 'Value must be one of (2, 3, 4, 5).')
}

const commandOf = (discord: LocalDiscord, guildId: string, data: Json) => {
  const all = [...discord.world.commands(guildId), ...discord.world.commands(null)]
  const command = all.find((one) => (data.id === undefined ? one.name === data.name : one.id === data.id))
  if (!command) throw unknownCommand()
  return command
}

const componentOf = (stored: StoredMessage, customId: unknown): { type: number; custom_id: string } => {
  const rows = (stored.message.components ?? []) as unknown as {
    components?: { type: number; custom_id?: string; disabled?: boolean }[]
  }[]
  const part = rows
    .flatMap((row) => row.components ?? [])
    .find((one) => one.custom_id === customId && customId !== undefined && !one.disabled)
  if (!part) return invalidForm(['data', 'custom_id'], 'COMPONENT_VALIDATION_FAILED', 'Component validation failed')
  return { type: part.type, custom_id: String(part.custom_id) }
}

const callbackResult = (pending: Pending, type: unknown, stored: StoredMessage | null) => {
  const flags = stored?.message.flags ?? 0
  return {
    interaction: {
      id: pending.id,
      type: pending.type,
      channel_id: pending.channel.id,
      guild_id: pending.guild.id,
      ...(stored
        ? {
            response_message_id: stored.message.id,
            response_message_loading: (flags & MessageFlags.Loading) !== 0,
            response_message_ephemeral: (flags & MessageFlags.Ephemeral) !== 0,
          }
        : {}),
    },
    resource: { type, ...(stored ? { message: stored.message } : {}) },
  }
}

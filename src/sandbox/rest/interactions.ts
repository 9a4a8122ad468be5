import type { Hono } from 'hono'
import { invalidForm, missingPermissions, unknownChannel, unknownCommand, unknownMessage } from '../api-error.ts'
import { answer, followUp } from '../interactions/answer.ts'
import type { Pending } from '../interactions/interactions.ts'
import { checkOptions, resolvedOf } from '../interactions/options.ts'
import { InteractionType } from '../interactions/payload.ts'
import { isObject, type Json } from '../limits/check.ts'
import { checkMessage, MessageFlag } from '../limits/message.ts'
import { Permission } from '../permissions.ts'
import type { Stand } from '../stand.ts'
import type { StoredMessage } from '../types.ts'
import { limited } from './limited.ts'
import { type Env, localeOf, messageForm, objectBody, type Request } from './request.ts'

/** What people trigger, and what the program answers. */
export const interactionRoutes = (stand: Stand, api: Hono<Env>): void => {
  api.post('/interactions', async (c) => {
    if (c.var.actor === 'bot') throw missingPermissions()
    trigger(stand, await objectBody(c), (said) => localeOf(stand, c, said))
    return c.body(null, 204)
  })

  api.post('/interactions/:interaction/:token/callback', async (c) => {
    const pending = stand.interactions.answerable(c.req.param('interaction'), c.req.param('token'))
    const form = await messageForm(c)
    // Reading a large body takes time in which another answer may have won.
    stand.interactions.answerable(pending.id, pending.token)
    const stored = answer(stand, pending, form)
    if (c.req.query('with_response') !== 'true') return c.body(null, 204)
    return c.json(callbackResult(pending, form.json.type, stored))
  })

  const hook = '/webhooks/:application/:token'
  const rate = limited(stand, 'webhook', { limit: 5, perMs: 2_000 })
  const pendingOf = (c: Request) =>
    stand.interactions.byToken(c.req.param('application') ?? '', c.req.param('token') ?? '')
  const messageOf = (c: Request, pending: Pending): StoredMessage => {
    const said = c.req.param('message') ?? ''
    const stored = stand.posting.find(pending.channel.id, said === '@original' ? (pending.originalId ?? '') : said)
    // A token opens only what its interaction made, and the message of its button.
    const own =
      stored && (stored.message.id === pending.originalId || stored.message.interaction_metadata?.id === pending.id)
    if (!stored || !own) throw unknownMessage()
    return stored
  }

  api.post(hook, rate, async (c) => {
    const stored = followUp(stand, pendingOf(c), checkMessage(await messageForm(c)))
    return c.json(stored.message)
  })
  api.get(`${hook}/messages/:message`, rate, (c) => c.json(messageOf(c, pendingOf(c)).message))
  api.patch(`${hook}/messages/:message`, rate, async (c) => {
    const stored = messageOf(c, pendingOf(c))
    const draft = checkMessage(await messageForm(c))
    return c.json(stand.posting.edit(stored, draft).message)
  })
  api.delete(`${hook}/messages/:message`, rate, (c) => {
    stand.posting.remove(messageOf(c, pendingOf(c)))
    return c.body(null, 204)
  })
}

const trigger = (stand: Stand, body: Json, locale: (said: unknown) => string): Pending => {
  const { world } = stand
  const found = world.channel(String(body.channel_id))
  if (!found || (body.guild_id !== undefined && body.guild_id !== found.guild.id)) throw unknownChannel()
  if (!(world.permissions('visitor', found.guild, found.channel) & Permission.UseApplicationCommands))
    throw missingPermissions()
  const type = body.type
  const given = isObject(body.data) ? body.data : {}
  const asked = {
    guild: found.guild,
    channel: found.channel,
    locale: locale(body.locale),
    session: stand.hub.find(body.session_id)?.actor === 'visitor' ? String(body.session_id) : ('all' as const),
    nonce: body.nonce === undefined || body.nonce === null ? null : String(body.nonce),
  }
  if (type === InteractionType.Command || type === InteractionType.Autocomplete) {
    const command = commandOf(stand, found.guild.id, given)
    const definitions = (command as { options?: Parameters<typeof checkOptions>[0] }).options ?? []
    const options = checkOptions(definitions, given.options, type === InteractionType.Autocomplete)
    const resolved = resolvedOf(world, found.guild.id, options)
    const data = { id: command.id, name: command.name, type: command.type, options, ...(resolved ? { resolved } : {}) }
    return stand.interactions.ask({ ...asked, type, data, message: null, commandName: command.name })
  }
  if (type === InteractionType.Component) {
    const stored = stand.posting.find(found.channel.id, String(body.message_id))
    if (!stored) throw unknownMessage()
    const part = componentOf(stored, given.custom_id)
    const data = {
      component_type: part.type,
      custom_id: part.custom_id,
      ...(Array.isArray(given.values) ? { values: given.values.map(String) } : {}),
    }
    return stand.interactions.ask({ ...asked, type, data, message: stored.message, commandName: null })
  }
  if (type === InteractionType.Modal) {
    const data = {
      custom_id: String(given.custom_id),
      components: Array.isArray(given.components) ? given.components : [],
    }
    return stand.interactions.ask({ ...asked, type, data, message: null, commandName: null })
  }
  return invalidForm(['type'], 'BASE_TYPE_CHOICES', 'Value must be one of (2, 3, 4, 5).')
}

const commandOf = (stand: Stand, guildId: string, data: Json) => {
  const all = [...stand.world.commands(guildId), ...stand.world.commands(null)]
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
            response_message_loading: (flags & MessageFlag.Loading) !== 0,
            response_message_ephemeral: (flags & MessageFlag.Ephemeral) !== 0,
          }
        : {}),
    },
    resource: { type, ...(stored ? { message: stored.message } : {}) },
  }
}

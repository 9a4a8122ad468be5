import type { Hono } from 'hono'
import { invalidForm, notAuthor, replyNeedsHistory, unknownMessage } from '../api-error.ts'
import { checkMessage, type MessageDraft } from '../limits/message.ts'
import type { LocalDiscord } from '../local-discord.ts'
import { compareSnowflakes, isSnowflake } from '../snowflake.ts'
import type { StoredMessage } from '../types.ts'
import { rateLimit } from './rate-limit.ts'
import { channelParam, type Env, idParam, messageForm, objectBody, type Request } from './request.ts'

const PER_5_S = { limit: 5, perMs: 5_000 }

/** Adds the routes of a channel's messages. */
export const addMessageRoutes = (discord: LocalDiscord, api: Hono<Env>): void => {
  const { world, posting } = discord

  /** The message of a path. Ephemeral messages are not found here; only webhook tokens give access to them. */
  const messageParam = (c: Request, channelId: string): StoredMessage => {
    const stored = world.message(channelId, idParam(c, 'message'))
    if (!stored) throw unknownMessage()
    return stored
  }

  api.get('/channels/:channel/messages', rateLimit(discord, 'messages-list', { limit: 50, perMs: 1_000 }), (c) => {
    const { channel, requirePermission } = channelParam(discord, c)
    requirePermission('ReadMessageHistory')
    return c.json(pageOf(c, world.messages(channel.id)).map((stored) => stored.message))
  })

  api.get(
    '/channels/:channel/messages/:message',
    rateLimit(discord, 'message-get', { limit: 50, perMs: 1_000 }),
    (c) => {
      const { channel, requirePermission } = channelParam(discord, c)
      requirePermission('ReadMessageHistory')
      return c.json(messageParam(c, channel.id).message)
    },
  )

  api.post('/channels/:channel/messages', rateLimit(discord, 'message-create', PER_5_S), async (c) => {
    const { guild, channel, requirePermission, lacks } = channelParam(discord, c)
    requirePermission('SendMessages')
    const draft = checkMessage(await messageForm(c))
    requireContentPermissions(draft, requirePermission)
    const author = c.var.actor === 'bot' ? world.cast.bot : world.cast.visitor
    const same =
      draft.enforceNonce && draft.nonce !== null ? posting.duplicateOf(channel, author.id, draft.nonce) : null
    if (same) return c.json({ ...same.message, nonce: same.nonce })
    if (draft.replyTo && lacks('ReadMessageHistory')) throw replyNeedsHistory()
    const reference = draft.replyTo ? (world.message(channel.id, draft.replyTo.id)?.message ?? null) : null
    if (draft.replyTo?.mustExist && !reference)
      invalidForm(['message_reference'], 'REPLIES_UNKNOWN_MESSAGE', 'Unknown message')
    const stored = posting.create({
      guild,
      channel,
      author,
      draft,
      reference: reference ? { ...reference, referenced_message: null } : null,
    })
    return c.json(draft.nonce === null ? stored.message : { ...stored.message, nonce: draft.nonce })
  })

  api.patch('/channels/:channel/messages/:message', rateLimit(discord, 'message-edit', PER_5_S), async (c) => {
    const { channel, requirePermission } = channelParam(discord, c)
    const stored = messageParam(c, channel.id)
    const author = c.var.actor === 'bot' ? world.cast.bot : world.cast.visitor
    if (stored.message.author.id !== author.id) throw notAuthor()
    const draft = checkMessage(await messageForm(c))
    requireContentPermissions(draft, requirePermission)
    return c.json(posting.edit(stored, draft).message)
  })

  api.delete(
    '/channels/:channel/messages/:message',
    rateLimit(discord, 'message-delete', { limit: 5, perMs: 1_000 }),
    (c) => {
      const { channel, requirePermission } = channelParam(discord, c)
      const stored = messageParam(c, channel.id)
      const author = c.var.actor === 'bot' ? world.cast.bot : world.cast.visitor
      if (stored.message.author.id !== author.id) requirePermission('ManageMessages')
      posting.remove(stored)
      return c.body(null, 204)
    },
  )

  api.post(
    '/channels/:channel/messages/bulk-delete',
    rateLimit(discord, 'message-bulk-delete', { limit: 1, perMs: 1_000 }),
    async (c) => {
      const { channel, requirePermission } = channelParam(discord, c)
      requirePermission('ManageMessages')
      const { messages } = await objectBody(c)
      for (const id of Array.isArray(messages) ? messages : []) {
        const stored = world.message(channel.id, String(id))
        if (stored) posting.remove(stored)
      }
      return c.body(null, 204)
    },
  )

  api.post('/channels/:channel/typing', rateLimit(discord, 'typing', PER_5_S), (c) => {
    const { guild, channel, requirePermission } = channelParam(discord, c)
    requirePermission('SendMessages')
    const user = c.var.actor === 'bot' ? world.cast.bot : world.cast.visitor
    discord.hub.toVisitors('TYPING_START', {
      channel_id: channel.id,
      guild_id: guild.id,
      user_id: user.id,
      timestamp: Math.floor(discord.now() / 1000),
    })
    return c.body(null, 204)
  })
}

const requireContentPermissions = (
  draft: MessageDraft,
  requirePermission: (name: 'EmbedLinks' | 'AttachFiles') => void,
): void => {
  if (draft.embeds?.length) requirePermission('EmbedLinks')
  if (draft.uploads.length > 0) requirePermission('AttachFiles')
}

/** One page of messages, newest first: `before`, `after` or `around` an id; 50 by default, at most 100. */
const pageOf = (c: Request, oldestFirst: readonly StoredMessage[]): StoredMessage[] => {
  const limit = Number(c.req.query('limit') ?? 50)
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    invalidForm(['limit'], 'NUMBER_TYPE_MAX', 'int value should be between 1 and 100.')
  const { before, after, around } = c.req.query()
  const compare = (stored: StoredMessage, id: string) => compareSnowflakes(stored.message.id, id)
  if (isSnowflake(after))
    return oldestFirst
      .filter((stored) => compare(stored, after) > 0)
      .slice(0, limit)
      .reverse()
  if (isSnowflake(around)) {
    const at = oldestFirst.findIndex((stored) => compare(stored, around) >= 0)
    const start = Math.max(0, (at === -1 ? oldestFirst.length : at) - Math.floor(limit / 2))
    return oldestFirst.slice(start, start + limit).reverse()
  }
  const older = isSnowflake(before) ? oldestFirst.filter((stored) => compare(stored, before) < 0) : oldestFirst
  return older.slice(-limit).reverse()
}

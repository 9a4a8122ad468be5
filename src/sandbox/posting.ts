import { type APIMessage, type APIUser, MessageFlags, MessageReferenceType, MessageType } from 'discord-api-types/v10'
import { arrangeFiles, finishEmbeds, shownInEmbeds } from './attachments.ts'
import type { Hub } from './gateway/hub.ts'
import { type MessageDraft, refuseEmpty } from './limits/message.ts'
import { memberPayload } from './payloads.ts'
import type { Snowflakes } from './snowflake.ts'
import type { Channel, Guild, StoredMessage } from './types.ts'
import type { World } from './world.ts'

/** The time during which the same nonce of one author in one channel means the same message. */
const NONCE_MS = 5 * 60_000
const MAX_EPHEMERAL_MESSAGES = 500

export interface Post {
  readonly guild: Guild
  readonly channel: Channel
  readonly author: APIUser
  readonly draft: MessageDraft
  readonly type?: MessageType
  readonly loading?: boolean
  readonly ephemeralFor?: string | 'all' | null
  readonly reference?: APIMessage | null
  /** The fields that Discord adds to messages of an interaction. */
  readonly interaction?: Record<string, unknown>
}

/** Creates, edits and removes messages, and sends the events to every session that may see them. */
export class Posting {
  private readonly ephemeral = new Map<string, StoredMessage>()
  private readonly parts: { world: World; hub: Hub; snowflakes: Snowflakes; now: () => number; cdnUrl: () => string }

  constructor(parts: Posting['parts']) {
    this.parts = parts
  }

  find(channelId: string, id: string): StoredMessage | null {
    return this.parts.world.message(channelId, id) ?? this.ephemeral.get(id) ?? null
  }

  ephemerals(): StoredMessage[] {
    return [...this.ephemeral.values()]
  }

  /** The message that was posted with this enforced nonce before, if any. */
  duplicateOf(channel: Channel, authorId: string, nonce: string | number): StoredMessage | null {
    const since = this.parts.now() - NONCE_MS
    const same = (stored: StoredMessage) =>
      stored.enforced &&
      stored.nonce === nonce &&
      stored.message.author.id === authorId &&
      Date.parse(stored.message.timestamp) > since
    return this.parts.world.messages(channel.id).findLast(same) ?? null
  }

  create(post: Post): StoredMessage {
    const { snowflakes, now } = this.parts
    const { channel, guild, draft } = post
    const files = arrangeFiles(this.parts, channel.id, draft, [])
    const embeds = finishEmbeds(draft.embeds ?? [], files)
    const content = draft.content ?? ''
    const components = draft.components ?? []
    if (!post.loading) refuseEmpty({ content, embeds, components, files })
    const flags = draft.flags & (MessageFlags.SuppressEmbeds | MessageFlags.SuppressNotifications)
    const message = {
      id: snowflakes.next(),
      channel_id: channel.id,
      author: post.author,
      content,
      timestamp: new Date(now()).toISOString(),
      edited_timestamp: null,
      tts: false,
      mention_everyone: false,
      mentions: this.mentioned(content, draft),
      mention_roles: [],
      attachments: files.filter((file) => !shownInEmbeds(file, embeds)),
      embeds,
      components,
      pinned: false,
      type: post.type ?? (post.reference ? MessageType.Reply : MessageType.Default),
      flags: flags | (post.loading ? MessageFlags.Loading : 0) | (post.ephemeralFor ? MessageFlags.Ephemeral : 0),
      ...(post.reference
        ? {
            message_reference: {
              type: MessageReferenceType.Default,
              message_id: post.reference.id,
              channel_id: channel.id,
              guild_id: guild.id,
            },
            referenced_message: post.reference,
          }
        : {}),
      ...post.interaction,
    } as unknown as APIMessage
    const stored: StoredMessage = {
      guildId: guild.id,
      message,
      files,
      nonce: draft.nonce,
      enforced: draft.enforceNonce,
      ephemeralFor: post.ephemeralFor ?? null,
    }
    this.save(stored)
    this.dispatch('MESSAGE_CREATE', stored, draft.nonce === null ? {} : { nonce: draft.nonce })
    return stored
  }

  edit(stored: StoredMessage, draft: MessageDraft): StoredMessage {
    const before = stored.message
    const loading = ((before.flags ?? 0) & MessageFlags.Loading) !== 0
    const dropped = new Set(stored.files.map((file) => file.id))
    const files = arrangeFiles(this.parts, before.channel_id, draft, stored.files)
    const embeds = draft.embeds === undefined ? before.embeds : finishEmbeds(draft.embeds, files)
    const content = draft.content ?? before.content
    const components = (draft.components ?? before.components ?? []) as NonNullable<APIMessage['components']>
    refuseEmpty({ content, embeds, components, files })
    stored.files = files
    stored.message = {
      ...before,
      content,
      embeds,
      components,
      attachments: files.filter((file) => !shownInEmbeds(file, embeds)),
      mentions: this.mentioned(content, draft),
      // The first answer after "is thinking…" does not count as an edit.
      edited_timestamp: loading ? null : new Date(this.parts.now()).toISOString(),
      flags: ((before.flags ?? 0) & ~MessageFlags.Loading) | (draft.flags & MessageFlags.SuppressEmbeds),
    }
    this.save(stored)
    for (const file of files) dropped.delete(file.id)
    for (const id of dropped) this.parts.world.journal.removeFile(id)
    this.dispatch('MESSAGE_UPDATE', stored)
    return stored
  }

  remove(stored: StoredMessage): void {
    const { id, channel_id } = stored.message
    if (this.ephemeral.delete(id)) for (const file of stored.files) this.parts.world.journal.removeFile(file.id)
    this.parts.world.removeMessage(channel_id, id)
    const gone = { id, channel_id, guild_id: stored.guildId }
    if (stored.ephemeralFor === null) this.parts.hub.toBots('MESSAGE_DELETE', gone, stored.guildId)
    this.parts.hub.toVisitors('MESSAGE_DELETE', gone, stored.ephemeralFor)
  }

  private save(stored: StoredMessage): void {
    if (stored.ephemeralFor === null) {
      this.parts.world.saveMessage(stored)
      return
    }
    this.ephemeral.set(stored.message.id, stored)
    for (const [id, old] of this.ephemeral) {
      if (this.ephemeral.size <= MAX_EPHEMERAL_MESSAGES) break
      this.ephemeral.delete(id)
      for (const file of old.files) this.parts.world.journal.removeFile(file.id)
    }
  }

  private dispatch(event: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE', stored: StoredMessage, extra: object = {}): void {
    const { world, hub } = this.parts
    const guild = world.guilds.get(stored.guildId)
    if (!guild) return
    const { user: _, ...member } = memberPayload(world, guild, stored.message.author)
    const data = { ...stored.message, guild_id: guild.id, member, ...extra }
    hub.toVisitors(event, data, stored.ephemeralFor)
    if (stored.ephemeralFor !== null) return
    const byBot = stored.message.author.id === world.cast.bot.id
    // Without the privileged intent MessageContent a program does not receive the content of people's messages.
    hub.toBots(event, byBot ? data : { ...data, content: '', embeds: [], attachments: [], components: [] }, guild.id)
  }

  private mentioned(content: string, draft: MessageDraft): APIUser[] {
    const { bot, visitor } = this.parts.world.cast
    const parse = draft.mentions?.parse
    const listed = Array.isArray(draft.mentions?.users) ? draft.mentions.users : []
    const allowed = (user: APIUser) =>
      draft.mentions === null || (Array.isArray(parse) && parse.includes('users')) || listed.includes(user.id)
    return [bot, visitor].filter((user) => new RegExp(`<@!?${user.id}>`).test(content) && allowed(user))
  }
}

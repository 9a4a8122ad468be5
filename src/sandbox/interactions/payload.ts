import type { APIMessage } from 'discord-api-types/v10'
import type { Json } from '../limits/check.ts'
import { MAX_FILE_BYTES } from '../limits/message.ts'
import { channelPayload, memberPayload } from '../payloads.ts'
import type { Channel, Guild } from '../types.ts'
import type { World } from '../world.ts'

export const InteractionType = { Command: 2, Component: 3, Autocomplete: 4, Modal: 5 } as const

export interface Asked {
  readonly id: string
  readonly token: string
  readonly type: number
  readonly guild: Guild
  readonly channel: Channel
  readonly locale: string
  readonly data: Json
  /** The message a component belongs to. */
  readonly message: APIMessage | null
}

/** INTERACTION_CREATE with every field that discord.js reads: one that is missing or null ends the bot's process. */
export const interactionPayload = (world: World, asked: Asked) => {
  const { guild, channel } = asked
  return {
    version: 1,
    id: asked.id,
    application_id: world.cast.applicationId,
    type: asked.type,
    token: asked.token,
    data: asked.data,
    guild_id: guild.id,
    guild: { id: guild.id, locale: guild.locale, features: [] },
    channel_id: channel.id,
    channel: {
      ...channelPayload(world, channel),
      permissions: world.permissions('visitor', guild, channel).toString(),
    },
    member: {
      ...memberPayload(world, guild, world.cast.visitor),
      permissions: world.permissions('visitor', guild, channel).toString(),
      unusual_dm_activity_until: null,
    },
    app_permissions: world.permissions('bot', guild, channel).toString(),
    locale: asked.locale,
    guild_locale: guild.locale,
    entitlements: [],
    entitlement_sku_ids: [],
    authorizing_integration_owners: { '0': guild.id },
    context: 0,
    attachment_size_limit: MAX_FILE_BYTES,
    ...(asked.message ? { message: asked.message } : {}),
  }
}

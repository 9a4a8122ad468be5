import {
  type APIMessage,
  ApplicationIntegrationType,
  InteractionContextType,
  type InteractionType,
} from 'discord-api-types/v10'
import type { Json } from '../limits/check.ts'
import { MAX_FILE_BYTES } from '../limits/message.ts'
import { channelPayload, memberPayload } from '../payloads.ts'
import type { Channel, Guild } from '../types.ts'
import type { World } from '../world.ts'

export interface InteractionRequest {
  readonly id: string
  readonly token: string
  readonly type: InteractionType
  readonly guild: Guild
  readonly channel: Channel
  readonly locale: string
  readonly data: Json
  /** The message of a button or menu; null for other interactions. */
  readonly message: APIMessage | null
}

/** INTERACTION_CREATE with every field that discord.js reads; a missing one or null would end the bot's process. */
export const interactionPayload = (world: World, request: InteractionRequest) => {
  const { guild, channel } = request
  return {
    version: 1,
    id: request.id,
    application_id: world.cast.applicationId,
    type: request.type,
    token: request.token,
    data: request.data,
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
    locale: request.locale,
    guild_locale: guild.locale,
    entitlements: [],
    entitlement_sku_ids: [],
    authorizing_integration_owners: { [ApplicationIntegrationType.GuildInstall]: guild.id },
    context: InteractionContextType.Guild,
    attachment_size_limit: MAX_FILE_BYTES,
    ...(request.message ? { message: request.message } : {}),
  }
}

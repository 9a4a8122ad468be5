import {
  type APIUser,
  ApplicationIntegrationType,
  ChannelType,
  GuildDefaultMessageNotifications,
  GuildExplicitContentFilter,
  GuildMFALevel,
  GuildNSFWLevel,
  GuildPremiumTier,
  GuildVerificationLevel,
} from 'discord-api-types/v10'
import type { Channel, Guild } from './types.ts'
import type { World } from './world.ts'

// The objects that Discord sends about guilds, channels, members and the application, built from the stored world.

export const channelPayload = (world: World, channel: Channel) => {
  const last = world.messages(channel.id).at(-1)
  return {
    id: channel.id,
    type: ChannelType.GuildText,
    guild_id: channel.guildId,
    name: channel.name,
    topic: channel.topic,
    position: channel.position,
    nsfw: false,
    rate_limit_per_user: 0,
    parent_id: null,
    last_message_id: last?.message.id ?? null,
    last_pin_timestamp: null,
    flags: 0,
    permission_overwrites: channel.overwrites,
  }
}

export const rolePayload = (guild: Guild) =>
  guild.roles.map((role, position) => ({
    id: role.id,
    name: role.name,
    permissions: role.permissions,
    position,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    managed: role.managed,
    mentionable: false,
    flags: 0,
  }))

export const memberPayload = (world: World, guild: Guild, user: APIUser) => ({
  user,
  nick: null,
  avatar: null,
  banner: null,
  roles: user.id === world.cast.bot.id ? guild.roles.filter((role) => role.managed).map((role) => role.id) : [],
  joined_at: guild.joinedAt,
  premium_since: null,
  communication_disabled_until: null,
  deaf: false,
  mute: false,
  pending: false,
  flags: 0,
})

/** The guild as `GET /guilds/:id` answers it. */
export const guildPayload = (guild: Guild) => ({
  id: guild.id,
  name: guild.name,
  icon: null,
  icon_hash: null,
  splash: null,
  discovery_splash: null,
  banner: null,
  description: null,
  owner_id: guild.ownerId,
  region: 'south-korea',
  afk_channel_id: null,
  afk_timeout: 300,
  widget_enabled: false,
  widget_channel_id: null,
  verification_level: GuildVerificationLevel.None,
  default_message_notifications: GuildDefaultMessageNotifications.OnlyMentions,
  explicit_content_filter: GuildExplicitContentFilter.Disabled,
  roles: rolePayload(guild),
  emojis: [],
  stickers: [],
  features: [],
  mfa_level: GuildMFALevel.None,
  application_id: null,
  system_channel_id: null,
  system_channel_flags: 0,
  rules_channel_id: null,
  public_updates_channel_id: null,
  safety_alerts_channel_id: null,
  max_presences: null,
  max_members: 500_000,
  vanity_url_code: null,
  premium_tier: GuildPremiumTier.None,
  premium_subscription_count: 0,
  preferred_locale: guild.locale,
  nsfw_level: GuildNSFWLevel.Default,
  premium_progress_bar_enabled: false,
  approximate_member_count: 2,
  approximate_presence_count: 2,
  member_count: 2,
  hub_type: null,
  incidents_data: null,
})

/** The guild as the gateway sends it, with channels and members. */
export const guildCreatePayload = (world: World, guild: Guild) => ({
  ...guildPayload(guild),
  joined_at: guild.joinedAt,
  large: false,
  unavailable: false,
  voice_states: [],
  members: [memberPayload(world, guild, world.cast.bot), memberPayload(world, guild, world.cast.visitor)],
  channels: guild.channels.map((channel) => channelPayload(world, channel)),
  threads: [],
  presences: [],
  stage_instances: [],
  guild_scheduled_events: [],
  soundboard_sounds: [],
})

export const applicationPayload = (world: World) => ({
  id: world.cast.applicationId,
  name: world.cast.bot.username,
  icon: null,
  description: '',
  summary: '',
  type: null,
  bot_public: false,
  bot_require_code_grant: false,
  verify_key: '0'.repeat(64),
  flags: 0,
  integration_types_config: { [ApplicationIntegrationType.GuildInstall]: {} },
  bot: world.cast.bot,
  owner: world.cast.visitor,
  team: null,
})

import type { APIMessage } from 'discord-api-types/v10'
import { channelPayload, guildCreatePayload } from './payloads.ts'
import { type PermissionName, permissionBits } from './permissions.ts'
import type { RequestRecord, Stand } from './stand.ts'
import type { Channel, Command, Guild } from './types.ts'

/** What tests see of the stand, and how they change its world. Changes reach the clients as Discord would tell them. */
export interface SandboxState {
  /** Oldest first. */
  messages(channelId: string): APIMessage[]
  ephemerals(): APIMessage[]
  commands(guildId?: string | null): readonly Command[]
  guilds(): { id: string; name: string; channels: { id: string; name: string }[] }[]
  /** Requests of the program, oldest first. */
  requests(): readonly RequestRecord[]
  botConnected(): boolean
  addGuild(options: { name: string; locale?: string; channels?: readonly string[] }): {
    guildId: string
    channelIds: string[]
  }
  removeGuild(guildId: string): void
  /** An outage of one guild: it is still there, and the program must not forget it. */
  setGuildAvailable(guildId: string, available: boolean): void
  addChannel(options: { guildId?: string; name: string }): string
  removeChannel(channelId: string): void
  /** Takes permissions from the program in one channel. */
  deny(channelId: string, ...names: PermissionName[]): void
  /** Gives them back. */
  allow(channelId: string, ...names: PermissionName[]): void
  /** Makes every open interaction this much older. */
  ageInteractions(ms: number): void
}

export const createState = (stand: Stand, homeGuildId: string): SandboxState => {
  const { world, hub, posting } = stand
  const guildOf = (id: string): Guild => {
    const guild = world.guilds.get(id)
    if (!guild) throw new RangeError(`no guild ${id} here`)
    return guild
  }
  const channelOf = (id: string) => {
    const found = world.channel(id)
    if (!found) throw new RangeError(`no channel ${id} here`)
    return found
  }
  const tell = (event: string, data: unknown, guildId: string) => {
    hub.toBots(event, data, guildId)
    hub.toVisitors(event, data)
  }
  const change = (
    channelId: string,
    edit: (own: { allow: bigint; deny: bigint }) => { allow: bigint; deny: bigint },
  ) => {
    const { guild, channel } = channelOf(channelId)
    const id = world.cast.bot.id
    const own = channel.overwrites.find((overwrite) => overwrite.id === id) ?? { allow: '0', deny: '0' }
    const { allow, deny } = edit({ allow: BigInt(own.allow), deny: BigInt(own.deny) })
    channel.overwrites = [
      ...channel.overwrites.filter((overwrite) => overwrite.id !== id),
      { id, type: 1, allow: allow.toString(), deny: deny.toString() },
    ]
    world.keepGuild(guild)
    tell('CHANNEL_UPDATE', channelPayload(world, channel), guild.id)
  }
  const announceChannel = (channel: Channel) => tell('CHANNEL_CREATE', channelPayload(world, channel), channel.guildId)

  return {
    messages: (channelId) => world.messages(channelId).map((stored) => stored.message),
    ephemerals: () => posting.ephemerals().map((stored) => stored.message),
    commands: (guildId = null) => world.commands(guildId),
    guilds: () =>
      [...world.guilds.values()].map(({ id, name, channels }) => ({
        id,
        name,
        channels: channels.map((one) => ({ id: one.id, name: one.name })),
      })),
    requests: () => stand.requests,
    botConnected: () => hub.connected('bot'),
    addGuild({ name, locale = 'en-US', channels = ['general'] }) {
      const guild = world.addGuild(name, locale)
      for (const channel of channels) world.addChannel(guild, channel)
      tell('GUILD_CREATE', guildCreatePayload(world, guild), guild.id)
      return { guildId: guild.id, channelIds: guild.channels.map(({ id }) => id) }
    },
    removeGuild(guildId) {
      guildOf(guildId)
      world.dropGuild(guildId)
      tell('GUILD_DELETE', { id: guildId }, guildId)
    },
    setGuildAvailable(guildId, available) {
      const guild = guildOf(guildId)
      if (available) tell('GUILD_CREATE', guildCreatePayload(world, guild), guildId)
      else tell('GUILD_DELETE', { id: guildId, unavailable: true }, guildId)
    },
    addChannel({ guildId = homeGuildId, name }) {
      const channel = world.addChannel(guildOf(guildId), name)
      announceChannel(channel)
      return channel.id
    },
    removeChannel(channelId) {
      const { guild, channel } = channelOf(channelId)
      const payload = channelPayload(world, channel)
      world.dropChannel(guild, channelId)
      tell('CHANNEL_DELETE', payload, guild.id)
    },
    deny: (channelId, ...names) =>
      change(channelId, ({ allow, deny }) => ({
        allow: allow & ~permissionBits(names),
        deny: deny | permissionBits(names),
      })),
    allow: (channelId, ...names) =>
      change(channelId, ({ allow, deny }) => ({
        allow: allow | permissionBits(names),
        deny: deny & ~permissionBits(names),
      })),
    ageInteractions: (ms) => stand.interactions.age(ms),
  }
}

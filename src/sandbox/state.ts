import { type APIMessage, OverwriteType } from 'discord-api-types/v10'
import type { LocalDiscord, RequestRecord } from './local-discord.ts'
import { openGuild } from './open-guild.ts'
import { channelPayload, guildCreatePayload } from './payloads.ts'
import { type PermissionName, permissionBits } from './permissions.ts'
import type { Command, Guild } from './types.ts'

/** The local Discord as tests see it. Changes that they make here reach the clients as gateway events. */
export interface SandboxState {
  /** Oldest first. */
  messages(channelId: string): APIMessage[]
  ephemerals(): APIMessage[]
  commands(guildId?: string | null): readonly Command[]
  guilds(): { id: string; name: string; channels: { id: string; name: string }[] }[]
  /** The program's requests, oldest first. */
  requests(): readonly RequestRecord[]
  botConnected(): boolean
  /** @param options - an `id` places the guild in a shard of one's choice */
  addGuild(options: { name: string; locale?: string; channels?: readonly string[]; id?: string }): {
    guildId: string
    channelIds: string[]
  }
  removeGuild(guildId: string): void
  /** False starts an outage of one guild: the guild still exists, and the program must not forget it. */
  setGuildAvailable(guildId: string, available: boolean): void
  addChannel(options: { guildId?: string; name: string }): string
  removeChannel(channelId: string): void
  /** Takes permissions in one channel from the program. */
  deny(channelId: string, ...names: PermissionName[]): void
  /** Gives the program these permissions in one channel. */
  allow(channelId: string, ...names: PermissionName[]): void
  /** Makes every open interaction older by this time. */
  ageInteractions(ms: number): void
}

export const createState = (discord: LocalDiscord, homeGuildId: string): SandboxState => {
  const { world, hub, posting } = discord
  const guildOf = (id: string): Guild => {
    const guild = world.guilds.get(id)
    if (!guild) throw new RangeError(`no guild ${id} here`)
    return guild
  }
  const channelOf = (id: string) => {
    const located = world.channel(id)
    if (!located) throw new RangeError(`no channel ${id} here`)
    return located
  }
  const dispatch = (event: string, data: unknown, guildId: string) => {
    hub.toBots(event, data, guildId)
    hub.toVisitors(event, data)
  }
  const changeOverwrite = (
    channelId: string,
    edit: (bits: { allow: bigint; deny: bigint }) => { allow: bigint; deny: bigint },
  ) => {
    const { guild, channel } = channelOf(channelId)
    const id = world.cast.bot.id
    const overwrite = channel.overwrites.find((one) => one.id === id) ?? { allow: '0', deny: '0' }
    const { allow, deny } = edit({ allow: BigInt(overwrite.allow), deny: BigInt(overwrite.deny) })
    channel.overwrites = [
      ...channel.overwrites.filter((one) => one.id !== id),
      { id, type: OverwriteType.Member, allow: allow.toString(), deny: deny.toString() },
    ]
    world.saveGuild(guild)
    dispatch('CHANNEL_UPDATE', channelPayload(world, channel), guild.id)
  }

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
    requests: () => discord.requests,
    botConnected: () => hub.connected('bot'),
    addGuild: (options) => {
      const guild = openGuild(discord, options)
      return { guildId: guild.id, channelIds: guild.channels.map(({ id }) => id) }
    },
    removeGuild(guildId) {
      guildOf(guildId)
      world.removeGuild(guildId)
      dispatch('GUILD_DELETE', { id: guildId }, guildId)
    },
    setGuildAvailable(guildId, available) {
      const guild = guildOf(guildId)
      if (available) dispatch('GUILD_CREATE', guildCreatePayload(world, guild), guildId)
      else dispatch('GUILD_DELETE', { id: guildId, unavailable: true }, guildId)
    },
    addChannel({ guildId = homeGuildId, name }) {
      const channel = world.addChannel(guildOf(guildId), name)
      dispatch('CHANNEL_CREATE', channelPayload(world, channel), channel.guildId)
      return channel.id
    },
    removeChannel(channelId) {
      const { guild, channel } = channelOf(channelId)
      const payload = channelPayload(world, channel)
      world.removeChannel(guild, channelId)
      dispatch('CHANNEL_DELETE', payload, guild.id)
    },
    deny: (channelId, ...names) =>
      changeOverwrite(channelId, ({ allow, deny }) => ({
        allow: allow & ~permissionBits(names),
        deny: deny | permissionBits(names),
      })),
    allow: (channelId, ...names) =>
      changeOverwrite(channelId, ({ allow, deny }) => ({
        allow: allow | permissionBits(names),
        deny: deny & ~permissionBits(names),
      })),
    ageInteractions: (ms) => discord.interactions.age(ms),
  }
}

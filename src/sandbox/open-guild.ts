import type { LocalDiscord } from './local-discord.ts'
import { guildCreatePayload } from './payloads.ts'
import type { Guild } from './types.ts'

interface NewGuild {
  readonly name: string
  readonly locale?: string
  readonly channels?: readonly string[]
  readonly id?: string | undefined
}

/** Opens a guild that has the visitor and the bot as members, and sends it to the sessions that follow it. */
export const openGuild = (
  { world, hub }: LocalDiscord,
  { name, locale = 'en-US', channels = ['general'], id }: NewGuild,
): Guild => {
  const guild = world.addGuild(name, locale, id === undefined ? undefined : { guild: id })
  for (const channel of channels) world.addChannel(guild, channel)
  const payload = guildCreatePayload(world, guild)
  hub.toBots('GUILD_CREATE', payload, guild.id)
  hub.toVisitors('GUILD_CREATE', payload)
  return guild
}

import { type Client, type GuildTextBasedChannel, PermissionFlagsBits } from 'discord.js'
import type { Log } from '../../log.ts'
import { loggable } from './api-errors.ts'

/**
 * Sends a message to those who run a guild: to its moderators' channel or its system channel if the bot may write
 * there, else to its owner in private.
 */
export const tellAdmins = async (client: Client, guildId: string, content: string, log: Log): Promise<void> => {
  const guild = client.guilds.cache.get(guildId)
  if (!guild) return
  const me = guild.members.me
  const mayWrite = (channel: GuildTextBasedChannel | null): channel is GuildTextBasedChannel =>
    channel !== null &&
    me !== null &&
    channel.permissionsFor(me).has([PermissionFlagsBits.ViewChannel, PermissionFlagsBits.SendMessages])
  try {
    const channel = [guild.publicUpdatesChannel, guild.systemChannel].find(mayWrite)
    if (channel) await channel.send({ content })
    else await client.users.send(guild.ownerId, { content })
  } catch (error) {
    log.warn({ err: loggable(error), guild: guildId }, 'admins of a guild could not be told')
  }
}

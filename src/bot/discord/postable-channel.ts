import type { Client, GuildTextBasedChannel } from 'discord.js'
import { UnpostableChannelError } from './api-errors.ts'

/**
 * Finds a channel of a guild that takes messages.
 *
 * @throws {UnpostableChannelError} if it takes none, or the error of Discord's answer
 */
export const postableChannel = async (client: Client, channelId: string): Promise<GuildTextBasedChannel> => {
  const channel = client.channels.cache.get(channelId) ?? (await client.channels.fetch(channelId))
  if (channel === null || channel.isDMBased() || !channel.isTextBased())
    throw new UnpostableChannelError(`channel ${channelId} takes no messages`)
  return channel
}

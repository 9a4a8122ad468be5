import type { Client, GuildTextBasedChannel } from 'discord.js'
import { UnpostableChannelError } from './api-errors.ts'

/** A guild's channel that takes messages. @throws what Discord says, or {UnpostableChannelError} */
export const postableChannel = async (client: Client, channelId: string): Promise<GuildTextBasedChannel> => {
  const channel = client.channels.cache.get(channelId) ?? (await client.channels.fetch(channelId))
  if (channel === null || channel.isDMBased() || !channel.isTextBased())
    throw new UnpostableChannelError(`channel ${channelId} takes no messages`)
  return channel
}

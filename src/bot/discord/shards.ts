import { ShardClientUtil } from 'discord.js'

/** The number of the shard that gets a guild's events: `(id >> 22) % count`. */
export const shardOf = (guildId: string, count: number): number => ShardClientUtil.shardIdForGuildId(guildId, count)

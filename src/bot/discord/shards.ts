import { type Client, ShardClientUtil } from 'discord.js'

/** The number of the shard that gets a guild's events: `(id >> 22) % count`. */
export const shardOf = (guildId: string, count: number): number => ShardClientUtil.shardIdForGuildId(guildId, count)

/**
 * True if the guild belongs to a shard of this client. Another guild is in none of the client's caches, and Discord's
 * answers about it cannot be told from those about one that is gone.
 */
export const isOwnGuild = ({ options: { shards, shardCount = 1 } }: Client, guildId: string): boolean =>
  Array.isArray(shards) && shards.includes(shardOf(guildId, shardCount))

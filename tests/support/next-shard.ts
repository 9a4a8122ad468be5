/** The id of a guild in the shard after that of another guild. The local Discord's first guild is in shard 0 of 2. */
export const onNextShard = (guildId: string): string => (BigInt(guildId) + (1n << 22n)).toString()

import { type Client, Events, type Guild } from 'discord.js'

/** What becomes of channels, for those who post in them. */
export interface ChannelNews {
  forgetChannel(channelId: string): Promise<void>
  forgetGuild(guildId: string): Promise<void>
  /** Permissions of a channel may be others now. */
  mayHaveChanged(channelId: string): void
  failed(error: unknown): void
}

/** What Discord says about channels. `guildUnavailable` is an outage there and forgets nothing. */
export const listenForChannelNews = (client: Client, ears: ChannelNews): (() => void) => {
  const channelGone = ({ id }: { id: string }) => void ears.forgetChannel(id).catch(ears.failed)
  const guildGone = ({ id }: Guild) => void ears.forgetGuild(id).catch(ears.failed)
  const channelChanged = (_before: unknown, { id }: { id: string }) => ears.mayHaveChanged(id)
  const guildChanged = (guild: Guild) => {
    for (const id of guild.channels.cache.keys()) ears.mayHaveChanged(id)
  }
  const memberChanged = (_before: unknown, member: { id: string; guild: Guild }) => {
    if (member.id === client.user?.id) guildChanged(member.guild)
  }
  const roleChanged = (_before: unknown, { guild }: { guild: Guild }) => guildChanged(guild)
  client.on(Events.ChannelDelete, channelGone)
  client.on(Events.ThreadDelete, channelGone)
  client.on(Events.GuildDelete, guildGone)
  client.on(Events.ChannelUpdate, channelChanged)
  client.on(Events.ThreadUpdate, channelChanged)
  client.on(Events.GuildRoleUpdate, roleChanged)
  client.on(Events.GuildMemberUpdate, memberChanged)
  client.on(Events.GuildAvailable, guildChanged)
  return () => {
    client.off(Events.ChannelDelete, channelGone)
    client.off(Events.ThreadDelete, channelGone)
    client.off(Events.GuildDelete, guildGone)
    client.off(Events.ChannelUpdate, channelChanged)
    client.off(Events.ThreadUpdate, channelChanged)
    client.off(Events.GuildRoleUpdate, roleChanged)
    client.off(Events.GuildMemberUpdate, memberChanged)
    client.off(Events.GuildAvailable, guildChanged)
  }
}

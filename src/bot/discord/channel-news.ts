import { type Client, type ClientEvents, Events, type Guild } from 'discord.js'

/** Calls that follow news from Discord about channels and guilds. */
export interface ChannelNews {
  forgetChannel(channelId: string): Promise<void>
  forgetGuild(guildId: string): Promise<void>
  /** The bot's permissions in the channel may have changed. */
  mayHaveChanged(channelId: string): void
  failed(error: unknown): void
}

/**
 * Hands Discord's news about channels and guilds to the handlers. They are about guilds of the
 * client's own shards only. An outage of a guild at Discord's side is no news: nothing is forgotten.
 * @returns a call that ends the listening
 */
export const listenForChannelNews = (client: Client, handlers: ChannelNews): (() => void) => {
  const channelGone = ({ id }: { id: string }) => void handlers.forgetChannel(id).catch(handlers.failed)
  const guildGone = ({ id }: Guild) => void handlers.forgetGuild(id).catch(handlers.failed)
  const channelChanged = (_before: unknown, { id }: { id: string }) => handlers.mayHaveChanged(id)
  const guildChanged = (guild: Guild) => {
    for (const id of guild.channels.cache.keys()) handlers.mayHaveChanged(id)
  }
  const memberChanged = (_before: unknown, member: { id: string; guild: Guild }) => {
    if (member.id === client.user?.id) guildChanged(member.guild)
  }
  const roleChanged = (_before: unknown, { guild }: { guild: Guild }) => guildChanged(guild)
  const offs: (() => void)[] = []
  const listen = <E extends keyof ClientEvents>(event: E, listener: (...given: ClientEvents[E]) => void) => {
    client.on(event, listener)
    offs.push(() => client.off(event, listener))
  }
  listen(Events.ChannelDelete, channelGone)
  listen(Events.ThreadDelete, channelGone)
  listen(Events.GuildDelete, guildGone)
  listen(Events.ChannelUpdate, channelChanged)
  listen(Events.ThreadUpdate, channelChanged)
  listen(Events.GuildRoleUpdate, roleChanged)
  listen(Events.GuildMemberUpdate, memberChanged)
  listen(Events.GuildAvailable, guildChanged)
  return () => {
    for (const off of offs) off()
  }
}

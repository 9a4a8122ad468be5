import type { Client } from 'discord.js'
import type { Log } from '../../log.ts'
import type { Read, Watching } from '../../pipeline/views/views.ts'
import { tellAdmins } from '../discord/guild-notice.ts'
import { postingPermissions } from '../discord/posting-permissions.ts'
import { texts as tables } from '../locale/index.ts'
import type { Channels } from './delivery.ts'

interface Dependencies {
  readonly client: Client
  readonly read: Pick<Read, 'settings'>
  readonly watching: Pick<Watching, 'saveSettings' | 'forgetChannel' | 'forgetGuild'>
  readonly log: Log
}

/**
 * Keeps track of the channels that delivery posts to: forgets those that are gone, and informs those who run a guild
 * once of the permissions that the bot lacks.
 */
export const createChannelKeeper = ({ client, read, watching, log }: Dependencies): Channels => {
  /** Channels whose admins know that replies are posted without their reference. */
  const withoutHistory = new Set<string>()
  return {
    forgetChannel: (channelId) => watching.forgetChannel(channelId),
    forgetGuild: (guildId) => watching.forgetGuild(guildId),
    /** The channel's settings store the pause, so admins are informed once, even over restarts. */
    async paused(channelId, guildId) {
      const settings = await read.settings(channelId, guildId)
      if (settings.pausedReason !== null) return
      await watching.saveSettings({ ...settings, pausedReason: 'permission' })
      const needed = postingPermissions(client.channels.cache.get(channelId)?.isThread() ?? false)
      await tellAdmins(client, guildId, tables[settings.locale].pausedNotice(`<#${channelId}>`, needed), log)
    },
    async resumed(channelId, guildId) {
      const settings = await read.settings(channelId, guildId)
      if (settings.pausedReason !== null) await watching.saveSettings({ ...settings, pausedReason: null })
    },
    async lacksHistory(channelId, guildId) {
      if (withoutHistory.has(channelId)) return
      withoutHistory.add(channelId)
      const { locale } = await read.settings(channelId, guildId)
      await tellAdmins(client, guildId, tables[locale].historyNotice(`<#${channelId}>`), log)
    },
  }
}

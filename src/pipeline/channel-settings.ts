import type { ChannelSettings } from './ports.ts'

/** About three alerts per stock and week. */
export const DEFAULT_ALERTS_PER_WEEK = 3

/** What holds for a channel that has not chosen anything yet. */
export const untoldSettings = (channelId: string, guildId: string, locale: ChannelSettings['locale']): ChannelSettings => ({
  channelId,
  guildId,
  locale,
  alertsPerWeek: DEFAULT_ALERTS_PER_WEEK,
  pausedReason: null,
})

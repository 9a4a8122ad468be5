import { LEVELS } from '../../model/detector/channel-number.ts'
import type { ChannelSettings } from '../store/records.ts'

export const DEFAULT_ALERTS_PER_DAY = LEVELS.normal.alertsPerDay

/** Settings of a channel that has not chosen anything yet. */
export const defaultSettings = (
  channelId: string,
  guildId: string,
  locale: ChannelSettings['locale'],
): ChannelSettings => ({
  channelId,
  guildId,
  locale,
  alertsPerDay: DEFAULT_ALERTS_PER_DAY,
  numberSince: null,
  wasPerWeek: null,
  pausedReason: null,
})

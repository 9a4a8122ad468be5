import type { ChannelSettings, Source, Store } from './ports.ts'
import type { Read } from './read.ts'

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

interface Dependencies {
  readonly source: Pick<Source, 'venue'>
  readonly store: Pick<Store, 'watches' | 'outbox'>
}

/** What a channel wants and got, whatever its minutes are made of. */
export const createChannels = ({ source: { venue }, store }: Dependencies): Pick<Read, 'settings' | 'alertsSince'> => ({
  async settings(channelId, guildId) {
    return (await store.watches.settings(channelId)) ?? untoldSettings(channelId, guildId, 'ko')
  },
  async alertsSince(channelId, since) {
    const { length: stocks } = await store.watches.ofChannel(venue, channelId)
    return { stocks, sent: await store.outbox.alertsSince(venue, channelId, since) }
  },
})

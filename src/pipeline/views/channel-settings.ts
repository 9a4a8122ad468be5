import { expectedPerDay, mostPerDay } from '../../model/detector/channel-number.ts'
import type { Calendar, Session } from '../../model/time/session.ts'
import { sessionsBack } from '../calendar/sessions-back.ts'
import { defaultSettings } from '../episodes/default-settings.ts'
import type { Source } from '../sources/source.ts'
import type { Store } from '../store/contract.ts'
import type { WatchRecord } from '../store/records.ts'
import type { Read } from './views.ts'

/** Number of finished sessions over which a channel's realised number is averaged. */
const SHOWN_SESSIONS = 5

/** True for a stock that was asked for by itself, not with its market. */
export const isAskedFor = ({ market }: Pick<WatchRecord, 'market'>): boolean => (market ?? null) === null

interface Dependencies {
  readonly source: Pick<Source, 'series' | 'now'>
  readonly calendar: Calendar
  readonly store: Pick<Store, 'watches' | 'outbox'>
}

/**
 * The part of the read side that bars and changes share: a channel's settings, and the alerts it has had beside those
 * it asks for.
 */
export const createChannels = ({
  source,
  calendar,
  store,
}: Dependencies): Pick<Read, 'settings' | 'channelNumber' | 'watchedMarkets'> => {
  const { series } = source
  const settings = async (channelId: string, guildId: string) =>
    (await store.watches.settings(channelId)) ?? defaultSettings(channelId, guildId, 'ko')
  return {
    settings,
    async watchedMarkets(channelId) {
      const markets = (await store.watches.markets(series)).filter((watch) => watch.channelId === channelId)
      if (markets.length === 0) return []
      const watches = await store.watches.ofChannel(series, channelId)
      return markets.map(({ market }) => ({
        market,
        stocks: watches.filter((watch) => watch.market === market).length,
      }))
    },
    async channelNumber(channelId, guildId) {
      const { alertsPerDay, numberSince } = await settings(channelId, guildId)
      const watches = await store.watches.ofChannel(series, channelId)
      const first = Math.max(numberSince ?? 0, Math.min(...watches.map(({ since }) => since)))
      const finished = finishedSessions(calendar, source.now(), SHOWN_SESSIONS).filter(({ open }) => open >= first)
      const oldest = finished[0]
      const times = oldest ? await store.outbox.alertTimes(series, channelId, oldest.open) : []
      const end = finished.at(-1)?.close ?? 0
      return {
        stocks: watches.length,
        expected: expectedPerDay(alertsPerDay, watches.length),
        most: mostPerDay(alertsPerDay),
        realised: oldest
          ? { sessions: finished.length, perDay: times.filter((time) => time < end).length / finished.length }
          : null,
      }
    },
  }
}

/** The newest finished sessions, oldest first. Only the last one that opened can still be running. */
const finishedSessions = (calendar: Calendar, now: number, count: number): Session[] =>
  sessionsBack(calendar, now + 1, count + 1)
    .filter(({ close }) => close <= now)
    .slice(0, count)
    .toReversed()

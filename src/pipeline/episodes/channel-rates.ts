import { allowedRate, type ChannelDay, expectedPerDay, steeringFactor } from '../../model/detector/channel-number.ts'
import type { Calendar } from '../../model/time/session.ts'
import { sessionsBack } from '../calendar/sessions-back.ts'
import { DEFAULT_ALERTS_PER_DAY } from '../episodes/default-settings.ts'
import type { Store } from '../store/contract.ts'

/** Finished sessions that a channel's number is steered by. */
const STEERED_SESSIONS = 20

/** How often a channel is pinged in one market day. */
export interface ChannelRate {
  /** Alerts a stock and session that are worth a ping now. */
  allowed(): number
  /** One more alert has been decided on. */
  spend(): void
}

interface Dependencies {
  readonly series: string
  readonly calendar: Calendar
  readonly store: Pick<Store, 'watches' | 'outbox'>
}

/** The rate of a channel in the session of a minute, as it stands in the store. */
export const createChannelRates =
  ({ series, calendar, store }: Dependencies) =>
  async (channelId: string, openTime: number): Promise<ChannelRate> => {
    const session = calendar.lastSession(openTime)
    const past = sessionsBack(calendar, session.open, STEERED_SESSIONS).toReversed()
    const settings = await store.watches.settings(channelId)
    const alertsPerDay = settings?.alertsPerDay ?? DEFAULT_ALERTS_PER_DAY
    const watches = await store.watches.ofChannel(series, channelId)
    const times = await store.outbox.alertTimes(series, channelId, past[0]?.open ?? session.open)
    const days = past
      // What another number or other stocks brought says nothing of these.
      .filter(({ open }) => open >= (settings?.numberSince ?? 0))
      .flatMap(({ open, close }): ChannelDay[] => {
        const stocks = watches.filter(({ since }) => since <= open).length
        const decided = times.filter((time) => time >= open && time < close).length
        return stocks === 0 ? [] : [{ expected: expectedPerDay(alertsPerDay, stocks), decided }]
      })
    const factor = steeringFactor(days)
    let today = times.filter((time) => time >= session.open).length
    return {
      // A channel that watches nothing yet is told what it would get of the stock it asks about.
      allowed: () => allowedRate({ alertsPerDay, stocks: Math.max(1, watches.length), factor, today }),
      spend() {
        today++
      },
    }
  }

import { allowedRate, type ChannelDay, expectedPerDay, steeringFactor } from '../../model/detector/channel-number.ts'
import type { Calendar } from '../../model/time/session.ts'
import { sessionsBack } from '../calendar/sessions-back.ts'
import { DEFAULT_ALERTS_PER_DAY } from '../episodes/default-settings.ts'
import type { Store } from '../store/contract.ts'

/** Finished sessions whose alert counts steer a channel's rate. */
const STEERED_SESSIONS = 20

/** The rate of alerts in one channel and session. */
export interface ChannelRate {
  /** Alerts a stock and session that the channel can take now. */
  allowed(): number
  /** Counts one more decided alert. */
  spend(): void
}

interface Dependencies {
  readonly series: string
  readonly calendar: Calendar
  readonly store: Pick<Store, 'watches' | 'outbox'>
}

/**
 * Reads the rate of a channel in the session of a minute from the store.
 *
 * @returns a function that also takes the minutes of alerts that have been decided and are not stored yet
 */
export const createChannelRates =
  ({ series, calendar, store }: Dependencies) =>
  async (channelId: string, openTime: number, unstored: readonly number[] = []): Promise<ChannelRate> => {
    const session = calendar.lastSession(openTime)
    const past = sessionsBack(calendar, session.open, STEERED_SESSIONS).toReversed()
    const settings = await store.watches.settings(channelId)
    const alertsPerDay = settings?.alertsPerDay ?? DEFAULT_ALERTS_PER_DAY
    const watches = await store.watches.ofChannel(series, channelId)
    const stored = await store.outbox.alertTimes(series, channelId, past[0]?.open ?? session.open)
    const times = [...stored, ...unstored]
    const days = past
      // Alerts under another number or of other stocks say nothing about these.
      .filter(({ open }) => open >= (settings?.numberSince ?? 0))
      .flatMap(({ open, close }): ChannelDay[] => {
        const stocks = watches.filter(({ since }) => since <= open).length
        const decided = times.filter((time) => time >= open && time < close).length
        return stocks === 0 ? [] : [{ expected: expectedPerDay(alertsPerDay, stocks), decided }]
      })
    const factor = steeringFactor(days)
    let today = times.filter((time) => time >= session.open).length
    return {
      // A channel that watches nothing yet sees the rate it would have with one stock.
      allowed: () => allowedRate({ alertsPerDay, stocks: Math.max(1, watches.length), factor, today }),
      spend() {
        today++
      },
    }
  }

/** Alerts a day that a channel asks for, and the rate that follows for one of its stocks. */

/**
 * The levels: alerts a day, and the most that one stock brings in a session, which holds in a channel of few stocks.
 */
export const LEVELS = {
  quiet: { alertsPerDay: 2, perStock: 0.2 },
  normal: { alertsPerDay: 6, perStock: 0.6 },
  lively: { alertsPerDay: 20, perStock: 2 },
} as const

export const FEWEST_ALERTS = 0.1
export const MOST_ALERTS = 200
/** A market day never brings more than this multiple of the number. */
const HARD_LIMIT = 3

/** The most alerts a stock and session: those of the level whose number is nearest, the quieter of two. */
const perStockOf = (alertsPerDay: number): number => {
  const [nearest] = Object.values(LEVELS).toSorted(
    (a, b) =>
      Math.abs(a.alertsPerDay - alertsPerDay) - Math.abs(b.alertsPerDay - alertsPerDay) ||
      a.alertsPerDay - b.alertsPerDay,
  )
  return nearest!.perStock
}

/** The mean number of alerts a day that a channel of so many stocks can expect. */
export const expectedPerDay = (alertsPerDay: number, stocks: number): number =>
  Math.min(alertsPerDay, stocks * perStockOf(alertsPerDay))

/** The hard limit of one market day: at least one alert, however small the number. */
export const mostPerDay = (alertsPerDay: number): number => Math.max(1, Math.floor(HARD_LIMIT * alertsPerDay))

/** One finished session of a channel: alerts that were expected and those that were decided on. */
export interface ChannelDay {
  readonly expected: number
  readonly decided: number
}

/** Alerts that steering adds to both sides of a day: the fewer a channel has, the less one day changes. */
const INERTIA = 6
/** Part of a day's deviation that the next day's rate makes up for. */
const GAIN = 0.5
/** A stock alone in its channel may be ten times as lively as its market. */
const LEAST_FACTOR = 0.1
const MOST_FACTOR = 2

/**
 * The factor of the rate by which the realised number meets the expected one. Each day corrects it by a part of the
 * ratio by which that day was off. A boundary taken from the past alone is off whenever the market is livelier or
 * calmer than it was.
 *
 * @param days - finished sessions, oldest first
 */
export const steeringFactor = (days: readonly ChannelDay[]): number =>
  days.reduce((factor, { expected, decided }) => {
    const corrected = factor * ((expected + INERTIA) / (decided + INERTIA)) ** GAIN
    return Math.min(MOST_FACTOR, Math.max(LEAST_FACTOR, corrected))
  }, 1)

/** A channel at one moment of a market day. */
export interface ChannelNow {
  readonly alertsPerDay: number
  readonly stocks: number
  /** See {@link steeringFactor}. */
  readonly factor: number
  /** Alerts decided on since the session opened. */
  readonly today: number
}

/**
 * Alerts a stock and session that are worth a ping now. Once the day has brought the channel's number, the rate falls
 * with each further alert, to 0 at three times the number.
 */
export const allowedRate = ({ alertsPerDay, stocks, factor, today }: ChannelNow): number => {
  if (stocks === 0 || today >= mostPerDay(alertsPerDay)) return 0
  const rate = (factor * expectedPerDay(alertsPerDay, stocks)) / stocks
  const left = today < alertsPerDay ? 1 : (HARD_LIMIT * alertsPerDay - today) / ((HARD_LIMIT - 1) * alertsPerDay)
  return rate * left
}

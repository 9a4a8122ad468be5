import { MINUTE } from '../../model/time/bar.ts'

/** One column of the picture: some minutes of trading, or a part of a break. */
export interface Slot {
  readonly start: number
  /** Number of minutes in the column, with or without a trade; 0 for a break. */
  readonly minutes: number
}

/**
 * Columns follow time, not bars: a minute without a trade keeps its place, and a break (night, lunch, closing auction)
 * takes three columns.
 */
export interface TimeAxis {
  readonly slots: readonly Slot[]
  /** Minutes per candle. */
  readonly stepMinutes: number
  /** Index of a minute's column, or -1 if it is not in the picture. */
  slotOf(openTime: number): number
}

const STEPS = [1, 3, 5, 10, 15, 30, 60, 120, 240, 1440] as const
const MOST_SLOTS = 180
const BREAK_SLOTS = 3
const DAY_MINUTES = 1440
/**
 * Ends of the closing auction in minutes of the day. On the day of the university entrance exam it is an hour later.
 */
const CLOSING_AUCTIONS: readonly number[] = [15 * 60 + 30, 16 * 60 + 30]
const AUCTION_MINUTES = 10
const KOREA = 540

/**
 * @param openTimes - ascending
 * @param utcOffsetMinutes - of the market's own clock, on which candles of several minutes are aligned
 */
export const timeAxis = (openTimes: readonly number[], utcOffsetMinutes: number): TimeAxis => {
  const local = openTimes.map((time) => Math.floor(time / MINUTE) + utcOffsetMinutes)
  let slots: readonly Slot[] = []
  let step: number = STEPS[0]
  for (step of STEPS) {
    slots = slotsOf(local, step, utcOffsetMinutes)
    if (slots.length <= MOST_SLOTS) break
  }
  const places = new Map(slots.flatMap((slot, index) => (slot.minutes === 0 ? [] : [[slot.start, index] as const])))
  const stepMinutes = step
  return {
    slots,
    stepMinutes,
    slotOf: (openTime) => {
      const minute = Math.floor(openTime / MINUTE) + utcOffsetMinutes
      return places.get(toTime(floorTo(minute, stepMinutes), utcOffsetMinutes)) ?? -1
    },
  }
}

const floorTo = (minute: number, step: number) => Math.floor(minute / step) * step
const toTime = (minute: number, offset: number) => (minute - offset) * MINUTE

const slotsOf = (local: readonly number[], step: number, offset: number): Slot[] => {
  const slots: Slot[] = []
  for (const run of runsOf(local, step, offset)) {
    if (slots.length > 0) {
      for (let i = 0; i < BREAK_SLOTS; i++) slots.push({ start: toTime(run.from, offset), minutes: 0 })
    }
    for (let minute = floorTo(run.from, step); minute < run.to; minute += step) {
      const minutes = Math.min(minute + step, run.to) - Math.max(minute, run.from)
      slots.push({ start: toTime(minute, offset), minutes })
    }
  }
  return slots
}

/** Runs of trading without a break, in minutes of the market's clock, half-open. */
const runsOf = (local: readonly number[], step: number, offset: number): { from: number; to: number }[] => {
  const longest = Math.max(30, 6 * step)
  const tradesThroughAuction = local.some((minute) => auctionOf(minute, offset) !== null)
  const runs: { from: number; to: number }[] = []
  for (const minute of local) {
    const run = runs.at(-1)
    if (run === undefined || minute - run.to > longest) {
      runs.push({ from: minute, to: minute + 1 })
      continue
    }
    const auction = step < AUCTION_MINUTES && !tradesThroughAuction ? auctionOf(minute - 1, offset) : null
    if (auction !== null && run.to <= auction) {
      run.to = auction
      runs.push({ from: minute, to: minute + 1 })
    } else run.to = minute + 1
  }
  return runs
}

/**
 * First minute of the closing auction that the minute lies in, or null. In the auction nothing trades before its price
 * is set.
 */
const auctionOf = (minute: number, offset: number): number | null => {
  if (offset !== KOREA) return null
  const ofDay = minute % DAY_MINUTES
  const end = CLOSING_AUCTIONS.find((close) => ofDay >= close - AUCTION_MINUTES && ofDay < close)
  return end === undefined ? null : minute - ofDay + end - AUCTION_MINUTES
}

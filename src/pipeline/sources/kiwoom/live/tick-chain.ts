import { minuteOf } from '../../../../model/time/bar.ts'
import { kstDayStart } from '../numbers.ts'
import type { Tick } from './ticks.ts'

/** A minute made from its ticks. */
export interface TickMinute {
  readonly openTime: number
  open: number
  high: number
  low: number
  close: number
  volume: number
  /** The day's volume before its first tick. */
  first: number
  /** The day's volume after its last tick. */
  last: number
}

/** A piece of the day's volume, in shares, that no tick explains. It was traded somewhere in these minutes. */
interface Gap {
  readonly day: number
  readonly from: number
  readonly to: number
  readonly firstMinute: number
  readonly lastMinute: number
}

export type Added = 'added' | 'duplicate' | 'late'

/**
 * Puts the ticks of one stock in order. Each tick covers the piece `(dayVolume − size, dayVolume]` of the day's running
 * volume: a piece that is covered already is a repetition, and a piece between two ticks that no tick covers is a lost
 * tick. So it is known, to the share, which minutes are exact.
 */
export interface TickChain {
  /**
   * @param within - false for a trade of no bar (before the open, after the close): it only moves the running volume
   */
  add(tick: Tick, within: boolean): Added
  minute(openTime: number): TickMinute | undefined
  /** True if shares may be missing from the minute. */
  inDoubt(openTime: number): boolean
  /** Marks a minute as inexact: one of its ticks was unreadable, for example. */
  doubt(openTime: number): void
  /** The start of the newest tick's minute, or −∞. */
  newestMinute(): number
  /** Forgets minutes and gaps before this time. */
  prune(before: number): void
}

/**
 * @param sharesBeforeOpen - true if volume traded before the open may be part of the first bar: then only Kiwoom's bar
 * of that minute is exact
 */
export const createTickChain = ({ sharesBeforeOpen }: { sharesBeforeOpen: boolean }): TickChain => {
  const minutes = new Map<number, TickMinute>()
  const doubtful = new Set<number>()
  let gaps: Gap[] = []
  let day = -Infinity
  let last = 0
  /** The minute of the tick with the greatest running volume. */
  let lastMinute = -Infinity
  /** The newest minute of any tick. */
  let newestMinute = -Infinity
  let tradedToday = false

  const put = (tick: Tick, openTime: number) => {
    const start = tick.dayVolume - tick.size
    const minute = minutes.get(openTime)
    if (!minute) {
      const { price, size, dayVolume } = tick
      minutes.set(openTime, {
        openTime,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: size,
        first: start,
        last: dayVolume,
      })
      return
    }
    if (start < minute.first) {
      minute.first = start
      minute.open = tick.price
    }
    if (tick.dayVolume > minute.last) {
      minute.last = tick.dayVolume
      minute.close = tick.price
    }
    if (tick.price > minute.high) minute.high = tick.price
    if (tick.price < minute.low) minute.low = tick.price
    minute.volume += tick.size
  }

  /** Adds a tick from before the newest one: it fills a gap, or is a repetition. */
  const addLate = (tick: Tick, openTime: number, within: boolean): Added => {
    const start = tick.dayVolume - tick.size
    const gap = gaps.find(({ day: of, from, to }) => of === day && from <= start && tick.dayVolume <= to)
    if (!gap) return 'duplicate'
    gaps = gaps.filter((other) => other !== gap)
    if (gap.from < start) gaps.push({ ...gap, to: start, lastMinute: openTime })
    if (tick.dayVolume < gap.to) gaps.push({ ...gap, from: tick.dayVolume, firstMinute: openTime })
    if (within) put(tick, openTime)
    return 'late'
  }

  return {
    add(tick, within) {
      const openTime = minuteOf(tick.time)
      const today = kstDayStart(tick.time)
      if (today < day) return 'duplicate'
      if (today > day) {
        day = today
        last = 0
        lastMinute = today
        newestMinute = -Infinity
        tradedToday = false
      }
      if (tick.dayVolume <= last) {
        // The trade is of a later minute and has a smaller running volume: Kiwoom's count cannot be followed here.
        if (openTime > lastMinute) doubtful.add(openTime)
        return addLate(tick, openTime, within)
      }
      const start = tick.dayVolume - tick.size
      if (start > last)
        gaps.push({
          day,
          from: last,
          to: start,
          firstMinute: Math.min(lastMinute, openTime),
          lastMinute: Math.max(lastMinute, openTime),
        })
      if (start < last) doubtful.add(openTime)
      if (within) {
        if (!tradedToday && start > 0 && sharesBeforeOpen) doubtful.add(openTime)
        tradedToday = true
        put(tick, openTime)
      }
      last = tick.dayVolume
      lastMinute = openTime
      if (openTime < newestMinute) return 'late'
      newestMinute = openTime
      return 'added'
    },
    minute: (openTime) => minutes.get(openTime),
    inDoubt: (openTime) =>
      doubtful.has(openTime) || gaps.some((gap) => gap.firstMinute <= openTime && openTime <= gap.lastMinute),
    doubt(openTime) {
      doubtful.add(openTime)
    },
    newestMinute: () => newestMinute,
    prune(before) {
      for (const openTime of minutes.keys()) if (openTime < before) minutes.delete(openTime)
      for (const openTime of doubtful) if (openTime < before) doubtful.delete(openTime)
      gaps = gaps.filter((gap) => gap.lastMinute >= before)
    },
  }
}

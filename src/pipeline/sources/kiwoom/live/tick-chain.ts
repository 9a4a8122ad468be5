import { minuteOf } from '../../../../model/time/bar.ts'
import { kstDayStart } from '../numbers.ts'
import type { Tick } from './ticks.ts'

/** A minute as its ticks made it. */
export interface TickMinute {
  readonly openTime: number
  open: number
  high: number
  low: number
  close: number
  volume: number
  /** The day's volume before its first and after its last tick. */
  first: number
  last: number
}

/** Shares of the day's volume that no tick explains, traded somewhere in these minutes. */
interface Gap {
  readonly day: number
  readonly from: number
  readonly to: number
  readonly firstMinute: number
  readonly lastMinute: number
}

export type Added = 'added' | 'duplicate' | 'late'

/**
 * The ticks of one stock put in order. Each tick covers the piece `(dayVolume − size, dayVolume]` of the day's running volume: a piece that is covered already
 * is a repetition, a piece between two ticks that nothing covers is a lost tick. Either way it is known, to the share, which minutes are exact.
 */
export interface TickChain {
  /** `within` is false for a trade that belongs to no bar (before the open, after the close): it moves the running volume only. */
  add(tick: Tick, within: boolean): Added
  minute(openTime: number): TickMinute | undefined
  /** Whether shares may be missing from the minute. */
  inDoubt(openTime: number): boolean
  /** Nothing can be trusted about this minute: a tick of it was unreadable. */
  doubt(openTime: number): void
  /** Start of the newest tick's minute, or −∞. */
  newestMinute(): number
  /** Forgets what is older. */
  prune(before: number): void
}

/** @param sharesBeforeOpen - whether volume traded before the open may be part of the first bar, so that only the venue's own bar can tell */
export const createTickChain = ({ sharesBeforeOpen }: { sharesBeforeOpen: boolean }): TickChain => {
  const minutes = new Map<number, TickMinute>()
  const doubtful = new Set<number>()
  let gaps: Gap[] = []
  let day = -Infinity
  let last = 0
  /** Of the tick that carried the running volume furthest, and of the newest by the clock. */
  let lastMinute = -Infinity
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

  /** A tick from before the newest one: it fills a gap, or has been seen. */
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
        // A trade of a later minute with a smaller running volume: the venue counts in a way that this cannot follow.
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

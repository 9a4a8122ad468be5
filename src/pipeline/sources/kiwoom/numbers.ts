import { DAY } from '../../../model/time/bar.ts'
import { kstTime } from '../../../model/time/kst-time.ts'
import { KST_OFFSET } from '../../../model/time/session.ts'

const SIGNED = /^[+-]?\d{1,15}$/
const PLAIN = /^\d{1,15}$/

/**
 * Reads a price, without its sign, which says on which side of yesterday's close it lies. Null for anything that is not
 * a price above 0.
 */
export const wirePrice = (text: unknown): number | null => {
  if (typeof text !== 'string' || !SIGNED.test(text)) return null
  const price = Math.abs(Number(text))
  return price > 0 ? price : null
}

/** Reads a number of shares, which has no sign; null for anything else, the empty text included. */
export const wireVolume = (text: unknown): number | null =>
  typeof text === 'string' && PLAIN.test(text) ? Number(text) : null

/** Reads the size of one trade, without its sign: `+` bought, `-` sold. */
export const wireTradeSize = (text: unknown): number | null => {
  if (typeof text !== 'string' || !SIGNED.test(text)) return null
  const size = Math.abs(Number(text))
  return size > 0 ? size : null
}

/** `YYYYMMDDHHmmss` in Korea → epoch ms; null if there is no such instant (`…888888` marks closing rows of indices). */
export const kstInstant = (text: unknown): number | null =>
  typeof text === 'string' && text.length === 14 ? kstTime(text) : null

/** Epoch ms → `YYYYMMDD` in Korea. */
export const kstDate = (time: number): string =>
  new Date(time + KST_OFFSET).toISOString().slice(0, 10).replaceAll('-', '')

/** The start of the Korean day that contains the instant. */
export const kstDayStart = (time: number): number => Math.floor((time + KST_OFFSET) / DAY) * DAY - KST_OFFSET

/** `HHmmss` without a date → the instant nearest to `near`; null if it is no time of day. */
export const kstTimeOfDay = (text: unknown, near: number): number | null => {
  if (typeof text !== 'string' || !/^\d{6}$/.test(text)) return null
  const number = Number(text)
  const hour = Math.floor(number / 10_000)
  const minute = Math.floor(number / 100) % 100
  const second = number % 100
  if (hour > 23 || minute > 59 || second > 59) return null
  const time = kstDayStart(near) + ((hour * 60 + minute) * 60 + second) * 1000
  if (time - near > DAY / 2) return time - DAY
  return near - time > DAY / 2 ? time + DAY : time
}

/** A moment for people to read: `2026-11-20 09:00:00` in Korea's time. */
export const kstText = (time: number): string =>
  new Date(time + KST_OFFSET).toISOString().slice(0, 19).replace('T', ' ')

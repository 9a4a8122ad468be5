import { KST_OFFSET } from './session.ts'

const DIGITS = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?$/

/** `YYYYMMDDHHmm[ss]` of the Korean clock to epoch ms, or null if that is no time (month 13, 25 o'clock, letters). */
export const kstTime = (digits: string): number | null => {
  const match = DIGITS.exec(digits)
  if (!match) return null
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1)
    .map((part) => Number(part ?? 0))
  const local = new Date(Date.UTC(year, month - 1, day, hour, minute, second))
  // Date.UTC carries overflow along (31 February is 3 March): only a date that comes back unchanged was one.
  const same =
    local.getUTCMonth() === month - 1 && local.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  return same ? local.getTime() - KST_OFFSET : null
}

/** Epoch ms to `YYYYMMDDHHmmss` of the Korean clock. */
export const kstDigits = (time: number): string =>
  new Date(time + KST_OFFSET).toISOString().replace(/\D/g, '').slice(0, 14)

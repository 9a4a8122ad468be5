import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { SetupError } from '../../errors.ts'
import { HOLIDAYS } from './holidays.ts'
import { dateOfDay, dayOfDate } from './sessions.ts'

/**
 * Late notices of the exchange, from a file that the operator keeps. Dates are the market's own, `YYYY-MM-DD`; times
 * are `HH:mm`.
 */
export interface CalendarOverrides {
  /** Dates that are closed, whatever the calendar says. */
  readonly closed: readonly string[]
  /** Dates with hours of their own (the first trade, the closing auction's call), whatever the calendar says. */
  readonly special: readonly { readonly date: string; readonly open: string; readonly close: string }[]
  /** Years that the calendar does not know and whose holidays are all in `closed`. */
  readonly years: readonly number[]
}

export const NO_OVERRIDES: CalendarOverrides = { closed: [], special: [], years: [] }

/** `HH:mm` as minutes after midnight. */
export const minuteOfDay = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

const date = z
  .string('expected a date like 2026-12-24')
  .refine((text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDate(text), {
    error: ({ input }) => `expected a date like 2026-12-24, came ${JSON.stringify(input)}`,
  })
const time = z.string('expected a time like 10:00').refine((text) => /^([01]\d|2[0-3]):[0-5]\d$/.test(text), {
  error: ({ input }) => `expected a time like 10:00, came ${JSON.stringify(input)}`,
})

const overrides = z.strictObject({
  closed: z.array(z.union([date, z.strictObject({ date, why: z.string() }).transform((day) => day.date)])).default([]),
  special: z
    .array(
      z
        .strictObject({ date, open: time, close: time, why: z.string().optional() })
        .refine(
          (day) => minuteOfDay(day.close) - minuteOfDay(day.open) > 10,
          'expected a close more than ten minutes after the open',
        )
        .transform(({ date, open, close }) => ({ date, open, close })),
    )
    .default([]),
  years: z
    .array(
      z.int('expected a year like 2028').min(1980, 'expected a year like 2028').max(2999, 'expected a year like 2028'),
    )
    .default([]),
})

/**
 * Reads `{ "closed": ["2026-12-24"], "special": [{ "date": "2026-11-19", "open": "10:00", "close": "16:30" }], "years":
 * [2028] }`, each part optional; a closed day may also be `{ "date", "why" }`.
 *
 * @throws {SetupError} naming the file, the place in it and what was expected there
 */
export const readCalendarOverrides = async (path: string): Promise<CalendarOverrides> => {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new SetupError(
      `CALENDAR_FILE: ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}): name a JSON file, or leave the setting out`,
      { cause },
    )
  }
  let json: unknown
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (cause) {
    throw new SetupError(`CALENDAR_FILE: ${path} is not JSON: ${(cause as Error).message}`, { cause })
  }
  const parsed = overrides.safeParse(json)
  if (parsed.success) return withEffect(path, parsed.data)
  const issue = deepest(parsed.error.issues[0]!)
  throw new SetupError(`CALENDAR_FILE: ${path}, ${place(issue.path)}: ${issue.message}`)
}

const isDate = (text: string): boolean => {
  const day = dayOfDate(text)
  return Number.isFinite(day) && dateOfDay(day) === text
}

/**
 * An entry that another one overrules, or that nobody would ever look at, is a mistake that shows on the day itself.
 */
const withEffect = (path: string, read: CalendarOverrides): CalendarOverrides => {
  const refuse = (sentence: string) => new SetupError(`CALENDAR_FILE: ${path}, ${sentence}`)
  const special = read.special.map((day) => day.date)
  const both = special.find((date) => read.closed.includes(date))
  if (both !== undefined) throw refuse(`${both} is in "closed" and in "special": keep one of the two`)
  const twice = special.find((date, index) => special.indexOf(date) < index)
  if (twice !== undefined) throw refuse(`${twice} is twice in "special": keep the one with the right hours`)
  const unknown = [...read.closed, ...special].find(
    (date) => !HOLIDAYS.has(yearOf(date)) && !read.years.includes(yearOf(date)),
  )
  if (unknown !== undefined)
    throw refuse(
      `${unknown} is of a year whose holidays are not known: list ${yearOf(unknown)} in "years" and all of its holidays in "closed", or leave the date out`,
    )
  return read
}

const yearOf = (date: string): number => Number(date.slice(0, 4))

/** A union reports what each of its branches missed; the first branch is the plain form. */
const deepest = (issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } => {
  const inner = issue.code === 'invalid_union' ? issue.errors[0]?.[0] : undefined
  return inner === undefined ? issue : { path: [...issue.path, ...inner.path], message: inner.message }
}

const place = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the whole'
    : path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${String(part)}`)).join('')

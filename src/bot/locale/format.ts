/** The unit of a symbol's prices: whole won, or any other with digits down to 1e-8. */
export type Currency = 'won' | 'other'

/**
 * Numbers and times in the form that traders read. Times are shown on the market's clock, given as minutes east of UTC.
 */
export interface Format {
  count(value: number): string
  /** A percentage with its sign: `+4.2%`. */
  percent(value: number): string
  /** `6분`, `6 min`. */
  minutes(value: number): string
  /** A percentage without a sign, with two significant digits: `0.04%`. */
  share(value: number): string
  /** `34배`, `3.4×`. */
  multiple(value: number): string
  price(value: number, currency: Currency): string
  volume(value: number, currency: Currency): string
  /** A traded value in short form: `12.3억원`. */
  turnover(value: number, currency: Currency): string
  /** Any other number, with four significant digits. */
  plain(value: number): string
  /** `10:41`. */
  clock(time: number, utcOffsetMinutes: number): string
  /** `10:41:26`. */
  exactClock(time: number, utcOffsetMinutes: number): string
  /** `8월 3일(월) 10:41`. */
  moment(time: number, utcOffsetMinutes: number): string
  /** A date `YYYY-MM-DD` in the form that people read. */
  day(date: string): string
  /** `KST`, `UTC`, `UTC+5:30`. */
  zone(utcOffsetMinutes: number): string
}

interface Style {
  readonly language: 'ko-KR' | 'en-GB'
  minutes(number: string): string
  multiple(number: string): string
  shares(number: string): string
  won(number: string): string
}

const STYLES: Record<'ko' | 'en', Style> = {
  ko: {
    language: 'ko-KR',
    minutes: (n) => `${n}분`,
    multiple: (n) => `${n}배`,
    shares: (n) => `${n}주`,
    won: (n) => `${n}원`,
  },
  en: {
    language: 'en-GB',
    minutes: (n) => `${n} min`,
    multiple: (n) => `${n}×`,
    shares: (n) => `${n} shares`,
    won: (n) => `₩${n}`,
  },
}

/** Percentages from here on are written without a fraction. */
const WHOLE_FROM = 10_000

/** The number formats of one language. */
export const createFormat = (locale: 'ko' | 'en'): Format => {
  const style = STYLES[locale]
  const numbers = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(style.language, options)
  const whole = numbers({ maximumFractionDigits: 0 })
  const oneDigit = numbers({ maximumFractionDigits: 1 })
  const fine = numbers({ maximumFractionDigits: 8 })
  const signed = numbers({ minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' })
  const signedWhole = numbers({ maximumFractionDigits: 0, signDisplay: 'exceptZero' })
  const signedFine = numbers({ maximumSignificantDigits: 1, signDisplay: 'exceptZero' })
  const two = numbers({ maximumSignificantDigits: 2 })
  const four = numbers({ maximumSignificantDigits: 4 })
  const compact = numbers({ notation: 'compact', maximumSignificantDigits: 3 })
  const date = new Intl.DateTimeFormat(style.language, {
    timeZone: 'UTC',
    month: 'short',
    day: 'numeric',
    weekday: 'short',
  })

  const exactClock = (time: number, offset: number) => new Date(time + offset * 60_000).toISOString().slice(11, 19)
  const clock = (time: number, offset: number) => exactClock(time, offset).slice(0, 5)
  const big = (value: number) => (Math.abs(value) < 10_000 ? oneDigit.format(value) : compact.format(value))
  return {
    count: (value) => whole.format(value),
    percent: (value) => {
      const size = Math.abs(value)
      const number = size >= WHOLE_FROM ? signedWhole : size !== 0 && size < 0.05 ? signedFine : signed
      return `${number.format(value)}%`
    },
    share: (value) => `${two.format(value)}%`,
    minutes: (value) => style.minutes(whole.format(value)),
    multiple: (value) => style.multiple(value < 10 ? oneDigit.format(value) : whole.format(value)),
    price: (value, currency) => (currency === 'won' ? style.won(whole.format(value)) : fine.format(value)),
    volume: (value, currency) => (currency === 'won' ? style.shares(whole.format(value)) : four.format(value)),
    turnover: (value, currency) => (currency === 'won' ? style.won(big(value)) : four.format(value)),
    plain: (value) => four.format(value),
    clock,
    exactClock,
    moment: (time, offset) => `${date.format(time + offset * 60_000)} ${clock(time, offset)}`,
    day: (day) => date.format(Date.parse(`${day}T00:00:00Z`)),
    zone: (offset) => zoneName(offset),
  }
}

const zoneName = (offset: number): string => {
  if (offset === 540) return 'KST'
  if (offset === 0) return 'UTC'
  const minutes = Math.abs(offset)
  const rest = minutes % 60
  const hours = `UTC${offset < 0 ? '-' : '+'}${Math.floor(minutes / 60)}`
  return rest === 0 ? hours : `${hours}:${String(rest).padStart(2, '0')}`
}

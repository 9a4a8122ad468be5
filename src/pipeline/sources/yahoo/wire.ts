import { z } from 'zod'
import { SetupError } from '../../../errors.ts'
import { MINUTE, type Ohlcv } from '../../../model/time/bar.ts'
import type { Listing } from '../../store/records.ts'

const column = z.array(z.number().nullable()).nullish()

/**
 * One chart as the v8 endpoint sends it: columns beside `timestamp` (epoch seconds of each bar's start), which is
 * absent without data.
 */
const chart = z.object({
  meta: z.object({
    symbol: z.string(),
    dataGranularity: z.string().nullish(),
    regularMarketPrice: z.number().nullish(),
    longName: z.string().nullish(),
    shortName: z.string().nullish(),
  }),
  timestamp: z.array(z.number()).nullish(),
  indicators: z.object({
    quote: z.array(z.object({ open: column, high: column, low: column, close: column, volume: column })),
  }),
})
const answer = z.object({
  chart: z.object({
    result: z.array(chart).nullish(),
    error: z.object({ code: z.string(), description: z.string().nullish() }).nullish(),
  }),
})

export type YahooChart = z.infer<typeof chart>
export type YahooAnswer =
  | { readonly kind: 'chart'; readonly chart: YahooChart }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'error'; readonly reason: string }

/** Reads an answer. Pure. @throws {SetupError} when it no longer has the known form */
export const yahooAnswer = (status: number, body: unknown): YahooAnswer => {
  const parsed = answer.safeParse(body)
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join('.') || 'the top'
    throw new SetupError(
      `Yahoo’s answer has changed at ${place} (status ${status}). Use another SOURCE until minutewatch is mended.`,
    )
  }
  const { result, error } = parsed.data.chart
  const text = `${error?.code ?? ''} ${error?.description ?? ''}`.trim()
  if (status === 404 || /not found|no data found/i.test(text)) return { kind: 'unknown' }
  if (error || status !== 200) return { kind: 'error', reason: `${text || 'no reason given'} (${status})` }
  const first = result?.[0]
  return first ? { kind: 'chart', chart: first } : { kind: 'unknown' }
}

/** True if the chart says nothing of a traded stock: Yahoo may answer a wrong suffix with an empty shell, not a 404. */
export const isHollow = ({ meta, timestamp }: YahooChart): boolean =>
  (timestamp ?? []).length === 0 && (meta.regularMarketPrice ?? 0) <= 0

/**
 * Turns columns into rows, in Yahoo's order. A row with a hole is a minute without a trade, and a time off the minute
 * is the live point at the end: both are left out. Volume can be 0 beside prices (often at 09:00 after a weekend): that
 * is a lost number, which the caller refuses.
 */
export const chartRows = ({ timestamp, indicators }: YahooChart): Ohlcv[] => {
  const quote = indicators.quote[0] ?? {}
  return (timestamp ?? []).flatMap((seconds, i) => {
    const openTime = seconds * 1000
    const [open, high, low, close, volume] = [
      quote.open?.[i],
      quote.high?.[i],
      quote.low?.[i],
      quote.close?.[i],
      quote.volume?.[i],
    ]
    if (open == null || high == null || low == null || close == null || volume == null || openTime % MINUTE !== 0)
      return []
    return [{ openTime, open, high, low, close, volume }]
  })
}

/** `.KS` is KOSPI, `.KQ` is KOSDAQ. */
const SUFFIXES = { KS: 'KOSPI', KQ: 'KOSDAQ' } as const
export type Suffix = keyof typeof SUFFIXES

export const chartListing = (symbol: string, suffix: Suffix, { meta }: YahooChart): Listing => {
  const nameEn = meta.longName?.trim() || meta.shortName?.trim() || null
  return { symbol, name: nameEn ?? symbol, nameEn, market: SUFFIXES[suffix], warnings: [], nxtTradable: null }
}

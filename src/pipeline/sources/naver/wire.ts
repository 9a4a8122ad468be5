import { z } from 'zod'
import { SetupError } from '../../../errors.ts'
import type { Ohlcv } from '../../../model/time/bar.ts'
import { kstTime } from '../../../model/time/kst-time.ts'
import { krxSymbol } from '../../../model/time/symbol.ts'
import type { Listing } from '../../store/records.ts'

/** One minute as the chart endpoint sends it; `accumulatedTradingVolume` is the minute's own volume in spite of its name. */
const minuteRow = z.object({
  localDateTime: z.coerce.string(),
  currentPrice: z.number(),
  openPrice: z.number(),
  highPrice: z.number(),
  lowPrice: z.number(),
  accumulatedTradingVolume: z.number(),
})
const stockRow = z.object({ itemCode: z.string(), stockName: z.string() })
const stockPage = z.object({ stocks: z.array(z.unknown()), totalCount: z.coerce.number() })
const basic = stockRow.extend({ stockExchangeName: z.string().nullish() })

export interface MinuteRows {
  readonly rows: readonly Ohlcv[]
  /** Rows that could not be read. */
  readonly unreadable: number
}

/** The minute endpoint's answer, oldest first. Pure. @throws {SetupError} when nothing in it has the known form, or volume is no longer by minute */
export const minuteRows = (body: unknown): MinuteRows => {
  if (!Array.isArray(body)) throw changed('a list of minutes')
  const rows = body.map(toRow).filter((row) => row !== null)
  if (body.length > 0 && rows.length === 0)
    throw changed('minutes with localDateTime, openPrice, highPrice, lowPrice, currentPrice, accumulatedTradingVolume')
  rows.sort((a, b) => a.openTime - b.openTime)
  if (cumulative(rows))
    throw new SetupError(
      'naver now sends the volume of the day so far with each minute, not the minute’s own: nothing is stored. Use another SOURCE.',
    )
  return { rows, unreadable: body.length - rows.length }
}

const toRow = (came: unknown): Ohlcv | null => {
  const parsed = minuteRow.safeParse(came)
  if (!parsed.success) return null
  const {
    localDateTime,
    openPrice: open,
    highPrice: high,
    lowPrice: low,
    currentPrice: close,
    accumulatedTradingVolume: volume,
  } = parsed.data
  const openTime = kstTime(localDateTime)
  return openTime === null ? null : { openTime, open, high, low, close, volume }
}

/**
 * Whether volumes only ever grow within the newest day, as a day's running total does. A dozen minutes suffice: volume by the minute falls after the
 * opening auction at once, and twelve numbers in rising order by chance are one case in 12! ≈ 5 × 10⁸.
 */
const cumulative = (rows: readonly Ohlcv[]): boolean => {
  const last = rows.at(-1)
  if (!last) return false
  const day = rows.filter((row) => last.openTime - row.openTime < 12 * 3_600_000)
  const steps = day.slice(1).map((row, i) => row.volume - (day[i]?.volume ?? 0))
  return steps.every((step) => step >= 0) && steps.filter((step) => step > 0).length >= 11
}

/** One page of a market's stocks. Pure. */
export const stocksPage = (body: unknown, market: string): { listings: Listing[]; rows: number; total: number } => {
  const parsed = stockPage.safeParse(body)
  if (!parsed.success) throw changed('stocks[] and totalCount')
  const listings = parsed.data.stocks.map((row) => toListing(row, market)).filter((listing) => listing !== null)
  if (parsed.data.stocks.length > 0 && listings.length === 0) throw changed('stocks with itemCode and stockName')
  return { listings, rows: parsed.data.stocks.length, total: parsed.data.totalCount }
}

const toListing = (came: unknown, market: string): Listing | null => {
  const parsed = stockRow.safeParse(came)
  const symbol = parsed.success ? krxSymbol(parsed.data.itemCode) : null
  return parsed.success && symbol !== null
    ? { symbol, name: parsed.data.stockName.trim(), nameEn: null, market, warnings: [], nxtTradable: null }
    : null
}

/** One stock's own page. Pure. */
export const basicListing = (body: unknown): Listing => {
  const parsed = basic.safeParse(body)
  const listing = parsed.success ? toListing(parsed.data, parsed.data.stockExchangeName ?? 'KRX') : null
  if (!listing) throw changed('itemCode and stockName')
  return listing
}

const changed = (expected: string) =>
  new SetupError(`naver’s answer has changed: expected ${expected}. Use another SOURCE until minutewatch is mended.`)

import { z } from 'zod'
import { SetupError } from '../../../errors.ts'
import type { Ohlcv } from '../../../model/time/bar.ts'
import { kstTime } from '../../../model/time/kst-time.ts'
import { krxSymbol } from '../../../model/time/symbol.ts'
import type { Listing } from '../../store/records.ts'

/** One minute of the chart endpoint; `accumulatedTradingVolume` is the minute's own volume in spite of its name. */
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
  /** The number of rows that could not be read. */
  readonly unreadable: number
}

/**
 * Reads the minute endpoint's answer, oldest first. Pure.
 *
 * @throws {SetupError} when nothing in it has the known form, or volumes are no longer by minute
 */
export const minuteRows = (body: unknown): MinuteRows => {
  if (!Array.isArray(body)) throw changed('a list of minutes')
  const rows = body.map(toRow).filter((row) => row !== null)
  if (body.length > 0 && rows.length === 0)
    throw changed('minutes with localDateTime, openPrice, highPrice, lowPrice, currentPrice, accumulatedTradingVolume')
  rows.sort((a, b) => a.openTime - b.openTime)
  if (cumulative(rows))
    throw new SetupError(
      'naver now sends the volume of the day so far with each minute, not the minute’s own: ' +
        'nothing is stored. Use another SOURCE.',
    )
  return { rows, unreadable: body.length - rows.length }
}

const toRow = (wire: unknown): Ohlcv | null => {
  const parsed = minuteRow.safeParse(wire)
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
 * True if volumes only ever grow within the newest day, as a day's running total does. A dozen minutes suffice: volume
 * by the minute falls at once after the opening auction, and twelve numbers are in rising order by chance in one case
 * of 12! ≈ 5 × 10⁸.
 */
const cumulative = (rows: readonly Ohlcv[]): boolean => {
  const last = rows.at(-1)
  if (!last) return false
  const day = rows.filter((row) => last.openTime - row.openTime < 12 * 3_600_000)
  const steps = day.slice(1).map((row, i) => row.volume - (day[i]?.volume ?? 0))
  return steps.every((step) => step >= 0) && steps.filter((step) => step > 0).length >= 11
}

/** Reads one page of a market's stocks. Pure. */
export const stocksPage = (body: unknown, market: string): { listings: Listing[]; rows: number; total: number } => {
  const parsed = stockPage.safeParse(body)
  if (!parsed.success) throw changed('stocks[] and totalCount')
  const listings = parsed.data.stocks.map((row) => toListing(row, market)).filter((listing) => listing !== null)
  if (parsed.data.stocks.length > 0 && listings.length === 0) throw changed('stocks with itemCode and stockName')
  return { listings, rows: parsed.data.stocks.length, total: parsed.data.totalCount }
}

const toListing = (wire: unknown, market: string): Listing | null => {
  const parsed = stockRow.safeParse(wire)
  const symbol = parsed.success ? krxSymbol(parsed.data.itemCode) : null
  return parsed.success && symbol !== null
    ? { symbol, name: parsed.data.stockName.trim(), nameEn: null, market, warnings: [], nxtTradable: null }
    : null
}

/** Reads one stock's page. Pure. */
export const basicListing = (body: unknown): Listing => {
  const parsed = basic.safeParse(body)
  const listing = parsed.success ? toListing(parsed.data, parsed.data.stockExchangeName ?? 'KRX') : null
  if (!listing) throw changed('itemCode and stockName')
  return listing
}

const changed = (expected: string) =>
  new SetupError(`naver’s answer has changed: expected ${expected}. Use another SOURCE until minutewatch is mended.`)

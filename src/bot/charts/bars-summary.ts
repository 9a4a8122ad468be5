import type { Span, Stock, Unusual } from '../../pipeline/views/views.ts'
import type { ChartTexts, MinuteWords } from '../locale/chart-texts.ts'
import { moveText } from '../render/headline.ts'
import { currencyOf, nameIn } from '../render/stock.ts'

/**
 * The part of a view that a picture of bars shows. The view is an alert or the answer to `/chart`, `/history` or
 * `/watch`.
 */
export interface BarsView {
  readonly stock: Stock
  readonly span: Span
  /** Minutes to mark. */
  readonly marks?: readonly number[]
  /** Unusual minutes, abnormal or not, to mark in place of `marks`. */
  readonly unusual?: readonly Unusual[]
  /** The minute that the picture is about. */
  readonly minute?: Unusual
}

const MOST_MARKS = 12

export const minuteWords = ({ judged }: Unusual, stock: Stock, texts: ChartTexts): MinuteWords => {
  const { format } = texts
  const { volumeMultiple } = judged.why
  return {
    clock: format.clock(judged.openTime, stock.utcOffsetMinutes),
    move: moveText(judged.why, format),
    multiple: volumeMultiple === null ? null : format.multiple(volumeMultiple),
  }
}

/** `8월 3일(월) 09:31–10:30 KST · 1분봉`: the grey line below the title. */
export const subtitle = ({ stock, span }: BarsView, stepMinutes: number, texts: ChartTexts): string => {
  if (span.bars.length === 0) return ''
  const period = periodOf({ stock, span }, texts).join('–')
  return `${period} ${texts.format.zone(stock.utcOffsetMinutes)} · ${texts.candles(stepMinutes)}`
}

const periodOf = ({ stock, span }: BarsView, { format }: ChartTexts): string[] => {
  const offset = stock.utcOffsetMinutes
  const [first, last] = [span.bars[0], span.bars.at(-1)]
  if (first === undefined || last === undefined) return []
  const day = (time: number) => new Date(time + offset * 60_000).toISOString().slice(0, 10)
  const sameDay = day(first.openTime) === day(last.openTime)
  return [
    format.moment(first.openTime, offset),
    sameDay ? format.clock(last.openTime, offset) : format.moment(last.openTime, offset),
  ]
}

/** The picture in words and numbers. */
export const barsAlt = (view: BarsView, stepMinutes: number, texts: ChartTexts): string => {
  const { stock, span, minute } = view
  const { format } = texts
  const { bars } = span
  const [first, last] = [bars[0], bars.at(-1)]
  const stockName = nameOf(stock, texts)
  if (first === undefined || last === undefined) return `${stockName}: ${texts.noBars}`
  const currency = currencyOf(stock)
  const busiest = bars.reduce((most, bar) => (bar.volume > most.volume ? bar : most), first)
  const [from = '', to = ''] = periodOf(view, texts)
  const offset = stock.utcOffsetMinutes
  const marks = view.unusual?.map(({ judged }) => judged.openTime) ?? view.marks ?? []
  return texts.barsAlt({
    stock: stockName,
    from,
    to: `${to} ${format.zone(offset)}`,
    stepMinutes,
    bars: format.count(bars.length),
    open: format.price(first.open, currency),
    close: format.price(last.close, currency),
    low: format.price(Math.min(...bars.map((bar) => bar.low)), currency),
    high: format.price(Math.max(...bars.map((bar) => bar.high)), currency),
    largestVolume: format.volume(busiest.volume, currency),
    largestVolumeAt: format.clock(busiest.openTime, offset),
    minute:
      minute === undefined
        ? null
        : {
            ...minuteWords(minute, stock, texts),
            abnormal: minute.judged.abnormal,
            volume: format.volume(minute.judged.why.volume, currency),
            usualVolume: format.volume(minute.judged.why.typicalVolume, currency),
          },
    marks: marks.slice(0, MOST_MARKS).map((time) => format.clock(time, offset)),
    origin: texts.origin(stock.provenance),
  })
}

export const nameOf = ({ listing }: Stock, texts: ChartTexts): string => {
  const name = nameIn(listing, texts.locale)
  return name === listing.symbol ? name : `${name} (${listing.symbol})`
}

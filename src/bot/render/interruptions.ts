import type { APIEmbedField } from 'discord.js'
import type { Interruption, Stock } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { currencyOf } from './stock.ts'

/** Most interruptions that are listed, the newest ones. Each line carries its number within the day. */
const MOST = 3

/** The volatility interruptions of the minutes shown, one a line, oldest first. No field if there are none. */
export const interruptionFields = (
  { stock, interruptions }: { readonly stock: Stock; readonly interruptions: readonly Interruption[] },
  texts: Texts,
): APIEmbedField[] => {
  const lines = interruptions.slice(-MOST).map((interruption) => interruptionLine(interruption, stock, texts))
  return lines.length === 0 ? [] : [{ name: texts.interruptions.title, value: lines.join('\n') }]
}

/**
 * `정적 09:10:26–09:12:36 · 발동가 342원 · 오늘 3번째`. The end is open while it goes on; the day is named unless it is today.
 */
const interruptionLine = (interruption: Interruption, stock: Stock, texts: Texts): string => {
  const { type, triggerPrice, triggeredAt, releasedAt, count, ongoing, today } = interruption
  const { format, interruptions: words } = texts
  const offset = stock.utcOffsetMinutes
  const unknownEnd = ongoing ? '' : words.endUnknown
  const end = releasedAt === null ? unknownEnd : format.exactClock(releasedAt, offset)
  const times = `${format.exactClock(triggeredAt, offset)}–${end}`
  const day = format.day(new Date(triggeredAt + offset * 60_000).toISOString().slice(0, 10))
  return [
    [...(type === null ? [] : [words.types[type]]), ...(today ? [] : [day]), times].join(' '),
    ...(triggerPrice === null ? [] : [words.trigger(format.price(triggerPrice, currencyOf(stock)))]),
    ...(count === null ? [] : [words.count(format.count(count), today)]),
  ].join(' · ')
}

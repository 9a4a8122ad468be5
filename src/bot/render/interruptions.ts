import type { APIEmbedField } from 'discord.js'
import type { Interruption, Stock } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { currencyOf } from './stock.ts'

/** The newest of those that are shown; the last one says how many there were. */
const MOST = 3

/** The volatility interruptions of the minutes shown, one a line, oldest first; no field when there are none. */
export const interruptionFields = (
  { stock, interruptions }: { readonly stock: Stock; readonly interruptions: readonly Interruption[] },
  texts: Texts,
): APIEmbedField[] => {
  const lines = interruptions.slice(-MOST).map((interruption) => interruptionLine(interruption, stock, texts))
  return lines.length === 0 ? [] : [{ name: texts.interruptions.title, value: lines.join('\n') }]
}

/** `정적 09:10:26–09:12:36 · 발동가 342원 · 오늘 3번째`; open-ended while it goes on; the day where it is not today's. */
const interruptionLine = (interruption: Interruption, stock: Stock, texts: Texts): string => {
  const { type, triggerPrice, triggeredAt, releasedAt, count, ongoing, today } = interruption
  const { format, interruptions: words } = texts
  const offset = stock.utcOffsetMinutes
  const open = ongoing ? '' : words.endUnknown
  const span = `${format.exactClock(triggeredAt, offset)}–${releasedAt === null ? open : format.exactClock(releasedAt, offset)}`
  const day = format.day(new Date(triggeredAt + offset * 60_000).toISOString().slice(0, 10))
  return [
    [...(type === null ? [] : [words.types[type]]), ...(today ? [] : [day]), span].join(' '),
    ...(triggerPrice === null ? [] : [words.trigger(format.price(triggerPrice, currencyOf(stock)))]),
    ...(count === null ? [] : [words.count(format.count(count), today)]),
  ].join(' · ')
}

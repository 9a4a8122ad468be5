import type { APIEmbed } from 'discord.js'
import type { SummaryView, Unusual } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { moveText } from './headline.ts'
import { fitEmbed } from './limits.ts'
import { COLOURS, provenanceLine, stockLabel, tradingLine, warningFields } from './stock.ts'

/** The answer to `/watch`: the stock's history so far and its most unusual minutes. */
export const summaryEmbed = (view: SummaryView, texts: Texts): APIEmbed => {
  const { stock, learning, session } = view
  const { format } = texts
  const learned =
    view.bars === 0
      ? texts.watch.learnedNothing
      : texts.watch.learnedValue(format.count(view.bars), format.count(view.sessions))
  const fields = [{ name: texts.watch.learned, value: learned }, ...warningFields(stock, texts)]
  if (session !== null && learning === null)
    fields.push({
      name: texts.watch.unusual(format.day(session)),
      value: view.unusual.map((unusual) => unusualLine(unusual, view, texts)).join('\n') || texts.watch.noUnusual,
    })
  const lines = [
    tradingLine(stock, texts),
    learning === null ? null : texts.watch.learning(format.count(learning.have), format.count(learning.need)),
  ].filter((line) => line !== null)
  return fitEmbed({
    title: stockLabel(stock, texts),
    ...(lines.length === 0 ? {} : { description: lines.join('\n') }),
    color: COLOURS.info,
    fields,
    footer: { text: provenanceLine(stock, texts) },
  })
}

const unusualLine = ({ judged }: Unusual, { stock }: SummaryView, texts: Texts): string => {
  const { format } = texts
  const { why, severity } = judged
  return texts.watch.unusualLine(
    format.clock(judged.openTime, stock.utcOffsetMinutes),
    moveText(why, format),
    volumeMultiple(why.volumeMultiple, texts),
    format.count(severity.rank),
    format.count(severity.of),
    judged.abnormal,
  )
}

/** `34배`, or a dash if the stock usually does not trade at that time. */
export const volumeMultiple = (multiple: number | null, texts: Texts): string =>
  multiple === null ? '–' : texts.format.multiple(multiple)

import type { APIEmbed } from 'discord.js'
import { MINUTE } from '../../model/time/bar.ts'
import type { ChartView } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { interruptionFields } from './interruptions.ts'
import { fitEmbed } from './limits.ts'
import { COLOURS, currencyOf, provenanceLine, stockLabel } from './stock.ts'

export const chartEmbed = (view: ChartView, texts: Texts): APIEmbed => {
  const { stock, session, span } = view
  const { format, chart } = texts
  const first = span.bars[0]
  const last = span.bars.at(-1)
  const change = first === undefined || last === undefined ? 0 : 100 * (last.close / first.open - 1)
  return fitEmbed({
    title: chart.title(stockLabel(stock, texts), session === null ? null : format.day(session)),
    description:
      first === undefined || last === undefined
        ? chart.empty
        : chart.caption(
            format.clock(first.openTime, stock.utcOffsetMinutes),
            format.clock(last.openTime + MINUTE, stock.utcOffsetMinutes),
            format.price(last.close, currencyOf(stock)),
            format.percent(change),
          ),
    color: change === 0 ? COLOURS.calm : COLOURS[change > 0 ? 'up' : 'down'],
    fields: interruptionFields(view, texts),
    footer: { text: provenanceLine(stock, texts) },
  })
}

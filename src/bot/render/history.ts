import type { APIEmbed } from 'discord.js'
import type { HistoryView } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { moveText } from './headline.ts'
import { clipLines, fitEmbed, LIMITS } from './limits.ts'
import { COLOURS, provenanceLine, stockLabel } from './stock.ts'
import { volumeMultiple } from './summary.ts'

export const historyEmbed = (view: HistoryView, texts: Texts): APIEmbed => {
  const { stock, episodes } = view
  const lines = episodes.map((entry) => historyLine(entry, view, texts))
  return fitEmbed({
    title: texts.history.title(stockLabel(stock, texts)),
    description:
      lines.length === 0
        ? texts.history.empty
        : clipLines(lines, LIMITS.description, (left) => texts.history.more(texts.format.count(left))),
    color: COLOURS.info,
    footer: { text: provenanceLine(stock, texts) },
  })
}

const historyLine = (entry: HistoryView['episodes'][number], { stock }: HistoryView, texts: Texts): string => {
  const { format, history } = texts
  const { judged } = entry.minute
  const line = history.line(
    format.moment(judged.openTime, stock.utcOffsetMinutes),
    moveText(judged.why, format),
    volumeMultiple(judged.why.volumeMultiple, texts),
    format.count(judged.severity.rank),
    format.count(judged.severity.of),
    entry.episode.signals,
  )
  const state = history.posted(entry.posted, entry.reason)
  return `${line}\n-# ${entry.minute.older ? `${state} · ${history.older}` : state}`
}

import type { APIEmbed } from 'discord.js'
import type { JudgedChange } from '../../model/changes/detector.ts'
import type { ChangesAlertView, ChangesHistoryView, LearningProgress, Stock } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { inline, rankText, stateText, who } from './alert.ts'
import { clip, clipLines, fitEmbed, LIMITS } from './limits.ts'
import { COLOURS, listingName, provenanceLine, stockLabel, warningFields } from './stock.ts'

/**
 * The line that a phone's notification shows if only a minute's changes are known: `038530 가격 −1.0% · 거래량 +14,900% ·
 * 09:12`.
 */
export const changesContent = ({ stock, judged }: ChangesAlertView, kind: 'alert' | 'rise', texts: Texts): string => {
  const { format, alert, changes: words } = texts
  const { price, volume } = changesOf(judged)
  const parts = [
    `${who(stock, texts)} ${words.both(format.percent(price), format.percent(volume))}`,
    format.clock(judged.openTime, stock.utcOffsetMinutes),
    ...(kind === 'rise' ? [alert.rise] : []),
  ]
  return clip(parts.join(' · '), LIMITS.content)
}

export const changesAlertEmbed = (view: ChangesAlertView, texts: Texts): APIEmbed => {
  const { stock, judged, episode } = view
  const { format, alert, changes: words } = texts
  const { price, volume } = changesOf(judged)
  const { clusters, rows } = judged.centers
  const { rank, of } = judged.severity
  const moved = price > 0 ? COLOURS.up : price < 0 ? COLOURS.down : COLOURS.info
  const sentence = words.sentence(
    listingName(stock.listing, texts),
    format.percent(price),
    format.percent(volume),
    rank,
    format.count(of),
  )
  return fitEmbed({
    title: `${stockLabel(stock, texts)} · ${format.moment(judged.openTime, stock.utcOffsetMinutes)}`,
    description: `${sentence}\n-# ${words.caution}`,
    color: episode.endedAt === null ? moved : COLOURS.calm,
    fields: [
      inline(words.price, `**${format.percent(price)}**`),
      inline(words.volume, `**${format.percent(volume)}**`),
      inline(alert.rank, rankText(judged.severity, texts)),
      inline(alert.cluster, alert.clusterValue(judged.cluster + 1, clusters.length, judged.abnormal)),
      inline(words.size, words.sizeValue(format.count(clusters[judged.cluster]?.size ?? 0), format.count(rows))),
      ...warningFields(stock, texts),
      { name: alert.state, value: stateText(view, texts) },
    ],
    footer: { text: provenanceLine(stock, texts) },
  })
}

/** The answer to `/watch` while the stock has too little history to be judged. */
export const changesLearningEmbed = (stock: Stock, { have, need }: LearningProgress, texts: Texts): APIEmbed => {
  const { format, watch } = texts
  return fitEmbed({
    title: stockLabel(stock, texts),
    description: watch.learning(format.count(have), format.count(need)),
    color: COLOURS.info,
    footer: { text: provenanceLine(stock, texts) },
  })
}

export const changesHistoryEmbed = ({ stock, episodes }: ChangesHistoryView, texts: Texts): APIEmbed => {
  const { format, history, changes: words } = texts
  const lines = episodes.map(({ episode, judged, posted, reason }) => {
    const { price, volume } = changesOf(judged)
    const { rank, of } = judged.severity
    const changes = words.both(format.percent(price), format.percent(volume))
    const line = words.line(
      format.moment(judged.openTime, stock.utcOffsetMinutes),
      changes,
      format.count(rank),
      format.count(of),
      episode.signals,
    )
    return `${line}\n-# ${history.posted(posted, reason)}`
  })
  return fitEmbed({
    title: history.title(stockLabel(stock, texts)),
    description:
      lines.length === 0
        ? history.empty
        : clipLines(lines, LIMITS.description, (left) => history.more(format.count(left))),
    color: COLOURS.info,
    footer: { text: provenanceLine(stock, texts) },
  })
}

const changesOf = ({ features }: JudgedChange) => ({ price: features.per_price ?? 0, volume: features.per_volume ?? 0 })

import type { APIEmbed, APIEmbedField } from 'discord.js'
import type { Severity } from '../../model/detector/judgement.ts'
import type { AlertView, Stock } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { moveText } from './headline.ts'
import { interruptionFields } from './interruptions.ts'
import { clip, fitEmbed, LIMITS } from './limits.ts'
import { sentence } from './sentence.ts'
import { COLOURS, currencyOf, listingName, provenanceLine, stockLabel, warningFields } from './stock.ts'

/** The line that a phone's notification shows: `038530 케이바이오 +4.2% · 거래량 34배 · 10:41`. */
export const alertContent = (view: AlertView, kind: 'alert' | 'rise', texts: Texts): string => {
  const { format, alert } = texts
  const { stock, minute } = view
  const { why } = minute.judged
  const parts = [
    `${who(stock, texts)} ${moveText(why, format)}`,
    why.volumeMultiple === null ? alert.volumeFromNothing : alert.volumeShort(format.multiple(why.volumeMultiple)),
    format.clock(minute.judged.openTime, stock.utcOffsetMinutes),
    ...(kind === 'rise' ? [alert.rise] : []),
    ...(stock.provenance.kind === 'real' ? [] : [shortProvenance(view)]),
  ]
  return clip(parts.join(' · '), LIMITS.content)
}

/** `038530 케이바이오`, or the code alone if the stock has no other name. */
export const who = ({ listing }: Stock, texts: Texts): string =>
  listing.name === listing.symbol ? listing.symbol : `${listing.symbol} ${listingName(listing, texts)}`

/** A notification shows no footer, so the first line itself says that its market is not the real one. */
const shortProvenance = ({ stock }: AlertView): string => stock.provenance.kind.toUpperCase()

export const alertEmbed = (view: AlertView, texts: Texts): APIEmbed => {
  const { stock, minute, episode } = view
  const { judged, bar } = minute
  const { format } = texts
  const { why, openTime } = judged
  const currency = currencyOf(stock)
  const when = format.moment(openTime, stock.utcOffsetMinutes)
  return fitEmbed({
    title: `${stockLabel(stock, texts)} · ${when}`,
    description: [sentence(judged, listingName(stock.listing, texts), texts), ...sinceLine(view, texts)].join('\n'),
    color: episode.endedAt === null ? COLOURS[why.direction] : COLOURS.calm,
    fields: [
      inline(
        texts.alert.move,
        texts.alert.moveValue(
          moveText(why, format),
          format.share(why.typicalMovePercent),
          why.gap ? 'gap' : why.horizon,
        ),
      ),
      inline(
        texts.alert.volume,
        texts.alert.volumeValue(
          format.volume(why.volume, currency),
          format.volume(why.typicalVolume, currency),
          why.volumeMultiple === null ? null : format.multiple(why.volumeMultiple),
        ),
      ),
      inline(
        texts.alert.turnover,
        texts.alert.turnoverValue(
          format.turnover(why.turnover, currency),
          format.turnover(why.typicalTurnover, currency),
        ),
      ),
      inline(texts.alert.rank, rankText(judged.severity, texts)),
      inline(
        texts.alert.cluster,
        texts.alert.clusterValue(judged.cluster + 1, judged.clusters || null, judged.abnormal),
      ),
      inline(texts.alert.price, `**${format.price(bar.close, currency)}**`),
      ...warningFields(stock, texts),
      ...interruptionFields(view, texts),
      { name: texts.alert.state, value: stateText(view, texts) },
    ],
    footer: { text: provenanceLine(stock, texts) },
  })
}

/** `09:42 이후 +6.2% · 이상 분봉 9개`: the move and the abnormal minutes after the minute that the alert names. */
const sinceLine = ({ minute, since, stock }: AlertView, { alert, format }: Texts): string[] =>
  since === null
    ? []
    : [
        alert.since(
          format.clock(minute.judged.openTime, stock.utcOffsetMinutes),
          format.percent(since.movePercent),
          since.minutes,
        ),
      ]

export const inline = (name: string, value: string): APIEmbedField => ({ name, value, inline: true })

export const rankText = ({ rank, of }: Severity, { format, alert }: Texts): string =>
  alert.rankValue(format.count(rank), format.count(of), format.share((100 * rank) / Math.max(1, of)))

/** The state of the episode: still going on or calmed, and its number of abnormal minutes. */
export const stateText = (
  { episode, stock, late }: Pick<AlertView, 'episode' | 'stock' | 'late'>,
  texts: Texts,
): string => {
  const state =
    episode.endedAt === null
      ? texts.alert.ongoing(episode.signals)
      : texts.alert.calmed(texts.format.clock(episode.endedAt, stock.utcOffsetMinutes), episode.signals)
  return late ? `${state} · ${texts.alert.late}` : state
}

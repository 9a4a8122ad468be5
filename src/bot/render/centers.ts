import { type APIEmbed, type APIEmbedField, escapeMarkdown } from 'discord.js'
import type { CentersView, Threshold } from '../../pipeline/views/views.ts'
import type { Texts } from '../locale/texts.ts'
import { fitEmbed } from './limits.ts'
import { COLOURS, provenanceLine, stockLabel } from './stock.ts'

/** @param raw - shows the model's own numbers instead of percent and multiples */
export const centersEmbed = (view: CentersView, texts: Texts, raw = false): APIEmbed => {
  const { stock } = view
  const { format, centers } = texts
  const inHumanUnits = view.features === 'model' && !raw
  const fields = view.clusters.map((_, index) => clusterField(view, index, inHumanUnits, texts))
  if (inHumanUnits) fields.push(...thresholdFields(view, texts))
  if (view.noisePerSession !== null)
    fields.push({ name: centers.noise, value: centers.noiseValue(format.plain(view.noisePerSession)), inline: true })
  if (!inHumanUnits) fields.push({ name: centers.inertia, value: format.plain(view.inertia), inline: true })
  return fitEmbed({
    title: centers.title(stockLabel(stock, texts), view.k),
    description: [originOf(view, texts), ...noteOf(view, texts)].join('\n'),
    color: COLOURS.info,
    fields,
    footer: { text: provenanceLine(stock, texts) },
  })
}

/** Says where the centers come from: the stock's own minutes, or an import for the whole market. */
const originOf = ({ stock, rows, cutoff, trainedAt, imported }: CentersView, { format, centers }: Texts): string => {
  const moment = (time: number) => format.moment(time, stock.utcOffsetMinutes)
  const minutes = format.count(rows)
  return imported === undefined
    ? centers.trained(minutes, moment(cutoff), moment(trainedAt))
    : centers.imported(escapeMarkdown(imported.origin), moment(imported.importedAt), minutes, moment(cutoff))
}

/** Says if these clusters decide what becomes an alert. */
const noteOf = ({ features, judging }: CentersView, { centers, changes }: Texts): string[] => {
  if (features === 'model') return judging ? [centers.modelNote] : []
  return [judging ? changes.note : centers.changesNote]
}

const clusterField = (view: CentersView, index: number, inHumanUnits: boolean, texts: Texts): APIEmbedField => {
  const { format, centers } = texts
  const { size, abnormal, center } = view.clusters[index]!
  const share = format.share((100 * size) / Math.max(1, view.rows))
  const value = inHumanUnits
    ? centers.typical(format.share(center.move ?? 0), format.multiple(center.multiple ?? 0))
    : Object.entries(center)
        .map(([name, number]) => `${texts.charts.axis(name)} **${format.plain(number)}**`)
        .join('\n')
  return { name: centers.cluster(index + 1, format.count(size), share, abnormal), value }
}

const thresholdFields = ({ thresholds }: CentersView, { format, centers }: Texts): APIEmbedField[] => {
  const at = (threshold: Threshold, multiple: number) =>
    format.share(threshold.find((each) => each.multiple === multiple)?.movePercent ?? 0)
  const line = (minutes: number, threshold: Threshold) => centers.from(minutes, at(threshold, 1), at(threshold, 10))
  const alerts = thresholds.flatMap(({ minutes, alert }) => (alert === null ? [] : [line(minutes, alert)]))
  return [
    {
      name: centers.abnormalFrom,
      value: thresholds.map(({ minutes, abnormal }) => line(minutes, abnormal)).join('\n'),
    },
    { name: centers.alertFrom, value: alerts.length === 0 ? centers.noAlertsLeft : alerts.join('\n') },
  ]
}

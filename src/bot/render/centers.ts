import type { APIEmbed, APIEmbedField } from 'discord.js'
import type { Beginning, CentersView } from '../../pipeline/views/views.ts'
import { chartTexts } from '../locale/chart-texts.ts'
import type { Texts } from '../locale/texts.ts'
import { fitEmbed } from './limits.ts'
import { COLOURS, provenanceLine, stockLabel } from './stock.ts'

/** @param raw - the model's own numbers instead of percent and multiples */
export const centersEmbed = (view: CentersView, texts: Texts, raw = false): APIEmbed => {
  const { stock } = view
  const { format, centers } = texts
  const trained = centers.trained(
    format.count(view.rows),
    format.moment(view.cutoff, stock.utcOffsetMinutes),
    format.moment(view.trainedAt, stock.utcOffsetMinutes),
  )
  const inHumanUnits = view.features === 'model' && !raw
  const fields = view.clusters.map((_, index) => clusterField(view, index, inHumanUnits, texts))
  if (inHumanUnits) fields.push(...beginningFields(view, texts))
  if (view.noisePerSession !== null)
    fields.push({ name: centers.noise, value: centers.noiseValue(format.plain(view.noisePerSession)), inline: true })
  if (!inHumanUnits) fields.push({ name: centers.inertia, value: format.plain(view.inertia), inline: true })
  return fitEmbed({
    title: centers.title(stockLabel(stock, texts), view.k),
    description: [trained, ...noteOf(view, texts)].join('\n'),
    color: COLOURS.info,
    fields,
    footer: { text: provenanceLine(stock, texts) },
  })
}

/** What the clusters are for: those that judge decide what becomes an alert. */
const noteOf = ({ features, judging }: CentersView, { centers, seed }: Texts): string[] => {
  if (features === 'model') return judging ? [centers.modelNote] : []
  return [judging ? seed.note : centers.changesNote]
}

const clusterField = (view: CentersView, index: number, inHumanUnits: boolean, texts: Texts): APIEmbedField => {
  const { format, centers } = texts
  const { axis } = chartTexts[texts.locale]
  const { size, abnormal, center } = view.clusters[index]!
  const share = format.share((100 * size) / Math.max(1, view.rows))
  const value = inHumanUnits
    ? centers.typical(format.share(center.move ?? 0), format.multiple(center.multiple ?? 0))
    : Object.entries(center)
        .map(([name, number]) => `${axis(name)} **${format.plain(number)}**`)
        .join('\n')
  return { name: centers.cluster(index + 1, format.count(size), share, abnormal), value }
}

const beginningFields = ({ beginnings }: CentersView, { format, centers }: Texts): APIEmbedField[] => {
  const at = (beginning: Beginning, multiple: number) =>
    format.share(beginning.find((each) => each.multiple === multiple)?.movePercent ?? 0)
  const line = (minutes: number, beginning: Beginning) => centers.from(minutes, at(beginning, 1), at(beginning, 10))
  const told = beginnings.flatMap(({ minutes, told: from }) => (from === null ? [] : [line(minutes, from)]))
  return [
    {
      name: centers.abnormalFrom,
      value: beginnings.map(({ minutes, abnormal }) => line(minutes, abnormal)).join('\n'),
    },
    { name: centers.toldFrom, value: told.length === 0 ? centers.nothingTold : told.join('\n') },
  ]
}

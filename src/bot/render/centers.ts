import type { APIEmbed, APIEmbedField } from 'discord.js'
import type { CentersView } from '../../pipeline/read.ts'
import { chartTexts } from '../charts/texts.ts'
import type { Texts } from '../locale/texts.ts'
import { fitEmbed } from './limits.ts'
import { COLOURS, provenanceLine, stockLabel } from './stock.ts'

export const centersEmbed = (view: CentersView, texts: Texts): APIEmbed => {
  const { stock } = view
  const { format, centers } = texts
  const trained = centers.trained(
    format.count(view.rows),
    format.moment(view.cutoff, stock.utcOffsetMinutes),
    format.moment(view.trainedAt, stock.utcOffsetMinutes),
  )
  const fields = view.clusters.map((_, index) => clusterField(view, index, texts))
  if (view.noisePerSession !== null)
    fields.push({ name: centers.noise, value: centers.noiseValue(format.plain(view.noisePerSession)), inline: true })
  fields.push({ name: centers.inertia, value: format.plain(view.inertia), inline: true })
  const notes = [trained, ...noteOf(view, texts), ...(view.moved === null && view.features === 'model' ? [centers.firstModel] : [])]
  return fitEmbed({
    title: centers.title(stockLabel(stock, texts), view.k),
    description: notes.join('\n'),
    color: COLOURS.info,
    fields,
    footer: { text: provenanceLine(stock, texts) },
  })
}

/** What the clusters are for: those that judge decide what becomes an alert. */
const noteOf = ({ features, judging }: CentersView, { centers, seed }: Texts): string[] => {
  if (features === 'model') return judging ? [centers.modelNote] : []
  return [judging ? seed.note : centers.seedNote]
}

const clusterField = (view: CentersView, index: number, texts: Texts): APIEmbedField => {
  const { format, centers } = texts
  const { axis } = chartTexts[texts.locale]
  const cluster = view.clusters[index]!
  const moved = view.moved?.[index] ?? null
  const lines = Object.entries(cluster.center).map(([name, value]) => `${axis(name)} **${format.plain(value)}**`)
  if (moved !== null)
    lines.push(
      centers.moved(
        Object.entries(moved)
          .map(([name, value]) => `${axis(name)} ${format.plain(value)}`)
          .join(', '),
      ),
    )
  const share = format.share((100 * cluster.size) / Math.max(1, view.rows))
  return { name: centers.cluster(index + 1, format.count(cluster.size), share, cluster.abnormal), value: lines.join('\n') }
}

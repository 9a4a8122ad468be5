import type { APIEmbed } from 'discord.js'
import type { PostRecord } from '../../pipeline/store/records.ts'
import type {
  AlertView,
  ChangesAlertView,
  ChangesHistoryView,
  ChangesSummaryView,
  HistoryView,
  SummaryView,
} from '../../pipeline/views/views.ts'
import { alertChart } from '../charts/alert-chart.ts'
import type { Chart } from '../charts/charts.ts'
import { clusterChart } from '../charts/cluster-chart.ts'
import type { Texts } from '../locale/texts.ts'
import { alertContent, alertEmbed } from '../render/alert.ts'
import { centersEmbed } from '../render/centers.ts'
import { changesAlertEmbed, changesContent, changesHistoryEmbed, changesLearningEmbed } from '../render/changes.ts'
import { historyEmbed } from '../render/history.ts'
import { summaryEmbed } from '../render/summary.ts'

/** An embed and its picture: of the bars if prices are known, of the clusters if only the old system's rows are. */
export interface EmbedWithChart {
  readonly embed: APIEmbed
  /** Null if there is nothing to draw. */
  readonly chart: (() => Chart) | null
}

export interface AlertMessage extends EmbedWithChart {
  /** The line that a phone's notification shows. */
  readonly content: string
}

export const alertMessage = (
  view: AlertView | ChangesAlertView,
  kind: PostRecord['kind'],
  texts: Texts,
): AlertMessage =>
  view.kind === 'bars'
    ? {
        content: alertContent(view, kind, texts),
        embed: alertEmbed(view, texts),
        chart: () => alertChart(view, texts.charts),
      }
    : {
        content: changesContent(view, kind, texts),
        embed: changesAlertEmbed(view, texts),
        chart: () => clusterChart(view.centers, texts.charts),
      }

/** The answer to `/watch`. */
export const summaryMessage = (view: SummaryView | ChangesSummaryView, texts: Texts): EmbedWithChart => {
  if (view.kind === 'bars') return { embed: summaryEmbed(view, texts), chart: barsChart(view, texts) }
  const { stock, centers } = view
  if (centers.kind === 'learning') return { embed: changesLearningEmbed(stock, centers.learning, texts), chart: null }
  return { embed: centersEmbed(centers, texts), chart: () => clusterChart(centers, texts.charts) }
}

/** The answer to `/history`. */
export const historyMessage = (view: HistoryView | ChangesHistoryView, texts: Texts): EmbedWithChart => {
  if (view.kind === 'bars') return { embed: historyEmbed(view, texts), chart: barsChart(view, texts) }
  const { centers } = view
  return { embed: changesHistoryEmbed(view, texts), chart: centers && (() => clusterChart(centers, texts.charts)) }
}

const barsChart = (view: SummaryView | HistoryView, texts: Texts): EmbedWithChart['chart'] =>
  view.span.bars.length === 0 ? null : () => alertChart(view, texts.charts)

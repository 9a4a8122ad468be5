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
import { chartTexts } from '../locale/chart-texts.ts'
import type { Texts } from '../locale/texts.ts'
import { alertContent, alertEmbed } from '../render/alert.ts'
import { centersEmbed } from '../render/centers.ts'
import { changesAlertEmbed, changesContent, changesHistoryEmbed, changesLearningEmbed } from '../render/changes.ts'
import { historyEmbed } from '../render/history.ts'
import { summaryEmbed } from '../render/summary.ts'

/** An embed and the picture that belongs to it: bars where prices are known, clusters where only the old system's rows are. */
export interface Drawn {
  readonly embed: APIEmbed
  /** Null where there is nothing to draw. */
  readonly chart: (() => Chart) | null
}

/** With the one line that a phone's notification shows. */
export const drawnAlert = (
  view: AlertView | ChangesAlertView,
  kind: PostRecord['kind'],
  texts: Texts,
): Drawn & { readonly content: string } =>
  'stretch' in view
    ? {
        content: alertContent(view, kind, texts),
        embed: alertEmbed(view, texts),
        chart: () => alertChart(view, chartTexts[texts.locale]),
      }
    : {
        content: changesContent(view, kind, texts),
        embed: changesAlertEmbed(view, texts),
        chart: () => clusterChart(view.centers, chartTexts[texts.locale]),
      }

export const drawnSummary = (view: SummaryView | ChangesSummaryView, texts: Texts): Drawn => {
  if ('stretch' in view) return { embed: summaryEmbed(view, texts), chart: barsChart(view, texts) }
  const { stock, centers } = view
  if ('learning' in centers) return { embed: changesLearningEmbed(stock, centers, texts), chart: null }
  return { embed: centersEmbed(centers, texts), chart: () => clusterChart(centers, chartTexts[texts.locale]) }
}

export const drawnHistory = (view: HistoryView | ChangesHistoryView, texts: Texts): Drawn => {
  if ('stretch' in view) return { embed: historyEmbed(view, texts), chart: barsChart(view, texts) }
  const { centers } = view
  return {
    embed: changesHistoryEmbed(view, texts),
    chart: centers && (() => clusterChart(centers, chartTexts[texts.locale])),
  }
}

const barsChart = (view: SummaryView | HistoryView, texts: Texts): Drawn['chart'] =>
  view.stretch.bars.length === 0 ? null : () => alertChart(view, chartTexts[texts.locale])

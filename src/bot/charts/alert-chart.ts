import type { ChartTexts } from '../locale/chart-texts.ts'
import { alertDatasets } from './alert-datasets.ts'
import { plotOf } from './alert-plot.ts'
import { alertLabels, alertScales } from './alert-scales.ts'
import { type BarsView, barsAlt, minuteWords, subtitle } from './bars-summary.ts'
import type { Chart } from './charts.ts'
import { stockTitle } from './stock-title.ts'
import { baseOptions, CHART_HEIGHT, CHART_WIDTH } from './theme.ts'

/** Candles, volume, what is usual for both, and the marked minutes. */
export const alertChart = (view: BarsView, texts: ChartTexts): Chart => {
  const { stock, minute } = view
  const plot = plotOf(view)
  const { stepMinutes } = plot.axis
  const labels = alertLabels(plot, stock, texts)
  const subject = minute === undefined ? '' : texts.minuteTitle(minuteWords(minute, stock, texts))
  const title = stockTitle(stock, texts.locale, subject)
  const options = {
    ...baseOptions(texts.locale, title, subtitle(view, stepMinutes, texts)),
    scales: alertScales(plot, stock, labels, texts),
  }
  return {
    config: { type: 'bar', data: { labels, datasets: alertDatasets(plot, texts) }, options },
    width: CHART_WIDTH,
    height: CHART_HEIGHT,
    alt: barsAlt(view, stepMinutes, texts),
  }
}

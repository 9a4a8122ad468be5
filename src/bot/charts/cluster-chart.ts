import type { ChartConfiguration } from 'chart.js'
import type { CentersView } from '../../pipeline/views/views.ts'
import type { ChartTexts } from '../locale/chart-texts.ts'
import { nameOf } from './bars-summary.ts'
import type { Chart } from './charts.ts'
import { clusterDatasets } from './cluster-datasets.ts'
import { clusterPlotOf } from './cluster-plot.ts'
import { clusterScales } from './cluster-scales.ts'
import { stockTitle } from './stock-title.ts'
import { baseOptions, CHART_HEIGHT, CHART_WIDTH, COLOR, FONT_SIZE, font } from './theme.ts'

/** The minutes by cluster over two features, with the centers numbered and the minute in question starred. */
export const clusterChart = (view: CentersView, texts: ChartTexts): Chart => {
  const { stock } = view
  const { format } = texts
  const plot = clusterPlotOf(view, texts)
  const counted = view.imported === undefined ? texts.trainedOn : texts.marketCentersOf
  const subtitle = counted(format.count(view.rows), format.moment(view.cutoff, stock.utcOffsetMinutes))
  const base = baseOptions(texts.locale, stockTitle(stock, texts.locale, texts.clustersTitle(view.k)), subtitle)
  const config: ChartConfiguration = {
    type: 'scatter',
    data: { datasets: clusterDatasets(view, plot, texts) },
    options: { ...base, plugins: { ...base.plugins, legend: LEGEND }, scales: clusterScales(view, plot, texts) },
  }
  return { config, width: CHART_WIDTH, height: CHART_HEIGHT, alt: altOf(view, texts) }
}

const LEGEND = {
  display: true,
  position: 'top' as const,
  align: 'start' as const,
  reverse: true,
  labels: {
    usePointStyle: true,
    color: COLOR.text,
    font: font(FONT_SIZE.small),
    padding: 10,
    boxHeight: 11,
    pointStyleWidth: 15,
  },
}

const altOf = (view: CentersView, texts: ChartTexts): string => {
  const { format } = texts
  const [xName, yName] = view.axes
  return texts.clusterAlt({
    stock: nameOf(view.stock, texts),
    rows: format.count(view.rows),
    axes: [texts.axis(xName), texts.axis(yName)],
    clusters: view.clusters.map(({ size, abnormal, center }, i) => ({
      label: String(i + 1),
      size: format.count(size),
      abnormal,
      center: [format.plain(center[xName] ?? 0), format.plain(center[yName] ?? 0)],
    })),
    star: view.star && {
      moment: format.moment(view.star.openTime, view.stock.utcOffsetMinutes),
      label: String(view.star.cluster + 1),
      at: [format.plain(view.star.x), format.plain(view.star.y)],
    },
    origin: texts.origin(view.stock.provenance),
  })
}

import type { CentersView } from '../../pipeline/views/views.ts'
import type { ChartTexts } from '../locale/chart-texts.ts'
import { type ClusterPlot, RING_RADIUS } from './cluster-plot.ts'
import { placedLabels, wordAt } from './placed-labels.ts'
import { COLOR, FONT_SIZE, font } from './theme.ts'

const STAR_SIZE = 28
const NUMBER = { color: '#101317', size: FONT_SIZE.text, font: font(FONT_SIZE.text, 'bold') }

/** The two features' axes, and the numbers, the star and the line below, each of which is an axis of one label. */
export const clusterScales = ({ stock, axes: [xName, yName] }: CentersView, plot: ClusterPlot, texts: ChartTexts) => {
  const { x, y, centers, star } = plot
  const xLabels = placedLabels(
    x.ticks.map(({ value, label }) => ({ share: (x.place(value) - x.min) / (x.max - x.min), label })),
  )
  // A vertical category axis counts from the top.
  const yLabels = placedLabels(
    y.ticks.map(({ value, label }) => ({ share: (y.max - y.place(value)) / (y.max - y.min), label })),
  )
  const origin = texts.origin(stock.provenance)
  return {
    x: { type: 'linear' as const, axis: 'x' as const, display: false, min: x.min, max: x.max },
    y: { type: 'linear' as const, axis: 'y' as const, display: false, min: y.min, max: y.max },
    xTicks: labelledAxis('x', xLabels, texts.axis(xName)),
    yTicks: labelledAxis('y', yLabels, texts.axis(yName)),
    ...Object.fromEntries(centers.map((center, i) => [`center${i + 1}`, wordAt(String(i + 1), center, x, NUMBER)])),
    ...(star === null ? {} : { star: wordAt('★', star, x, starStyle(plot)) }),
    ...(origin === null ? {} : { origin: originLine(origin) }),
  }
}

const labelledAxis = (axis: 'x' | 'y', { labels, gridColors }: ReturnType<typeof placedLabels>, name: string) => ({
  type: 'category' as const,
  axis,
  position: axis === 'x' ? ('bottom' as const) : ('left' as const),
  offset: false,
  labels,
  border: { color: COLOR.frame },
  grid: { color: gridColors, drawTicks: false },
  ticks: { autoSkip: false, maxRotation: 0, color: COLOR.faint, font: font(FONT_SIZE.small), padding: 6 },
  title: { display: true, text: name, color: COLOR.text, font: font(FONT_SIZE.text) },
})

const starStyle = ({ starHides }: ClusterPlot) => ({
  color: '#ffffff',
  size: STAR_SIZE,
  font: font(STAR_SIZE, 'bold'),
  outline: '#101317',
  lower: starHides ? RING_RADIUS + STAR_SIZE * 0.45 : 0,
})

/** A line of its own below the plot. */
const originLine = (text: string) => ({
  type: 'category' as const,
  axis: 'x' as const,
  position: 'bottom' as const,
  labels: [''],
  border: { display: false },
  grid: { display: false },
  ticks: { display: false },
  title: { display: true, text, color: COLOR.warning, font: font(FONT_SIZE.small, 'bold'), padding: 0 },
})

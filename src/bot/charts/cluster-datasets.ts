import type { CentersView, Threshold } from '../../pipeline/views/views.ts'
import type { ChartTexts } from '../locale/chart-texts.ts'
import { CENTER_RADIUS, type ClusterPlot, type Point, RING_RADIUS } from './cluster-plot.ts'
import { COLOR } from './theme.ts'

/**
 * Points that are nearer to each other than this share of the plot are drawn once, as a remote renderer takes at most
 * 100 kB.
 */
const GRAIN = 1 / 250

/** Colours and shapes that differ also for people who see red and green alike (after Okabe and Ito). */
const ORDINARY = [
  { color: '#56b4e9', shape: 'circle' },
  { color: '#2fbf9f', shape: 'rect' },
  { color: '#a8a4f0', shape: 'rectRounded' },
] as const
const ABNORMAL = [
  { color: '#ffb000', shape: 'triangle' },
  { color: '#ff6a3d', shape: 'rectRot' },
  { color: '#f27ccb', shape: 'crossRot' },
] as const

/** Minutes, thresholds, centers and the ring of the minute in question. The legend reads the last first. */
export const clusterDatasets = (view: CentersView, plot: ClusterPlot, texts: ChartTexts) => {
  const styles = stylesOf(view.clusters)
  return [
    ...minutesByCluster(view, plot, styles, texts),
    ...thresholdLines(view.thresholds, plot, texts),
    {
      label: texts.center,
      order: 1,
      clip: false as const,
      data: plot.centers,
      pointStyle: 'circle' as const,
      radius: CENTER_RADIUS,
      backgroundColor: styles.map(({ color }) => color),
      borderColor: '#ffffff',
      borderWidth: 2,
    },
    ...ringOf(view, plot, texts),
  ]
}

type Style = (typeof ORDINARY | typeof ABNORMAL)[number]

const stylesOf = (clusters: CentersView['clusters']): Style[] => {
  let [ordinary, abnormal] = [0, 0]
  return clusters.map((cluster) =>
    cluster.abnormal
      ? ABNORMAL[Math.min(abnormal++, ABNORMAL.length - 1)]!
      : ORDINARY[Math.min(ordinary++, ORDINARY.length - 1)]!,
  )
}

const minutesByCluster = (
  { clusters, points }: CentersView,
  plot: ClusterPlot,
  styles: readonly Style[],
  texts: ChartTexts,
) =>
  clusters.map(({ size, abnormal }, i) => {
    const { color, shape } = styles[i]!
    return {
      label: texts.cluster(String(i + 1), abnormal, texts.format.count(size)),
      order: 10 - i,
      data: spread(points.filter((point) => point.cluster === i).map(plot.place), plot),
      pointStyle: shape,
      radius: abnormal ? 6 : 3.5,
      backgroundColor: `${color}${abnormal ? 'e6' : '8c'}`,
      ...(shape === 'crossRot'
        ? { borderColor: color, borderWidth: 2.5 }
        : { borderColor: abnormal ? '#14171c' : color, borderWidth: abnormal ? 1 : 0.5 }),
    }
  })

/** Keeps one point of each grain of the plot. */
const spread = (points: readonly Point[], { x, y }: ClusterPlot): Point[] => {
  const grains = new Map<string, Point>()
  const grain = (value: number, { min, max }: ClusterPlot['x']) => Math.round((value - min) / (max - min) / GRAIN)
  for (const point of points) grains.set(`${grain(point.x, x)}:${grain(point.y, y)}`, point)
  return [...grains.values()]
}

interface LineStyle {
  readonly borderColor: string
  readonly borderDash: number[]
  /** The legend's picture of the line. It cannot be dashed, so dashes before the label take its place. */
  readonly pointStyle: 'line' | false
  readonly dashes: string
}
/** The dashes have the colour of the legend's words, so the line has it too. */
const DASHED: LineStyle = { borderColor: COLOR.text, borderDash: [6, 5], pointStyle: false, dashes: '– – ' }
const SOLID: LineStyle = { borderColor: COLOR.mark, borderDash: [], pointStyle: 'line', dashes: '' }

/** A threshold over the plot: one line with a gap between falls and rises. */
const thresholdLine = (
  label: string,
  threshold: Threshold,
  { dashes, ...style }: LineStyle,
  place: ClusterPlot['place'],
) => {
  const branch = (sign: number) =>
    threshold.map(({ multiple, movePercent }) => place({ x: sign * movePercent, y: multiple }))
  return {
    type: 'line' as const,
    label: `${dashes}${label}`,
    order: 2,
    data: [...branch(-1), { x: 0, y: null }, ...branch(1)] as { x: number; y: number }[],
    ...style,
    borderWidth: 2,
    pointRadius: 0,
    tension: 0.3,
  }
}

const thresholdLines = ([minute]: CentersView['thresholds'], { place }: ClusterPlot, texts: ChartTexts) => {
  if (minute === undefined) return []
  const abnormal = thresholdLine(texts.abnormalFrom, minute.abnormal, DASHED, place)
  return minute.alert === null ? [abnormal] : [abnormal, thresholdLine(texts.alertFrom, minute.alert, SOLID, place)]
}

const ringOf = ({ stock, star }: CentersView, plot: ClusterPlot, texts: ChartTexts) =>
  star === null || plot.star === null
    ? []
    : [
        {
          label: `★ ${texts.star(texts.format.moment(star.openTime, stock.utcOffsetMinutes))}`,
          order: 0,
          clip: false as const,
          data: [plot.star],
          pointStyle: 'circle' as const,
          radius: RING_RADIUS,
          backgroundColor: COLOR.none,
          borderColor: '#ffffff',
          borderWidth: 2,
        },
      ]

import type { ChartConfiguration } from 'chart.js'
import type { CentersView, Threshold } from '../../pipeline/views/views.ts'
import type { ChartTexts } from '../locale/chart-texts.ts'
import { nameOf } from './bars-summary.ts'
import type { Chart } from './charts.ts'
import { placedLabels, wordAt } from './placed-labels.ts'
import { plotAxis } from './plot-axis.ts'
import { stockTitle } from './stock-title.ts'
import { baseOptions, CHART_HEIGHT, CHART_WIDTH, COLOR, FONT_SIZE, font } from './theme.ts'

const CENTER_RADIUS = 12
const STAR_SIZE = 28
const RING_RADIUS = CENTER_RADIUS + 5
/**
 * A star that is nearer to a center than this share of the plot would hide the center's number, so it is drawn beside
 * its ring.
 */
const NEAR = 0.06
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

/** The minutes by cluster over two features, with the centers numbered and the minute in question starred. */
export const clusterChart = (view: CentersView, texts: ChartTexts): Chart => {
  const { stock, clusters, points, star } = view
  const { format } = texts
  const offset = stock.utcOffsetMinutes
  const [xName, yName] = view.axes
  const centers = clusters.map(({ center }) => ({ x: center[xName] ?? 0, y: center[yName] ?? 0 }))
  const all = [...points, ...centers, ...(star === null ? [] : [star])]
  const x = plotAxis(finite(all.map((point) => point.x)), texts.tick)
  const y = plotAxis(finite(all.map((point) => point.y)), texts.tick)
  const place = (point: { x: number; y: number }) => ({ x: rounded(x.place(point.x)), y: rounded(y.place(point.y)) })
  const styles = stylesOf(clusters)
  const xLabels = placedLabels(
    x.ticks.map(({ value, label }) => ({ share: (x.place(value) - x.min) / (x.max - x.min), label })),
  )
  // A vertical category axis counts from the top.
  const yLabels = placedLabels(
    y.ticks.map(({ value, label }) => ({ share: (y.max - y.place(value)) / (y.max - y.min), label })),
  )
  const origin = texts.origin(stock.provenance)
  const title = stockTitle(stock, texts.locale, texts.clustersTitle(view.k))
  const counted = view.imported === undefined ? texts.trainedOn : texts.marketCentersOf
  const subtitle = counted(format.count(view.rows), format.moment(view.cutoff, offset))
  const base = baseOptions(texts.locale, title, subtitle)
  const numberStyle = { color: '#101317', size: FONT_SIZE.text, font: font(FONT_SIZE.text, 'bold') }
  const share = (point: { x: number; y: number }) => ({
    x: (place(point).x - x.min) / (x.max - x.min),
    y: (place(point).y - y.min) / (y.max - y.min),
  })
  const near = (a: { x: number; y: number }, b: { x: number; y: number }) =>
    Math.hypot(share(a).x - share(b).x, share(a).y - share(b).y) < NEAR
  const beside = star !== null && centers.some((center) => near(center, star))
  const starStyle = {
    color: '#ffffff',
    size: STAR_SIZE,
    font: font(STAR_SIZE, 'bold'),
    outline: '#101317',
    lower: beside ? RING_RADIUS + STAR_SIZE * 0.45 : 0,
  }
  const words = centers.map(
    (center, i) => [`center${i + 1}`, wordAt(String(i + 1), place(center), x, numberStyle)] as const,
  )

  const [minute] = view.thresholds
  const lines =
    minute === undefined
      ? []
      : [
          thresholdLine(texts.abnormalFrom, minute.abnormal, DASHED, place),
          ...(minute.alert === null ? [] : [thresholdLine(texts.alertFrom, minute.alert, SOLID, place)]),
        ]

  const config: ChartConfiguration = {
    type: 'scatter',
    data: {
      datasets: [
        ...clusters.map(({ size, abnormal }, i) => ({
          label: texts.cluster(String(i + 1), abnormal, format.count(size)),
          order: 10 - i,
          data: spread(points.filter((point) => point.cluster === i).map(place), x, y),
          pointStyle: styles[i]!.shape,
          radius: abnormal ? 6 : 3.5,
          backgroundColor: `${styles[i]!.color}${abnormal ? 'e6' : '8c'}`,
          borderColor: abnormal ? '#14171c' : styles[i]!.color,
          borderWidth: abnormal ? 1 : 0.5,
          ...(styles[i]!.shape === 'crossRot' ? { borderColor: styles[i]!.color, borderWidth: 2.5 } : {}),
        })),
        ...lines,
        {
          label: texts.center,
          order: 1,
          clip: false as const,
          data: centers.map(place),
          pointStyle: 'circle' as const,
          radius: CENTER_RADIUS,
          backgroundColor: styles.map(({ color }) => color),
          borderColor: '#ffffff',
          borderWidth: 2,
        },
        ...(star === null
          ? []
          : [
              {
                label: `★ ${texts.star(format.moment(star.openTime, offset))}`,
                order: 0,
                clip: false as const,
                data: [place(star)],
                pointStyle: 'circle' as const,
                radius: RING_RADIUS,
                backgroundColor: COLOR.none,
                borderColor: '#ffffff',
                borderWidth: 2,
              },
            ]),
      ],
    },
    options: {
      ...base,
      plugins: {
        ...base.plugins,
        legend: {
          display: true,
          position: 'top',
          align: 'start',
          reverse: true,
          labels: {
            usePointStyle: true,
            color: COLOR.text,
            font: font(FONT_SIZE.small),
            padding: 10,
            boxHeight: 11,
            pointStyleWidth: 15,
          },
        },
      },
      scales: {
        x: { type: 'linear', axis: 'x', display: false, min: x.min, max: x.max },
        y: { type: 'linear', axis: 'y', display: false, min: y.min, max: y.max },
        xTicks: {
          type: 'category',
          axis: 'x',
          position: 'bottom',
          offset: false,
          labels: xLabels.labels,
          border: { color: COLOR.frame },
          grid: { color: xLabels.gridColors, drawTicks: false },
          ticks: { autoSkip: false, maxRotation: 0, color: COLOR.faint, font: font(FONT_SIZE.small), padding: 6 },
          title: { display: true, text: texts.axis(xName), color: COLOR.text, font: font(FONT_SIZE.text) },
        },
        yTicks: {
          type: 'category',
          axis: 'y',
          position: 'left',
          offset: false,
          labels: yLabels.labels,
          border: { color: COLOR.frame },
          grid: { color: yLabels.gridColors, drawTicks: false },
          ticks: { autoSkip: false, color: COLOR.faint, font: font(FONT_SIZE.small), padding: 6 },
          title: { display: true, text: texts.axis(yName), color: COLOR.text, font: font(FONT_SIZE.text) },
        },
        ...Object.fromEntries(words),
        ...(star === null ? {} : { star: wordAt('★', place(star), x, starStyle) }),
        ...(origin === null ? {} : { origin: originLine(origin) }),
      },
    },
  }
  return { config, width: CHART_WIDTH, height: CHART_HEIGHT, alt: altOf(view, texts) }
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
  place: (point: { x: number; y: number }) => { x: number; y: number },
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

const finite = (values: readonly number[]) => values.filter(Number.isFinite)

/** Four digits are a hundredth of a pixel. Adding zero turns −0, which JSON does not know, into 0. */
const rounded = (value: number): number => Number(value.toFixed(4)) + 0

const stylesOf = (clusters: CentersView['clusters']) => {
  let [ordinary, abnormal] = [0, 0]
  return clusters.map((cluster) =>
    cluster.abnormal
      ? ABNORMAL[Math.min(abnormal++, ABNORMAL.length - 1)]!
      : ORDINARY[Math.min(ordinary++, ORDINARY.length - 1)]!,
  )
}

/** Keeps one point of each grain of the plot. */
const spread = <P extends { x: number; y: number }>(
  points: readonly P[],
  x: { readonly min: number; readonly max: number },
  y: { readonly min: number; readonly max: number },
): P[] => {
  const grains = new Map<string, P>()
  const grain = (value: number, { min, max }: { readonly min: number; readonly max: number }) =>
    Math.round((value - min) / (max - min) / GRAIN)
  for (const point of points) grains.set(`${grain(point.x, x)}:${grain(point.y, y)}`, point)
  return [...grains.values()]
}

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

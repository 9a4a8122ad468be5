import type { CentersView } from '../../pipeline/views/views.ts'
import type { ChartTexts } from '../locale/chart-texts.ts'
import { plotAxis } from './plot-axis.ts'

/** Radius of a center's disc in pixels, and of the ring around the minute in question. */
export const CENTER_RADIUS = 12
export const RING_RADIUS = CENTER_RADIUS + 5
/**
 * A star that is nearer to a center than this share of the plot would hide the center's number, so it is drawn beside
 * its ring.
 */
const NEAR = 0.06

/** A place over the two features, in their own units or on the plot's axes. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Places on the plot of all that the picture of clusters shows, and the axes that they follow. */
export type ClusterPlot = ReturnType<typeof clusterPlotOf>

export const clusterPlotOf = ({ axes: [xName, yName], clusters, points, star }: CentersView, texts: ChartTexts) => {
  const centers = clusters.map(({ center }) => ({ x: center[xName] ?? 0, y: center[yName] ?? 0 }))
  const all = [...points, ...centers, ...(star === null ? [] : [star])]
  const x = plotAxis(finite(all.map((point) => point.x)), texts.tick)
  const y = plotAxis(finite(all.map((point) => point.y)), texts.tick)
  const place = (point: Point) => ({ x: rounded(x.place(point.x)), y: rounded(y.place(point.y)) })
  const share = (point: Point) => ({
    x: (place(point).x - x.min) / (x.max - x.min),
    y: (place(point).y - y.min) / (y.max - y.min),
  })
  const near = (a: Point, b: Point) => Math.hypot(share(a).x - share(b).x, share(a).y - share(b).y) < NEAR
  return {
    x,
    y,
    place,
    /** One a cluster, on the plot. */
    centers: centers.map(place),
    /** The minute in question on the plot, if there is one. */
    star: star === null ? null : place(star),
    /** The star would hide the number of a center. */
    starHides: star !== null && centers.some((center) => near(center, star)),
  }
}

const finite = (values: readonly number[]) => values.filter(Number.isFinite)

/** Four digits are a hundredth of a pixel. Adding zero turns −0, which JSON does not know, into 0. */
const rounded = (value: number): number => Number(value.toFixed(4)) + 0

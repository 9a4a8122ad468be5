import { fitChangesCenters } from '../../model/changes/centers.ts'
import { CHANGE_FEATURES, type ChangeRow, changeRows } from '../../model/changes/rows.ts'
import { nearest } from '../../model/clusters/clusters.ts'
import type { Centers } from '../../model/detector/centers.ts'
import { boundary, type Detector } from '../../model/detector/detector.ts'
import { scaled } from '../../model/detector/scale.ts'
import type { Store } from '../store/contract.ts'
import type { Beginning, CentersView, LearningView, Stock } from './views.ts'

/** Points in one plot. */
const POINTS = 1_500
/** Bars that the old system's features are clustered over. */
const SEED_BARS = 20_000
const SEED = 1

interface Question {
  readonly stock: Stock
  readonly detector: Detector
  readonly store: Store
  readonly symbol: string
  readonly k: number
  readonly features: 'model' | 'seed'
  /** Alerts a stock and session that the asking channel is told of. */
  readonly rate: number
}

/** The clusters of a stock's minutes: those that judge it, those of another k, or those that the old system would have found. */
export const centersView = async (question: Question): Promise<CentersView | LearningView> =>
  question.features === 'seed' ? changesCenters(question) : modelCenters(question)

const modelCenters = async ({ stock, detector, store, symbol, k, rate }: Question) => {
  const judging = detector.model
  const own = judging?.k === k
  const model = own ? judging : detector.fitNow(k)
  if (model === null || judging === null) return { learning: detector.learning ?? { have: 0, need: 1 } }
  const [minute] = model.horizons
  const points = detector
    .rows(model, 0)
    .map(({ move, multiple, cluster, openTime }) => ({ x: 100 * Math.expm1(move), y: multiple, cluster, openTime }))
  const kept = own ? await store.models.latest(stock.series, symbol, 2) : []
  const told = boundary(judging, rate)
  return {
    stock,
    k,
    features: 'model' as const,
    judging: own,
    axes: ['move', 'multiple'] as const,
    clusters: minute!.clusters.map(({ center: { move, multiple, ...rest }, ...cluster }) => ({
      ...cluster,
      center: { move: 100 * Math.expm1(move!), multiple: multiple!, ...rest },
    })),
    points: thinned(points, ({ x, y }) => Math.abs(x) * (1 + Math.log1p(y))),
    star: newestAbnormal(points, (c) => minute!.clusters[c]?.abnormal ?? false),
    beginnings: model.horizons.map(({ minutes, edges, scale }, h) => ({
      minutes,
      abnormal: beginningOf(detector, h, scaled(scale, edges.at(-1) ?? 0)),
      told: Number.isFinite(told) ? beginningOf(detector, h, Math.max(told, scaled(scale, edges.at(-1) ?? 0))) : null,
    })),
    rows: model.rows,
    cutoff: model.cutoff,
    trainedAt: kept.find((record) => record.id === model.id)?.trainedAt ?? model.cutoff,
    noisePerSession: model.noisePerSession,
    inertia: minute!.inertia,
  }
}

/** Multiples of the usual volume at which a beginning is said; between them it is a smooth curve. */
const MULTIPLES = [0, 1, 3, 10, 30, 100, 1_000]

const beginningOf = (detector: Detector, horizon: number, score: number): Beginning =>
  MULTIPLES.map((multiple) => ({ multiple, movePercent: 100 * (detector.moveFor(horizon, score, multiple) ?? 0) }))

const changesCenters = async ({ stock, detector, store, symbol, k }: Question) => {
  const bars = await store.bars.last(stock.series, symbol, SEED_BARS, Number.MAX_SAFE_INTEGER)
  const rows = changeRows(bars)
  if (rows.length < k) return { learning: detector.learning ?? { have: rows.length, need: k } }
  const found = fitChangesCenters(
    rows.map(({ row }) => row),
    { symbol, k, seed: SEED },
  )
  return changesView({ stock, rows, found, cutoff: bars.at(-1)?.openTime ?? 0, judging: false })
}

interface Clustered {
  readonly stock: Stock
  /** Oldest first. */
  readonly rows: readonly ChangeRow[]
  readonly found: Pick<Centers, 'clusters' | 'rows' | 'inertia'>
  readonly cutoff: number
  readonly judging: boolean
  /** The minute to star; the newest abnormal one unless given. */
  readonly starred?: number
}

/** Rows of the old system's features beside clusters of them. */
export const changesView = ({ stock, rows, found, cutoff, judging, starred }: Clustered): CentersView => {
  const { clusters } = found
  const centroids = clusters.map(({ center }) => CHANGE_FEATURES.map((name) => center[name] ?? 0))
  const points = rows.map(({ row, openTime }) => ({
    x: row[0],
    y: row[1],
    cluster: nearest(row, centroids).index,
    openTime,
  }))
  return {
    stock,
    k: clusters.length,
    features: 'seed',
    judging,
    axes: CHANGE_FEATURES,
    clusters,
    points: thinned(points, ({ y }) => Math.abs(y)),
    star:
      points.find(({ openTime }) => openTime === starred) ??
      newestAbnormal(points, (c) => clusters[c]?.abnormal ?? false),
    rows: found.rows,
    cutoff,
    trainedAt: cutoff,
    beginnings: [],
    noisePerSession: null,
    inertia: found.inertia,
  }
}

type Point = CentersView['points'][number]

/** The outer half by `distance` stays whole; of the ordinary rest every n-th stays. */
const thinned = (points: readonly Point[], distance: (point: Point) => number): Point[] => {
  if (points.length <= POINTS) return [...points]
  const sorted = points.toSorted((a, b) => distance(b) - distance(a))
  const step = Math.ceil((points.length - POINTS / 2) / (POINTS / 2))
  return sorted.filter((_, index) => index < POINTS / 2 || index % step === 0)
}

const newestAbnormal = (points: readonly Point[], abnormal: (cluster: number) => boolean): Point | null =>
  points.findLast((point) => abnormal(point.cluster)) ?? points.at(-1) ?? null

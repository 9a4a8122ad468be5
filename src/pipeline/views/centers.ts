import { fitChangesCenters } from '../../model/changes/centers.ts'
import { CHANGE_FEATURES, type ChangeRow, changeRows } from '../../model/changes/rows.ts'
import { nearest } from '../../model/clusters/clusters.ts'
import type { Centers } from '../../model/detector/centers.ts'
import { boundary, type Detector } from '../../model/detector/detector.ts'
import { scaled } from '../../model/detector/scale.ts'
import type { Store } from '../store/contract.ts'
import type { CentersView, LearningProgress, LearningView, Stock, Threshold } from './views.ts'

/** Approximate limit of the points in one plot. */
const POINTS = 1_500
/** Number of the newest bars that the old system's features are clustered over. */
const CHANGES_BARS = 20_000
/** Seed of the clustering's random starts: the same bars always give the same clusters. */
const SEED = 1

interface Question {
  readonly stock: Stock
  readonly detector: Detector
  readonly store: Store
  readonly symbol: string
  readonly k: number
  readonly features: 'model' | 'seed'
  /** Alerts a stock and session that the asking channel gets. */
  readonly rate: number
}

/**
 * The clusters of a stock's minutes: those that judge it, those of another k, or those of the old system's features.
 */
export const centersView = async (question: Question): Promise<CentersView | LearningView> =>
  question.features === 'seed' ? changesCenters(question) : modelCenters(question)

const modelCenters = async ({ stock, detector, store, symbol, k, rate }: Question) => {
  const judging = detector.model
  const isJudging = judging?.k === k
  const model = isJudging ? judging : detector.fitNow(k)
  if (model === null || judging === null) return learningView(detector.learning ?? { have: 0, need: 1 })
  const [minute] = model.horizons
  const points = detector
    .rows(model, 0)
    .map(({ move, multiple, cluster, openTime }) => ({ x: 100 * Math.expm1(move), y: multiple, cluster, openTime }))
  const stored = isJudging ? await store.models.latest(stock.series, symbol, 2) : []
  const alertScore = boundary(judging, rate)
  return {
    kind: 'centers' as const,
    stock,
    k,
    features: 'model' as const,
    judging: isJudging,
    axes: ['move', 'multiple'] as const,
    clusters: minute!.clusters.map(({ center: { move, multiple, ...rest }, ...cluster }) => ({
      ...cluster,
      center: { move: 100 * Math.expm1(move!), multiple: multiple!, ...rest },
    })),
    points: thinned(points, ({ x, y }) => Math.abs(x) * (1 + Math.log1p(y))),
    star: newestAbnormal(points, (c) => minute!.clusters[c]?.abnormal ?? false),
    thresholds: model.horizons.map(({ minutes, edges, scale }, h) => ({
      minutes,
      abnormal: thresholdOf(detector, h, scaled(scale, edges.at(-1) ?? 0)),
      alert: Number.isFinite(alertScore)
        ? thresholdOf(detector, h, Math.max(alertScore, scaled(scale, edges.at(-1) ?? 0)))
        : null,
    })),
    rows: model.rows,
    cutoff: model.cutoff,
    trainedAt: stored.find((record) => record.id === model.id)?.trainedAt ?? model.cutoff,
    noisePerSession: model.noisePerSession,
    inertia: minute!.inertia,
    ...(model.imported === undefined ? {} : { imported: model.imported }),
  }
}

/** Multiples of the usual volume at which a threshold is computed; between them it is a smooth curve. */
const MULTIPLES = [0, 1, 3, 10, 30, 100, 1_000]

const thresholdOf = (detector: Detector, horizon: number, score: number): Threshold =>
  MULTIPLES.map((multiple) => ({ multiple, movePercent: 100 * (detector.moveFor(horizon, score, multiple) ?? 0) }))

const changesCenters = async ({ stock, detector, store, symbol, k }: Question) => {
  const bars = await store.bars.last(stock.series, symbol, CHANGES_BARS, Number.MAX_SAFE_INTEGER)
  const rows = changeRows(bars)
  if (rows.length < k) return learningView(detector.learning ?? { have: rows.length, need: k })
  const fit = fitChangesCenters(
    rows.map(({ row }) => row),
    { symbol, k, seed: SEED },
  )
  return changesView({ stock, rows, fit, cutoff: bars.at(-1)?.openTime ?? 0, judging: false })
}

interface Clustered {
  readonly stock: Stock
  /** Oldest first. */
  readonly rows: readonly ChangeRow[]
  readonly fit: Pick<Centers, 'clusters' | 'rows' | 'inertia'>
  readonly cutoff: number
  readonly judging: boolean
  /** The minute to star; the newest abnormal one unless given. */
  readonly starred?: number
}

/** The view of clusters of the old system's features, with the rows as points. */
export const changesView = ({ stock, rows, fit, cutoff, judging, starred }: Clustered): CentersView => {
  const { clusters } = fit
  const centroids = clusters.map(({ center }) => CHANGE_FEATURES.map((name) => center[name] ?? 0))
  const points = rows.map(({ row, openTime }) => ({
    x: row[0],
    y: row[1],
    cluster: nearest(row, centroids).index,
    openTime,
  }))
  return {
    kind: 'centers',
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
    rows: fit.rows,
    cutoff,
    trainedAt: cutoff,
    thresholds: [],
    noisePerSession: null,
    inertia: fit.inertia,
  }
}

export const learningView = (learning: LearningProgress): LearningView => ({ kind: 'learning', learning })

type Point = CentersView['points'][number]

/** Keeps all of the outer points, as many as half of `POINTS`, and every n-th of the others. */
const thinned = (points: readonly Point[], distance: (point: Point) => number): Point[] => {
  if (points.length <= POINTS) return [...points]
  const sorted = points.toSorted((a, b) => distance(b) - distance(a))
  const step = Math.ceil((points.length - POINTS / 2) / (POINTS / 2))
  return sorted.filter((_, index) => index < POINTS / 2 || index % step === 0)
}

const newestAbnormal = (points: readonly Point[], abnormal: (cluster: number) => boolean): Point | null =>
  points.findLast((point) => abnormal(point.cluster)) ?? points.at(-1) ?? null

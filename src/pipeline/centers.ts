import { type Centers, fitSeedCenters } from '../model/centers.ts'
import { nearest } from '../model/clusters.ts'
import type { Detector } from '../model/detector.ts'
import type { Model } from '../model/model.ts'
import { SEED_FEATURES, type SeedRow, seedRows } from '../model/seed-rows.ts'
import { fromSnapshot } from '../model/snapshot.ts'
import type { Store } from './ports.ts'
import type { CentersView, LearningView, Stock } from './read.ts'

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
}

/** The clusters of a stock's minutes: those that judge it, those of another k, or those that the old system would have found. */
export const centersView = async (question: Question): Promise<CentersView | LearningView> =>
  question.features === 'seed' ? seedCenters(question) : modelCenters(question)

const modelCenters = async ({ stock, detector, store, symbol, k }: Question) => {
  const own = detector.model?.k === k
  const model = own ? detector.model : detector.fitNow(k)
  if (model === null) return { learning: detector.learning ?? { have: 0, need: 1 } }
  const points = detector.rows(model).map(({ price, volume, cluster, openTime }) => ({ x: price, y: volume, cluster, openTime }))
  const kept = own ? await store.models.latest(stock.venue, symbol, 2) : []
  const before = kept.find((record) => record.id !== model.id)
  return {
    stock,
    k,
    features: 'model' as const,
    judging: own,
    axes: ['price', 'volume'] as const,
    clusters: model.clusters,
    points: thinned(points, ({ x, y }) => x * y),
    star: newestAbnormal(points, (c) => model.clusters[c]?.abnormal ?? false),
    rows: model.rows,
    cutoff: model.cutoff,
    trainedAt: kept.find((record) => record.id === model.id)?.trainedAt ?? model.cutoff,
    moved: before ? movement(fromSnapshot(before.snapshot), model) : null,
    noisePerSession: model.noisePerSession,
    inertia: model.inertia,
  }
}

const seedCenters = async ({ stock, detector, store, symbol, k }: Question) => {
  const bars = await store.bars.last(stock.venue, symbol, SEED_BARS, Number.MAX_SAFE_INTEGER)
  const rows = seedRows(bars)
  if (rows.length < k) return { learning: detector.learning ?? { have: rows.length, need: k } }
  const found = fitSeedCenters(
    rows.map(({ row }) => row),
    { symbol, k, seed: SEED },
  )
  return seedView({ stock, rows, found, cutoff: bars.at(-1)?.openTime ?? 0, judging: false })
}

interface Clustered {
  readonly stock: Stock
  /** Oldest first. */
  readonly rows: readonly SeedRow[]
  readonly found: Pick<Centers, 'clusters' | 'rows' | 'inertia'>
  readonly cutoff: number
  readonly judging: boolean
  /** The minute to star; the newest abnormal one unless given. */
  readonly starred?: number
}

/** Rows of the old system's features beside clusters of them. */
export const seedView = ({ stock, rows, found, cutoff, judging, starred }: Clustered): CentersView => {
  const { clusters } = found
  const centroids = clusters.map(({ center }) => SEED_FEATURES.map((name) => center[name] ?? 0))
  const points = rows.map(({ row, openTime }) => ({ x: row[0], y: row[1], cluster: nearest(row, centroids).index, openTime }))
  return {
    stock,
    k: clusters.length,
    features: 'seed',
    judging,
    axes: SEED_FEATURES,
    clusters,
    points: thinned(points, ({ y }) => Math.abs(y)),
    star: points.find(({ openTime }) => openTime === starred) ?? newestAbnormal(points, (c) => clusters[c]?.abnormal ?? false),
    rows: found.rows,
    cutoff,
    trainedAt: cutoff,
    moved: null,
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

const movement = (before: Model, now: Model): (Record<string, number> | null)[] =>
  now.clusters.map((cluster, c) => {
    const old = before.k === now.k ? before.clusters[c] : undefined
    return old ? Object.fromEntries(Object.entries(cluster.center).map(([name, value]) => [name, value - (old.center[name] ?? 0)])) : null
  })

import { centersAt } from '../../model/detector/market-centers.ts'
import type { MarketCenters, Pool } from '../../model/detector/model.ts'
import { centersFromSnapshot, poolFromSnapshot, toSnapshot } from '../../model/detector/snapshot.ts'
import type { MarketCurves } from '../../model/features/market.ts'
import { MINUTE } from '../../model/time/bar.ts'
import type { ModelStore } from '../store/contract.ts'

/** Symbols under which a market's trained pools and its imported centers are stored. */
const POOL = '*'
const CENTERS = '*centers'

const MOST_READ = 1_000

/** The trained pools of a series, newest first. */
export const storedPools = async (models: ModelStore, series: string, most = MOST_READ): Promise<Pool[]> =>
  (await models.latest(series, POOL, most)).flatMap(({ snapshot }) => poolFromSnapshot(snapshot) ?? [])

/** The imports of centers of a series and their removals, newest first. */
export const storedCenters = async (models: ModelStore, series: string): Promise<MarketCenters[]> =>
  (await models.latest(series, CENTERS, MOST_READ)).flatMap(({ snapshot }) => centersFromSnapshot(snapshot) ?? [])

export const keepCenters = (models: ModelStore, series: string, centers: MarketCenters): Promise<void> =>
  models.save({
    series,
    symbol: CENTERS,
    id: centers.id,
    cutoff: centers.cutoff,
    trainedAt: centers.importedAt,
    snapshot: toSnapshot(centers),
  })

/** The curves of a market's trained pool and its imported centers, at each cutoff. */
export interface MarketPool {
  /**
   * Reads what is stored, at most once a minute of the market's clock. A minute is judged a minute after its session's
   * open at the earliest, so a model never misses centers that another process imported before that open.
   */
  refresh(): Promise<void>
  /** The pool trained last before a cutoff; null before the first. */
  poolAt(cutoff: number): Pool | null
  curvesAt(cutoff: number): MarketCurves | null
  centersAt(cutoff: number): MarketCenters | null
  /** Stores a pool. */
  keep(pool: Pool): Promise<void>
}

interface Dependencies {
  readonly series: string
  readonly models: ModelStore
  /** The market's clock. */
  readonly marketNow: () => number
  /** Our clock, for records. */
  readonly now: () => number
}

export const createMarketPool = ({ series, models, marketNow, now }: Dependencies): MarketPool => {
  /** Newest first; null until they are read. */
  let pools: Pool[] | null = null
  let centers: readonly MarketCenters[] = []
  let readAt = Number.NEGATIVE_INFINITY
  /** The read that is going on. */
  let reading: Promise<void> | null = null

  const read = async () => {
    const at = marketNow()
    const [newest] = pools ?? []
    // Another process may have trained the newest pool.
    const read = await storedPools(models, series, newest ? 1 : MOST_READ)
    if (newest === undefined || (read[0] && read[0].cutoff > newest.cutoff)) pools = [...read, ...(pools ?? [])]
    centers = await storedCenters(models, series)
    readAt = at
  }

  const poolAt = (cutoff: number) => pools?.find((pool) => pool.cutoff <= cutoff) ?? null
  return {
    async refresh() {
      if (reading === null && Math.abs(marketNow() - readAt) < MINUTE) return
      reading ??= read().finally(() => {
        reading = null
      })
      await reading
    },
    poolAt,
    curvesAt: (cutoff) => poolAt(cutoff)?.curves ?? null,
    centersAt: (cutoff) => centersAt(centers, cutoff),
    async keep(pool) {
      await models.save({
        series,
        symbol: POOL,
        id: pool.id,
        cutoff: pool.cutoff,
        trainedAt: now(),
        snapshot: toSnapshot(pool),
      })
      pools = [pool, ...(pools ?? [])]
    },
  }
}

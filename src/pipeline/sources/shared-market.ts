import type { KeyValueStore } from '../store/contract.ts'
import type { AnySource } from './index.ts'

/** A collector that has not been heard of for so long does not count. */
const SILENT_MS = 30_000
/** A clock that runs faster than ours is carried on for so long after it was heard of. */
const LONGEST_CARRY_MS = 3_000

/** What a collector tells the other processes about itself and its source, now and then. */
interface Told {
  /** Our clock. */
  readonly at: number
  /** The market's clock. */
  readonly market: number
  readonly capacity: number
}

const prefixOf = (series: string): string => `collector:${series}:`

/** @param key - the collector's name: that of the lease on its source's key */
export const tellMarket = (keyValues: KeyValueStore, source: AnySource, key: string): Promise<void> => {
  const told: Told = { at: Date.now(), market: source.now(), capacity: source.capacity }
  return keyValues.set(`${prefixOf(source.series)}${key}`, JSON.stringify(told))
}

/** A collector among those of its series. */
export interface Collector {
  readonly key: string
  readonly capacity: number
}

const isHeard = ({ at }: Told): boolean => Date.now() - at <= SILENT_MS

/** Everyone who ever collected a series, in the order of their keys. */
const toldOf = async (keyValues: KeyValueStore, series: string): Promise<(Collector & Told)[]> =>
  [...(await keyValues.beginning(prefixOf(series)))].map(([name, text]) => ({
    ...(JSON.parse(text) as Told),
    key: name.slice(prefixOf(series).length),
  }))

/** The collectors of a series that have been heard of lately, in the order of their keys. */
export const collectorsOf = async (keyValues: KeyValueStore, series: string): Promise<Collector[]> =>
  (await toldOf(keyValues, series)).filter(isHeard).map(({ key, capacity }) => ({ key, capacity }))

/** A source as the processes see it that do not collect from it. */
export interface SharedMarket {
  readonly source: AnySource
  /** Reads what the collectors have told. Needed at the start and every second. */
  refresh(): Promise<void>
  /** False until a collector of the series has been heard of, and while none is. */
  isCollected(): boolean
}

/**
 * The source without its minutes: its clock and its capacity are those that the collectors tell.
 *
 * @param source - made, never opened
 */
export const createSharedMarket = (source: AnySource, keyValues: KeyValueStore): SharedMarket => {
  const { provenance, speed = 1, series } = source
  const hasOwnClock = provenance.kind === 'simulated' || provenance.kind === 'replay'
  let newest: Told | null = null
  /** Nobody sets a limit before the first collector. */
  let capacity = Number.POSITIVE_INFINITY

  const now = (): number => {
    if (!hasOwnClock) return Date.now()
    if (newest === null) return 0
    const carried = Math.min(LONGEST_CARRY_MS, Math.max(0, Date.now() - newest.at))
    return newest.market + (Number.isFinite(speed) ? carried * speed : 0)
  }
  const shared = Object.create(source, {
    now: { value: now },
    capacity: { get: () => capacity },
    listings: { value: async () => [] },
    follow: { value: undefined },
    live: { value: undefined },
    lookup: { value: undefined },
    open: { value: async () => {} },
    close: { value: async () => {} },
  }) as AnySource

  return {
    source: shared,
    async refresh() {
      const told = await toldOf(keyValues, series)
      newest = told.reduce<Told | null>((latest, one) => (latest && latest.at > one.at ? latest : one), null)
      const heard = told.filter(isHeard)
      // While no collector runs, the limit is that of the last ones.
      if (heard.length > 0) capacity = heard.reduce((sum, one) => sum + one.capacity, 0)
    },
    isCollected: () => newest !== null && isHeard(newest),
  }
}

import { createDetector, type Detector, type DetectorSettings } from '../../model/detector/detector.ts'
import type { Model } from '../../model/detector/model.ts'
import { fromSnapshot } from '../../model/detector/snapshot.ts'
import { restoreDetector } from '../../model/detector/state.ts'
import { hoursHash } from '../calendar/hours-hash.ts'
import type { Store } from '../store/contract.ts'
import type { ModelRecord } from '../store/records.ts'
import type { MarketPool } from './market-pool.ts'
import { createRecentUsual, type RecentUsual } from './recent-usual.ts'
import type { Rereads } from './rereads.ts'

/** One symbol's rolling state. It is a function of the bars pushed, to the last bit. */
export interface Runtime {
  readonly detector: Detector
  /** Models by cutoff: those stored at the build, and those trained ahead since. Each is taken out when it is due. */
  readonly trained: Map<number, Model>
  /** End of the minutes pushed so far. */
  position: number
  /** False after bars were refused, because the detector may be ahead of the position then. */
  settled: boolean
  /** Position of the stored state; the start of the bars if none is known to be stored. */
  keptAt: number
  /** Start of the stored bars that the detector was built from. */
  readonly from: number
  /** Revision of these bars, read before the first of them. */
  readonly revision: number
  /** `calendar.reopenings` at the build. */
  readonly reopenings: number
  readonly recent: RecentUsual
}

/** Stored models that a replay of all bars knows, so that it need not fit them again. */
const MODELS_OF_REPLAY = 1_000
/** Stored models that a state knows: its own, and those of the sessions since. */
const MODELS_OF_STATE = 20

interface Dependencies {
  readonly series: string
  readonly calendar: Rereads['calendar']
  readonly store: Pick<Store, 'models' | 'states'>
  readonly pool: MarketPool
  readonly settingsOf: (symbol: string) => DetectorSettings
}

/** False if centers have been imported or removed since the model was fitted, from its session on. */
export const isCurrent = ({ imported, cutoff }: Model, pool: MarketPool): boolean =>
  imported?.id === pool.centersAt(cutoff)?.id

/**
 * A maker of runtimes of the stored bars from `from` on. A runtime begins at the end of the symbol's stored state if
 * that is of these bars and lies at `until` or before it; else before the first bar.
 */
export const createStart = ({ series, calendar, store, pool, settingsOf }: Dependencies) => {
  const currentModel = ({ snapshot }: ModelRecord): Model | null => {
    const model = fromSnapshot(snapshot)
    return model && isCurrent(model, pool) ? model : null
  }

  return async (symbol: string, from: number, until: number): Promise<Runtime> => {
    const { reopenings } = calendar
    await pool.refresh()
    const revision = await store.states.revision(series, symbol)
    const trained = new Map<number, Model>()
    const due = (cutoff: number): Model | null => {
      const model = trained.get(cutoff) ?? null
      trained.delete(cutoff)
      return model
    }
    const know = (records: readonly ModelRecord[]) => {
      for (const record of records) {
        const model = trained.has(record.cutoff) ? null : currentModel(record)
        if (model) trained.set(record.cutoff, model)
      }
    }
    const recent = createRecentUsual(from)
    const begun = { trained, settled: true, from, revision, reopenings, recent }

    const state = await store.states.get(series, symbol)
    if (state?.coveredFrom === from && state.position <= until) {
      const { position, hours, bytes } = state
      const records = await store.models.latest(series, symbol, MODELS_OF_STATE)
      const stored = (id: string): Model | null => {
        const record = records.find((each) => each.id === id)
        return record ? currentModel(record) : null
      }
      const detector =
        hours === hoursHash(calendar, { from, to: position })
          ? restoreDetector(bytes, settingsOf(symbol), due, stored, recent)
          : null
      if (detector !== null) {
        know(records.filter(({ cutoff }) => cutoff > (detector.model?.cutoff ?? 0)))
        return { ...begun, detector, position, keptAt: position }
      }
    }
    know(await store.models.latest(series, symbol, MODELS_OF_REPLAY))
    return { ...begun, detector: createDetector(settingsOf(symbol), due), position: from, keptAt: from }
  }
}

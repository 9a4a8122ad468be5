import { boundary } from '../../model/detector/detector.ts'
import { fromSnapshot } from '../../model/detector/snapshot.ts'
import type { StoredBoundary } from '../episodes/owing-pass.ts'
import type { ModelStore } from '../store/contract.ts'

/** Models kept in memory: one a stock is in use at a time. */
const MOST_REMEMBERED = 4_000

/** Boundaries by the stored models that judged the minutes. */
export const createStoredBoundary = (models: Pick<ModelStore, 'get'>): StoredBoundary => {
  const known = new Map<string, Awaited<ReturnType<StoredBoundary>>>()
  const read: StoredBoundary = async ({ series, symbol, modelId }) => {
    const record = await models.get(series, symbol, modelId)
    const model = record && fromSnapshot(record.snapshot)
    return model && ((alertsPerSession) => boundary(model, alertsPerSession))
  }
  return async (signal) => {
    const key = `${signal.symbol} ${signal.modelId}`
    const found = known.get(key) ?? (await read(signal))
    if (found === null) return null
    known.set(key, found)
    const [oldest] = known.keys()
    if (known.size > MOST_REMEMBERED && oldest !== undefined) known.delete(oldest)
    return found
  }
}

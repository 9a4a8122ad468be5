import type { Reading } from '../features/features.ts'
import type { Parameters } from '../features/parameters.ts'
import { clusterOf } from './fit.ts'
import type { Judged, Severity } from './judgement.ts'
import type { Model } from './model.ts'
import { explain } from './why.ts'

/** A measured minute that is to be judged. */
export interface MeasuredMinute {
  readonly openTime: number
  readonly reading: Reading
  /** The odder horizon, by its place. */
  readonly horizon: number
  /** Its score on the scale of one minute. */
  readonly score: number
  readonly severity: Severity
}

/** The judgement of a minute by this model. */
export const judgedBy = (
  model: Model,
  { openTime, reading, horizon, score, severity }: MeasuredMinute,
  parameters: Parameters,
): Judged => {
  const { clusters, edges } = model.horizons[horizon]!
  const measured = reading.horizons[horizon]!
  const cluster = clusterOf(edges, Math.log1p(measured.surge))
  return {
    state: 'judged',
    openTime,
    modelId: model.id,
    horizon: measured.minutes,
    cluster,
    clusters: clusters.length,
    abnormal: clusters[cluster]!.abnormal,
    score,
    severity,
    features: {
      surge: measured.surge,
      price: measured.price,
      volume: Math.log1p(measured.volume / measured.usualVolume),
    },
    why: explain(reading, measured, parameters),
  }
}

import { z } from 'zod'
import type { Bar } from '../../model/time/bar.ts'
import { kstDigits } from '../../model/time/kst-time.ts'
import type { SignalRecord } from '../store/records.ts'

/** One document as it is sent: the same bar or signal always has the same index and id, so sending it again is safe. */
export interface SearchDocument {
  readonly index: string
  readonly id: string
  /** The document as JSON. */
  readonly source: string
}

/** Daily index by the Korean date of the minute, as in `kiwoom-bars-2026.11.30`. */
const indexOf = (prefix: string, kind: 'bars' | 'signals', openTime: number): string => {
  const digits = kstDigits(openTime)
  return `${prefix}-${kind}-${digits.slice(0, 4)}.${digits.slice(4, 6)}.${digits.slice(6, 8)}`
}

export const barDocument = (prefix: string, bar: Bar): SearchDocument => {
  const { series, symbol, openTime, open, high, low, close, volume, receivedAt } = bar
  return {
    index: indexOf(prefix, 'bars', openTime),
    id: `${series}|${symbol}|${openTime}`,
    source: JSON.stringify({
      '@timestamp': openTime,
      ...{ series, symbol, open, high, low, close, volume },
      received_at: receivedAt,
    }),
  }
}

export const signalDocument = (prefix: string, signal: SignalRecord): SearchDocument => {
  const { series, symbol, openTime, modelId, score, rank, of, episodeId, late } = signal
  return {
    index: indexOf(prefix, 'signals', openTime),
    id: `${series}|${symbol}|${openTime}|${modelId}`,
    source: JSON.stringify({
      '@timestamp': openTime,
      ...{ series, symbol, score, rank, of, late },
      model: modelId,
      episode: episodeId,
      ...judgementFields(signal.judgement),
    }),
  }
}

const number = z.number().optional().catch(undefined)
const text = z.string().optional().catch(undefined)

/** The parts of a stored judgement that get fields of their own; older forms and the old table's lack some. */
const judgement = z.object({
  horizon: number,
  cluster: number,
  features: z.object({ per_price: number, per_volume: number }).optional().catch(undefined),
  why: z
    .object({
      direction: text,
      ...{ movePercent: number, typicalMovePercent: number, volume: number, typicalVolume: number },
      ...{ volumeMultiple: number, turnover: number },
    })
    .optional()
    .catch(undefined),
})

/** The whole judgement beside its most asked numbers; nothing of one that cannot be read. */
const judgementFields = (stored: string): object => {
  let whole: unknown
  try {
    whole = JSON.parse(stored)
  } catch {
    return {}
  }
  const read = judgement.safeParse(whole)
  if (!read.success) return {}
  const { horizon, cluster, features, why } = read.data
  return {
    ...{ horizon, cluster, per_price: features?.per_price, per_volume: features?.per_volume },
    direction: why?.direction,
    move_percent: why?.movePercent,
    typical_move_percent: why?.typicalMovePercent,
    volume: why?.volume,
    typical_volume: why?.typicalVolume,
    volume_multiple: why?.volumeMultiple,
    turnover: why?.turnover,
    judgement: whole,
  }
}

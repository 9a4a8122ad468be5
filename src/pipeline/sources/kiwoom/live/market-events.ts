import type { MarketEvent, VolatilityInterruption } from '../../../store/records.ts'
import { kstTimeOfDay, wirePrice } from '../numbers.ts'

type Values = Readonly<Record<string, unknown>>

/** Reads a `1h` or `0s` entry; null if it says nothing that can be stored. */
export const readMarketEvent = (type: string, item: string, values: Values, receivedAt: number): MarketEvent | null => {
  if (type === '0s') {
    const code = text(values['215'])
    return code === ''
      ? null
      : { kind: 'market', code, at: kstTimeOfDay(values['20'], receivedAt) ?? receivedAt, receivedAt }
  }
  if (type !== '1h') return null
  const symbol = /^A?([0-9][0-9A-Z]{5})/.exec(text(values['9001']) || item)?.[1]
  if (symbol === undefined) return null
  const triggered = timeOrNull(values['1223'], receivedAt)
  const released = timeOrNull(values['1224'], receivedAt)
  // A release without a trigger does not say which interruption has ended.
  if (triggered === null && released !== null) return null
  const triggeredAt = triggered ?? receivedAt
  const count = Number(text(values['1490']) || Number.NaN)
  return {
    kind: 'vi',
    symbol,
    type: typeOf(text(values['1225'])),
    triggerPrice: wirePrice(values['1221']),
    triggeredAt,
    releasedAt: released !== null && released > triggeredAt ? released : null,
    count: Number.isInteger(count) ? count : null,
    receivedAt,
  }
}

const typeOf = (words: string): VolatilityInterruption['type'] => {
  const [isStatic, isDynamic] = [words.includes('정적'), words.includes('동적')]
  if (isStatic && isDynamic) return 'both'
  if (isStatic) return 'static'
  return isDynamic ? 'dynamic' : null
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** Reads a time of day; `000000` and the empty text mean "not yet". */
const timeOrNull = (value: unknown, near: number): number | null =>
  Number(text(value)) > 0 ? kstTimeOfDay(text(value), near) : null

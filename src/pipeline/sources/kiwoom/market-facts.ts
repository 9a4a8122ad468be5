import { kstTimeOfDay, wirePrice } from './numbers.ts'

/** What the venue says about the market itself: kept beside the bars, to tell a halt from silence. */
export type MarketFact =
  /** A volatility interruption (`1h`): two minutes of auction for one stock. */
  | {
      readonly kind: 'vi'
      readonly symbol: string
      /** In the venue's words: `정적`, `동적`, … */
      readonly type: string
      readonly triggerPrice: number | null
      readonly triggeredAt: number | null
      /** Null while it goes on. */
      readonly releasedAt: number | null
      /** How many of this stock today, with this one. */
      readonly count: number | null
      readonly receivedAt: number
    }
  /** The market's own clock (`0s`), as the venue's code: `0` before the open, `3` open, letters for NXT. */
  | { readonly kind: 'market'; readonly code: string; readonly at: number; readonly receivedAt: number }

type Values = Readonly<Record<string, unknown>>

/** A `1h` or `0s` entry; null when it says nothing that can be kept. */
export const readMarketFact = (type: string, item: string, values: Values, receivedAt: number): MarketFact | null => {
  if (type === '0s') {
    const code = text(values['215'])
    return code === '' ? null : { kind: 'market', code, at: kstTimeOfDay(values['20'], receivedAt) ?? receivedAt, receivedAt }
  }
  if (type !== '1h') return null
  const symbol = /^A?([0-9][0-9A-Z]{5})/.exec(text(values['9001']) || item)?.[1]
  if (symbol === undefined) return null
  const count = Number(text(values['1490']) || Number.NaN)
  return {
    kind: 'vi',
    symbol,
    type: text(values['1225']),
    triggerPrice: wirePrice(values['1221']),
    triggeredAt: timeOrNull(values['1223'], receivedAt),
    releasedAt: timeOrNull(values['1224'], receivedAt),
    count: Number.isInteger(count) ? count : null,
    receivedAt,
  }
}

/** The last facts, oldest first. */
export const factLog = (limit = 500) => {
  const facts: MarketFact[] = []
  return {
    add(fact: MarketFact): void {
      facts.push(fact)
      if (facts.length > limit) facts.shift()
    },
    all: (): readonly MarketFact[] => facts,
  }
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** `000000` and the empty text stand for "not yet". */
const timeOrNull = (value: unknown, near: number): number | null => (Number(text(value)) > 0 ? kstTimeOfDay(text(value), near) : null)

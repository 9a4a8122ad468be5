import { MINUTE } from '../../../model/bar.ts'
import type { MarketFact } from '../../ports.ts'

/** An interruption lasts 2:00 to 2:30; one whose end was never told is over after this. */
const LONGEST_INTERRUPTION = 3 * MINUTE

/** Whether a volatility interruption touches the minute. */
export const isInterrupted = (facts: readonly MarketFact[], symbol: string, minute: number): boolean =>
  facts.some((fact) => {
    if (fact.kind !== 'vi' || fact.symbol !== symbol) return false
    return fact.triggeredAt < minute + MINUTE && (fact.releasedAt ?? fact.triggeredAt + LONGEST_INTERRUPTION) > minute
  })

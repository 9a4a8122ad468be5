import type { FactStore } from '../store/contract.ts'

/** Name of the fact that a symbol's history has been fetched. */
export const filledFact = (venue: string, symbol: string): string => `filled:${venue}:${symbol}`

/** Whether a symbol's history has been fetched once; what is so stays so, and is not asked of the store again. */
export const createFilled = (facts: Pick<FactStore, 'get'>, venue: string): ((symbol: string) => Promise<boolean>) => {
  const known = new Set<string>()
  return async (symbol) => {
    if (!known.has(symbol) && (await facts.get(filledFact(venue, symbol))) !== null) known.add(symbol)
    return known.has(symbol)
  }
}

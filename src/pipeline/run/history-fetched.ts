import type { KeyValueStore } from '../store/contract.ts'

/** Key under which the store remembers that a symbol's history has been fetched. */
export const historyFetchedKey = (series: string, symbol: string): string => `filled:${series}:${symbol}`

/**
 * Answers whether a symbol's history has been fetched once. A yes never changes, so it is remembered and not read
 * again.
 */
export const createHistoryFetched = (
  keyValues: Pick<KeyValueStore, 'get'>,
  series: string,
): ((symbol: string) => Promise<boolean>) => {
  const known = new Set<string>()
  return async (symbol) => {
    if (!known.has(symbol) && (await keyValues.get(historyFetchedKey(series, symbol))) !== null) known.add(symbol)
    return known.has(symbol)
  }
}

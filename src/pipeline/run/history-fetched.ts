import type { KeyValueStore } from '../store/contract.ts'

/** Name of the fact that a symbol's history has been fetched. */
export const historyFetchedKey = (series: string, symbol: string): string => `filled:${series}:${symbol}`

/** Whether a symbol's history has been fetched once; what is so stays so, and is not asked of the store again. */
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

import { SetupError } from '../errors.ts'
import { anySymbol, krxSymbol } from '../model/time/symbol.ts'
import type { Store } from '../pipeline/store/contract.ts'
import { UsageError } from './terminal.ts'

/** The code that `--symbol` names. */
export const symbolOf = (text: string): string => {
  const symbol = krxSymbol(text) ?? anySymbol(text)
  if (symbol === null) throw new UsageError('--symbol: expected a stock code such as 038530')
  return symbol
}

/** The series that holds a symbol: the named one, or the only one there is. */
export const seriesOf = async (store: Store, symbol: string, series: string | undefined): Promise<string> => {
  const found = await store.bars.seriesHolding(symbol)
  if (series !== undefined && found.includes(series)) return series
  if (series === undefined && found.length === 1 && found[0] !== undefined) return found[0]
  if (found.length === 0)
    throw new SetupError(`no bars of ${symbol} in ${store.description}: import a file, run backfill, or watch it first`)
  throw new SetupError(`${symbol} is kept in the series ${found.join(', ')}: choose one with --venue`)
}

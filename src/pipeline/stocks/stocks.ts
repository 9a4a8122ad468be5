import { withPatience } from '../../async/time-limits.ts'
import { krxSymbol } from '../../model/time/symbol.ts'
import type { Source } from '../sources/source.ts'
import type { Listing } from '../store/records.ts'
import type { Read, Stock } from '../views/views.ts'
import type { Directory } from './directory.ts'

/** Discord waits 3 s for a first answer. */
const LOOKUP_MS = 2_500

export interface Named {
  readonly source: Pick<Source, 'series' | 'provenance' | 'calendar'>
  readonly directory: Pick<Directory, 'get'>
}

/** The stock in the form that every answer and notice uses. */
export const stockOf = (symbol: string, { source, directory }: Named): Stock => ({
  listing: directory.get(symbol) ?? unlisted(symbol),
  series: source.series,
  provenance: source.provenance,
  utcOffsetMinutes: source.calendar.utcOffsetMinutes,
})

interface Dependencies {
  readonly source: Named['source'] & Pick<Source, 'lookup'>
  readonly directory: Directory
}

/** Finds stocks by code or name and returns them in the form that answers use. */
export const createStocks = ({
  source,
  directory,
}: Dependencies): Pick<Read, 'resolve' | 'suggest'> & { stock(symbol: string): Stock } => ({
  stock: (symbol) => stockOf(symbol, { source, directory }),
  async resolve(text) {
    const known = directory.resolve(text)
    const { lookup, series } = source
    const symbol = known.kind === 'unknown' ? krxSymbol(text) : null
    if (symbol === null || lookup === undefined) return known
    const listing = await withPatience(LOOKUP_MS, series, (signal) => lookup(symbol, signal))
    if (listing === null) return known
    directory.add(listing)
    return { kind: 'found', listing }
  },
  suggest: (text, limit) => directory.suggest(text, limit),
})

/** The listing of a stock that no list has, or no longer. */
export const unlisted = (symbol: string): Listing => ({
  symbol,
  name: symbol,
  nameEn: null,
  market: '',
  warnings: [],
  nxtTradable: null,
})

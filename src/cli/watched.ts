import { isSuspended } from '../pipeline/feed/watch.ts'
import type { Source } from '../pipeline/sources/source.ts'
import type { Listing } from '../pipeline/store/records.ts'
import { counted } from './terminal.ts'

interface Finding {
  readonly ok: boolean
  readonly message: string
}

/** Most stocks outside the source's list that are looked up one by one. */
const MOST_LOOKUPS = 20
const PATIENCE_MS = 20_000

/** Reports the watched stocks that are gone or do not trade. */
export const checkWatched = async (
  watched: readonly string[],
  listings: readonly Listing[],
  source: Pick<Source, 'name' | 'lookup'>,
): Promise<Finding[]> => {
  const listed = new Map(listings.map((listing) => [listing.symbol, listing]))
  const findings: Finding[] = []
  const absent: string[] = []
  const tell = (symbol: string, listing: Listing | null) => {
    if (listing === null)
      findings.push({ ok: false, message: `${symbol} is watched and not listed any more: /unwatch it` })
    else if (isSuspended(listing))
      findings.push({ ok: true, message: `${symbol} is suspended from trading: no minutes come until that ends` })
  }
  for (const symbol of watched) {
    const listing = listed.get(symbol) ?? null
    if (listing === null && (source.lookup || listings.length === 0)) absent.push(symbol)
    else tell(symbol, listing)
  }
  const { lookup, name } = source
  if (lookup === undefined) return findings
  const signal = AbortSignal.timeout(PATIENCE_MS)
  for (const [asked, symbol] of absent.entries()) {
    const left = counted(absent.length - asked, 'watched stock')
    if (asked === MOST_LOOKUPS) return [...findings, { ok: true, message: `${left} more not looked up` }]
    try {
      tell(symbol, await lookup(symbol, signal))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return [
        ...findings,
        { ok: false, message: `${left} could not be looked up: ${signal.aborted ? `${name} is slow` : why}` },
      ]
    }
  }
  return findings
}

import { RetryableError } from '../../../../errors.ts'
import { krxSymbol } from '../../../../model/time/symbol.ts'
import type { Listing } from '../../../store/records.ts'
import type { Rest } from './rest.ts'

/** A stock of ka10099 as documented; every field is a text. */
export interface ListingRow {
  readonly code: string
  readonly name: string
  readonly auditInfo?: string
  /** `|`-joined: `증거금40%|담보대출|신용가능`, with `거래정지` or `관리종목` among them. */
  readonly state?: string
  readonly marketCode?: string
  readonly orderWarning?: string
  readonly nxtEnable?: string
}

/** A list of one market also contains others (funds, ETFs), so each row's market code decides. */
const MARKETS: ReadonlyMap<string, string> = new Map([
  ['0', 'KOSPI'],
  ['10', 'KOSDAQ'],
])

/** The meaning of `nxtEnable`; any other value says nothing. */
const NXT_TRADABLE: ReadonlyMap<string, boolean> = new Map([
  ['Y', true],
  ['N', false],
])

const ORDER_WARNINGS: Readonly<Record<string, string>> = {
  '2': '정리매매',
  '3': '단기과열',
  '4': '투자위험',
  '5': '투자경고',
}

/** Matches the flags that warn; the rest name the margin on which a stock is bought. */
const WARNING_FLAG = /정지|관리|환기|과열|경고|위험|정리매매|불성실|상장폐지/

/** Wire to model. Pure; null if the row is not a share of KOSPI or KOSDAQ. */
export const toListing = (row: unknown): Listing | null => {
  if (typeof row !== 'object' || row === null) return null
  const wire = row as Partial<Record<keyof ListingRow, unknown>>
  const market = MARKETS.get(plain(wire.marketCode))
  const symbol = krxSymbol(plain(wire.code))
  const name = plain(wire.name)
  if (market === undefined || symbol === null || name === '') return null
  return {
    symbol,
    name,
    nameEn: null,
    market,
    warnings: warningsOf(wire),
    nxtTradable: NXT_TRADABLE.get(plain(wire.nxtEnable)) ?? null,
  }
}

const warningsOf = ({ orderWarning, auditInfo, state }: Partial<Record<keyof ListingRow, unknown>>): string[] => {
  const audit = plain(auditInfo)
  const flags = plain(state).split('|').map(plain)
  const warnings = [
    ORDER_WARNINGS[plain(orderWarning)] ?? '',
    audit === '정상' ? '' : audit,
    ...flags.filter((flag) => WARNING_FLAG.test(flag)),
  ]
  return [...new Set(warnings.filter((warning) => warning !== ''))]
}

const plain = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** Reads every share of both markets, sorted by code; for Nextrade's series only the shares that Nextrade trades. */
export const fetchListings = async (rest: Rest, onlyNxt: boolean, signal: AbortSignal): Promise<Listing[]> => {
  const bySymbol = new Map<string, Listing>()
  for (const [code, market] of MARKETS) {
    let nextKey: string | null = null
    let count = 0
    do {
      const page = await rest.call(
        { apiId: 'ka10099', path: '/api/dostk/stkinfo', body: { mrkt_tp: code }, nextKey },
        signal,
      )
      const list = page.body?.list
      for (const row of Array.isArray(list) ? list : []) {
        const listing = toListing(row)
        if (!listing) continue
        if (listing.market === market) count += 1
        bySymbol.set(listing.symbol, listing)
      }
      nextKey = page.nextKey === nextKey ? null : page.nextKey
    } while (nextKey !== null)
    // A list without a single share would empty the directory.
    if (count === 0) throw new RetryableError(`Kiwoom's list of ${market} has no stock in it; it is asked again later`)
  }
  return [...bySymbol.values()]
    .filter(({ nxtTradable }) => !onlyNxt || nxtTradable === true)
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

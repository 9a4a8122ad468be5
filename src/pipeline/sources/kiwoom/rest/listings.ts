import { RetryableError } from '../../../../errors.ts'
import { krxSymbol } from '../../../../model/time/symbol.ts'
import type { Listing } from '../../../store/records.ts'
import type { Rest } from './rest.ts'

/** A stock of ka10099 as documented: all texts. */
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

/** Asked for by one market, the answer brings others along (funds, ETFs): what counts is a row's own market. */
const MARKETS: ReadonlyMap<string, string> = new Map([
  ['0', 'KOSPI'],
  ['10', 'KOSDAQ'],
])

/** `nxtEnable`; anything else says nothing. */
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

/** Of a row's flags those that warn; the rest say on what margin it is bought. */
const WARNING_FLAG = /정지|관리|환기|과열|경고|위험|정리매매|불성실|상장폐지/

/** Wire to model. Pure; null for what is not a share of KOSPI or KOSDAQ. */
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
  const found = [
    ORDER_WARNINGS[plain(orderWarning)] ?? '',
    audit === '정상' ? '' : audit,
    ...flags.filter((flag) => WARNING_FLAG.test(flag)),
  ]
  return [...new Set(found.filter((warning) => warning !== ''))]
}

const plain = (value: unknown): string => (typeof value === 'string' ? value.trim() : '')

/** Every share of both markets, by code. On Nextrade's series only what Nextrade trades. */
export const fetchListings = async (rest: Rest, onlyNxt: boolean, signal: AbortSignal): Promise<Listing[]> => {
  const bySymbol = new Map<string, Listing>()
  for (const [code, market] of MARKETS) {
    let nextKey: string | null = null
    let found = 0
    do {
      const page = await rest.call(
        { apiId: 'ka10099', path: '/api/dostk/stkinfo', body: { mrkt_tp: code }, nextKey },
        signal,
      )
      const list = page.body?.list
      for (const row of Array.isArray(list) ? list : []) {
        const listing = toListing(row)
        if (!listing) continue
        if (listing.market === market) found += 1
        bySymbol.set(listing.symbol, listing)
      }
      nextKey = page.nextKey === nextKey ? null : page.nextKey
    } while (nextKey !== null)
    // A list without a single share would empty the directory.
    if (found === 0) throw new RetryableError(`Kiwoom's list of ${market} has no stock in it; it is asked again later`)
  }
  return [...bySymbol.values()]
    .filter(({ nxtTradable }) => !onlyNxt || nxtTradable === true)
    .sort((a, b) => (a.symbol < b.symbol ? -1 : 1))
}

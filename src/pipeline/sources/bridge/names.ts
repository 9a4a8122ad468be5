import type { Listing } from '../../store/records.ts'
import { type BridgeDatabase, quotedTable } from './database.ts'
import { readLayout, requireColumns } from './layout.ts'
import { storedSymbol } from './values.ts'

const COLUMNS = ['symbol', 'name', 'market']

/** What the other collector calls its stocks, by code. */
export type Names = ReadonlyMap<string, { readonly name: string; readonly market: string }>

/** Names that the other collector left beside its minutes; no such table is fine. @throws {SetupError} when a column is missing */
export const storedNames = async (database: BridgeDatabase, table: string, signal: AbortSignal): Promise<Names> => {
  const shape = await readLayout(database, table, signal)
  if (!shape) return new Map()
  requireColumns(database, table, shape, COLUMNS)
  const rows = await database.read(table, `SELECT ${COLUMNS.join(', ')} FROM ${quotedTable(table)}`, [], signal)
  return new Map(
    rows.map((row) => [storedSymbol(row.symbol) ?? '', { name: text(row.name), market: text(row.market) }]),
  )
}

/** A stock that the other collector has, named where it says how. */
export const namedListing = (symbol: string, names: Names): Listing => {
  const { name, market } = names.get(symbol) ?? { name: '', market: '' }
  return { symbol, name: name || symbol, nameEn: null, market: market || 'KRX', warnings: [], nxtTradable: null }
}

const text = (value: unknown) => String(value ?? '').trim()

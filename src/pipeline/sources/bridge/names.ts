import type { Listing } from '../../store/records.ts'
import { type BridgeDatabase, quotedTable } from './database.ts'
import { readLayout, requireColumns } from './layout.ts'
import { storedSymbol } from './values.ts'

const COLUMNS = ['symbol', 'name', 'market']

/** The names and markets that the other collector gives its stocks, by code. */
export type Names = ReadonlyMap<string, { readonly name: string; readonly market: string }>

/**
 * Reads the names that the other collector left beside its minutes; without such a table there are none.
 *
 * @throws {SetupError} when a column is missing
 */
export const readNames = async (database: BridgeDatabase, table: string, signal: AbortSignal): Promise<Names> => {
  const layout = await readLayout(database, table, signal)
  if (!layout) return new Map()
  requireColumns(database, table, layout, COLUMNS)
  const rows = await database.read(table, `SELECT ${COLUMNS.join(', ')} FROM ${quotedTable(table)}`, [], signal)
  return new Map(
    rows.map((row) => [storedSymbol(row.symbol) ?? '', { name: text(row.name), market: text(row.market) }]),
  )
}

/** A stock of the other collector. Without a name it is called by its code. */
export const namedListing = (symbol: string, names: Names): Listing => {
  const { name, market } = names.get(symbol) ?? { name: '', market: '' }
  return { symbol, name: name || symbol, nameEn: null, market: market || 'KRX', warnings: [], nxtTradable: null }
}

const text = (value: unknown) => String(value ?? '').trim()

import type { ListingStore } from './contract.ts'
import type { Queries } from './queries.ts'
import type { Listing } from './records.ts'
import { COLUMNS, type Tables } from './tables.ts'

export const createListingStore = ({ db, transaction, insertNew }: Queries): ListingStore => ({
  replace: (series, listings, at) =>
    transaction(async (on) => {
      // This row first: it makes two processes that replace the same list take turns.
      await on.deleteFrom('mwListingReads').where('series', '=', series).execute()
      await insertNew(on, 'mwListingReads', [{ series, readAt: at }])
      await on.deleteFrom('mwListings').where('series', '=', series).execute()
      const rows = listings.map((listing, position) => rowOfListing(series, position, listing))
      await insertNew(on, 'mwListings', rows)
    }),
  async all(series) {
    const read = await db.selectFrom('mwListingReads').select('readAt').where('series', '=', series).executeTakeFirst()
    const rows = await db
      .selectFrom('mwListings')
      .select(COLUMNS.mwListings)
      .where('series', '=', series)
      .orderBy('position')
      .execute()
    return { listings: rows.map(listingOfRow), at: read?.readAt ?? null }
  },
})

type Row = Tables['mwListings']

const rowOfListing = (series: string, position: number, { warnings, nxtTradable, ...listing }: Listing): Row => ({
  ...listing,
  series,
  position,
  warnings: JSON.stringify(warnings),
  nxtTradable: nxtTradable === null ? null : nxtTradable ? 1 : 0,
})

const listingOfRow = ({ symbol, name, nameEn, market, warnings, nxtTradable }: Row): Listing => ({
  symbol,
  name,
  nameEn,
  market,
  warnings: JSON.parse(warnings) as string[],
  nxtTradable: nxtTradable === null ? null : nxtTradable === 1,
})

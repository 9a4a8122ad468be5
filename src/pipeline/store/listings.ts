import type { ListingStore } from '../ports.ts'
import type { Queries } from './queries.ts'

export const listingStore = ({ db, transaction, insertNew }: Queries): ListingStore => ({
  replace: (venue, listings, at) =>
    transaction(async (on) => {
      // This row first: it makes two processes that replace the same list take turns.
      await on.deleteFrom('mwListingReads').where('venue', '=', venue).execute()
      await insertNew(on, 'mwListingReads', [{ venue, readAt: at }])
      await on.deleteFrom('mwListings').where('venue', '=', venue).execute()
      const rows = listings.map((listing, position) => ({ ...listing, venue, position, warnings: JSON.stringify(listing.warnings) }))
      await insertNew(on, 'mwListings', rows)
    }),
  async all(venue) {
    const read = await db.selectFrom('mwListingReads').select('readAt').where('venue', '=', venue).executeTakeFirst()
    const rows = await db
      .selectFrom('mwListings')
      .select(['symbol', 'name', 'nameEn', 'market', 'warnings'])
      .where('venue', '=', venue)
      .orderBy('position')
      .execute()
    return { listings: rows.map((row) => ({ ...row, warnings: JSON.parse(row.warnings) as string[] })), at: read?.readAt ?? null }
  },
})

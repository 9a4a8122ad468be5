import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** What the posts of these episodes show has changed: those that are owed or sent want to be composed once more. */
export const wantOneMoreRevision = async (on: Kysely<Tables>, episodeIds: readonly string[]): Promise<void> => {
  for (const episodeId of new Set(episodeIds))
    await on
      .updateTable('mwPosts')
      .set((is) => ({ wantedRevision: is('wantedRevision', '+', 1) }))
      .where('episodeId', '=', episodeId)
      .where('state', 'in', ['pending', 'sent'])
      .execute()
}

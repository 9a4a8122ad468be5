import type { Kysely } from 'kysely'
import type { Tables } from './tables.ts'

/** Makes the owed and sent posts of these episodes due for one more composition: what they show has changed. */
export const wantOneMoreRevision = async (on: Kysely<Tables>, episodeIds: readonly string[]): Promise<void> => {
  for (const episodeId of new Set(episodeIds))
    await on
      .updateTable('mwPosts')
      .set((is) => ({ wantedRevision: is('wantedRevision', '+', 1) }))
      .where('episodeId', '=', episodeId)
      .where('state', 'in', ['pending', 'sent'])
      .execute()
}

import type { OutboxStore } from '../ports.ts'
import type { Queries } from './queries.ts'
import { COLUMNS } from './tables.ts'

export const outboxStore = ({ db }: Queries): OutboxStore => {
  const posts = () => db.selectFrom('mwPosts').select(COLUMNS.mwPosts).orderBy('createdAt').orderBy('id')
  return {
    due: (limit) =>
      posts()
        .where((is) =>
          is.or([is('state', '=', 'pending'), is.and([is('state', '=', 'sent'), is('shownRevision', '<', is.ref('wantedRevision'))])]),
        )
        .limit(limit)
        .execute(),
    ofEpisode: (episodeId) => posts().where('episodeId', '=', episodeId).execute(),
    async sent(id, messageId, revision, sentAt) {
      await db
        .updateTable('mwPosts')
        .set({ state: 'sent', reason: null, messageId, shownRevision: revision, sentAt })
        .where('id', '=', id)
        .execute()
    },
    async edited(id, revision) {
      await db.updateTable('mwPosts').set({ shownRevision: revision }).where('id', '=', id).where('shownRevision', '<', revision).execute()
    },
    async drop(id, reason) {
      await db.updateTable('mwPosts').set({ state: 'dropped', reason }).where('id', '=', id).execute()
    },
    async alertTimes(venue, channelId, since) {
      const rows = await db
        .selectFrom('mwPosts')
        .innerJoin('mwEpisodes', 'mwEpisodes.id', 'mwPosts.episodeId')
        .innerJoin('mwWatches', (join) =>
          join
            .onRef('mwWatches.venue', '=', 'mwEpisodes.venue')
            .onRef('mwWatches.symbol', '=', 'mwEpisodes.symbol')
            .onRef('mwWatches.channelId', '=', 'mwPosts.channelId'),
        )
        .select('mwPosts.openTime')
        .where('mwPosts.channelId', '=', channelId)
        .where('mwEpisodes.venue', '=', venue)
        .where('mwPosts.kind', '=', 'alert')
        .where((is) => is.or([is('mwPosts.state', '!=', 'dropped'), is('mwPosts.reason', '!=', 'budget')]))
        .where('mwPosts.openTime', '>=', since)
        .orderBy('mwPosts.openTime')
        .execute()
      return rows.map(({ openTime }) => openTime)
    },
  }
}

import { type Kysely, sql } from 'kysely'
import type { OutboxStore } from './contract.ts'
import type { Engine } from './engine.ts'
import type { Queries } from './queries.ts'
import type { Shards } from './records.ts'
import { COLUMNS, type Tables } from './tables.ts'

export const createOutboxStore = ({ db }: Queries, engine: Engine['kind']): OutboxStore => {
  const dueIn = (shards: Shards | undefined) => (shards ? dueOf(db).where(inShards(shards, engine)) : dueOf(db))
  const posts = () => db.selectFrom('mwPosts').select(COLUMNS.mwPosts).orderBy('createdAt').orderBy('id')
  return {
    due: (perChannel, shards) =>
      db
        .selectFrom(
          dueIn(shards)
            .select([
              ...COLUMNS.mwPosts,
              sql<number>`row_number() over (partition by channel_id order by state, created_at, id)`.as('place'),
            ])
            .as('due'),
        )
        .select(COLUMNS.mwPosts)
        .where('place', '<=', perChannel)
        .orderBy('createdAt')
        .orderBy('id')
        .execute(),
    async countDue(shards) {
      const { due } = await dueIn(shards).select(sql<number>`count(*)`.as('due')).executeTakeFirstOrThrow()
      return Number(due)
    },
    ofEpisode: (episodeId) => posts().where('episodeId', '=', episodeId).execute(),
    async sent(id, messageId, revision, sentAt) {
      await db
        .updateTable('mwPosts')
        .set({ state: 'sent', reason: null, messageId, shownRevision: revision, sentAt })
        .where('id', '=', id)
        .execute()
    },
    async edited(id, revision) {
      await db
        .updateTable('mwPosts')
        .set({ shownRevision: revision })
        .where('id', '=', id)
        .where('shownRevision', '<', revision)
        .execute()
    },
    async drop(id, reason) {
      await db.updateTable('mwPosts').set({ state: 'dropped', reason }).where('id', '=', id).execute()
    },
    async alertTimes(series, channelId, since) {
      const rows = await db
        .selectFrom('mwPosts')
        .innerJoin('mwEpisodes', 'mwEpisodes.id', 'mwPosts.episodeId')
        .innerJoin('mwWatches', (join) =>
          join
            .onRef('mwWatches.series', '=', 'mwEpisodes.series')
            .onRef('mwWatches.symbol', '=', 'mwEpisodes.symbol')
            .onRef('mwWatches.channelId', '=', 'mwPosts.channelId'),
        )
        .select('mwPosts.openTime')
        .where('mwPosts.channelId', '=', channelId)
        .where('mwEpisodes.series', '=', series)
        .where('mwPosts.kind', '=', 'alert')
        .where((is) => is.or([is('mwPosts.state', '!=', 'dropped'), is('mwPosts.reason', '!=', 'budget')]))
        .where('mwPosts.openTime', '>=', since)
        .orderBy('mwPosts.openTime')
        .execute()
      return rows.map(({ openTime }) => openTime)
    },
  }
}

/** Pending posts, and sent ones that show less than they should. `pending` sorts before `sent`. */
const dueOf = (db: Kysely<Tables>) =>
  db
    .selectFrom('mwPosts')
    .where((is) =>
      is.or([
        is('state', '=', 'pending'),
        is.and([is('state', '=', 'sent'), is('shownRevision', '<', is.ref('wantedRevision'))]),
      ]),
    )

/** Guild ids are texts of whole numbers below 2^63. */
const inShards = ({ ids, count }: Shards, engine: Engine['kind']) => {
  const id = sql`cast(${sql.ref('guildId')} as ${sql.raw(engine === 'sqlite' ? 'integer' : 'unsigned')})`
  return sql<boolean>`(${id} >> 22) % ${count} in (${sql.join(ids)})`
}

import type { WatchStore } from './contract.ts'
import type { Queries } from './queries.ts'
import { COLUMNS } from './tables.ts'

export const watchStore = ({ db, transaction, insertNew, put }: Queries): WatchStore => {
  const watches = (venue: string) =>
    db
      .selectFrom('mwWatches')
      .select(COLUMNS.mwWatches)
      .where('venue', '=', venue)
      .orderBy('addedAt')
      .orderBy('symbol')
      .orderBy('channelId')

  /** What has left takes its settings with it. */
  const forget = (column: 'channelId' | 'guildId', id: string): Promise<number> =>
    transaction(async (on) => {
      const { numDeletedRows } = await on.deleteFrom('mwWatches').where(column, '=', id).executeTakeFirst()
      await on.deleteFrom('mwChannels').where(column, '=', id).execute()
      return Number(numDeletedRows)
    })

  return {
    add: async (watch) => (await insertNew(db, 'mwWatches', [watch])) === 1,
    async remove(venue, channelId, symbol) {
      const { numDeletedRows } = await db
        .deleteFrom('mwWatches')
        .where('venue', '=', venue)
        .where('channelId', '=', channelId)
        .where('symbol', '=', symbol)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
    ofChannel: (venue, channelId) => watches(venue).where('channelId', '=', channelId).execute(),
    ofSymbol: (venue, symbol) => watches(venue).where('symbol', '=', symbol).execute(),
    async symbols(venue) {
      const rows = await db
        .selectFrom('mwWatches')
        .select('symbol')
        .distinct()
        .where('venue', '=', venue)
        .orderBy('symbol')
        .execute()
      return rows.map(({ symbol }) => symbol)
    },
    removeChannel: (channelId) => forget('channelId', channelId),
    removeGuild: (guildId) => forget('guildId', guildId),
    async settings(channelId) {
      const found = await db
        .selectFrom('mwChannels')
        .select(COLUMNS.mwChannels)
        .where('channelId', '=', channelId)
        .executeTakeFirst()
      return found ?? null
    },
    saveSettings: (settings) => put('mwChannels', settings, ['channelId']),
  }
}

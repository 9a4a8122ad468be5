import type { WatchStore } from './contract.ts'
import type { Queries } from './queries.ts'
import type { WatchRecord } from './records.ts'
import { COLUMNS } from './tables.ts'

/** Symbols in one statement. */
const SYMBOLS = 500

export const createWatchStore = ({ db, transaction, insertNew, put }: Queries): WatchStore => {
  const watches = (series: string) =>
    db
      .selectFrom('mwWatches')
      .select(COLUMNS.mwWatches)
      .where('series', '=', series)
      .orderBy('addedAt')
      .orderBy('symbol')
      .orderBy('channelId')

  /** Removes watches together with the settings of the channels they leave. */
  const forget = (column: 'channelId' | 'guildId', id: string): Promise<number> =>
    transaction(async (on) => {
      const { numDeletedRows } = await on.deleteFrom('mwWatches').where(column, '=', id).executeTakeFirst()
      await on.deleteFrom('mwMarketWatches').where(column, '=', id).execute()
      await on.deleteFrom('mwChannels').where(column, '=', id).execute()
      return Number(numDeletedRows)
    })

  const addAll = (added: readonly WatchRecord[]): Promise<number> =>
    insertNew(
      db,
      'mwWatches',
      added.map((watch) => ({ ...watch, market: watch.market ?? null })),
    )

  return {
    add: async (watch) => (await addAll([watch])) === 1,
    addAll,
    async removeListed(series, symbols) {
      for (let start = 0; start < symbols.length; start += SYMBOLS)
        await db
          .deleteFrom('mwWatches')
          .where('series', '=', series)
          .where('market', 'is not', null)
          .where('symbol', 'in', symbols.slice(start, start + SYMBOLS))
          .execute()
    },
    addMarket: async (watch) => (await insertNew(db, 'mwMarketWatches', [watch])) === 1,
    removeMarket: (series, channelId, market) =>
      transaction(async (on) => {
        const { numDeletedRows } = await on
          .deleteFrom('mwMarketWatches')
          .where('series', '=', series)
          .where('channelId', '=', channelId)
          .where('market', '=', market)
          .executeTakeFirst()
        await on
          .deleteFrom('mwWatches')
          .where('series', '=', series)
          .where('channelId', '=', channelId)
          .where('market', '=', market)
          .execute()
        return numDeletedRows > 0n
      }),
    markets: (series) =>
      db
        .selectFrom('mwMarketWatches')
        .select(COLUMNS.mwMarketWatches)
        .where('series', '=', series)
        .orderBy('addedAt')
        .orderBy('channelId')
        .orderBy('market')
        .execute(),
    async remove(series, channelId, symbol) {
      const { numDeletedRows } = await db
        .deleteFrom('mwWatches')
        .where('series', '=', series)
        .where('channelId', '=', channelId)
        .where('symbol', '=', symbol)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
    ofChannel: (series, channelId) => watches(series).where('channelId', '=', channelId).execute(),
    ofSymbol: (series, symbol) => watches(series).where('symbol', '=', symbol).execute(),
    async symbols(series) {
      const rows = await db
        .selectFrom('mwWatches')
        .select('symbol')
        .distinct()
        .where('series', '=', series)
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
    saveSettings: (settings) => put(db, 'mwChannels', settings, ['channelId']),
  }
}

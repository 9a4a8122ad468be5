import type { ChangeStore } from './contract.ts'
import type { Queries } from './queries.ts'

export const createChangeStore = ({ db, insertNew }: Queries): ChangeStore => ({
  save: (series, symbol, rows) =>
    insertNew(
      db,
      'mwChanges',
      rows.map(({ openTime, row: [perPrice, perVolume] }) => ({ series, symbol, openTime, perPrice, perVolume })),
    ),
  async since(series, symbol, since) {
    const found = await db
      .selectFrom('mwChanges')
      .select(['openTime', 'perPrice', 'perVolume'])
      .where('series', '=', series)
      .where('symbol', '=', symbol)
      .where('openTime', '>=', since)
      .orderBy('openTime')
      .execute()
    return found.map(({ openTime, perPrice, perVolume }) => ({ openTime, row: [perPrice, perVolume] as const }))
  },
  async newest(series, symbol) {
    const found = await db
      .selectFrom('mwChanges')
      .select('openTime')
      .where('series', '=', series)
      .where('symbol', '=', symbol)
      .orderBy('openTime', 'desc')
      .limit(1)
      .executeTakeFirst()
    return found?.openTime ?? null
  },
})

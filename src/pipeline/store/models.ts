import type { ModelStore } from './contract.ts'
import type { Queries } from './queries.ts'
import { COLUMNS } from './tables.ts'

export const modelStore = ({ db, insertNew }: Queries): ModelStore => {
  const newestFirst = (venue: string, symbol: string) =>
    db
      .selectFrom('mwModels')
      .select(COLUMNS.mwModels)
      .where('venue', '=', venue)
      .where('symbol', '=', symbol)
      .orderBy('cutoff', 'desc')
      .orderBy('trainedAt', 'desc')
      .orderBy('id', 'desc')

  return {
    async save(model) {
      await insertNew(db, 'mwModels', [model])
    },
    async get(venue, symbol, id) {
      return (await newestFirst(venue, symbol).where('id', '=', id).executeTakeFirst()) ?? null
    },
    latest: (venue, symbol, count) => newestFirst(venue, symbol).limit(count).execute(),
  }
}

import type { ModelStore } from './contract.ts'
import type { Queries } from './queries.ts'
import { COLUMNS } from './tables.ts'

export const createModelStore = ({ db, insertNew }: Queries): ModelStore => {
  const newestFirst = (series: string, symbol: string) =>
    db
      .selectFrom('mwModels')
      .select(COLUMNS.mwModels)
      .where('series', '=', series)
      .where('symbol', '=', symbol)
      .orderBy('cutoff', 'desc')
      .orderBy('trainedAt', 'desc')
      .orderBy('id', 'desc')

  return {
    async save(model) {
      await insertNew(db, 'mwModels', [model])
    },
    async get(series, symbol, id) {
      return (await newestFirst(series, symbol).where('id', '=', id).executeTakeFirst()) ?? null
    },
    latest: (series, symbol, count) => newestFirst(series, symbol).limit(count).execute(),
  }
}

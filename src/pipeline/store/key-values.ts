import type { KeyValueStore } from './contract.ts'
import type { Queries } from './queries.ts'

export const createKeyValueStore = ({ db, put }: Queries): KeyValueStore => ({
  async get(name) {
    const found = await db.selectFrom('mwKeyValues').select('value').where('name', '=', name).executeTakeFirst()
    return found?.value ?? null
  },
  set: (name, value) => put('mwKeyValues', { name, value }, ['name']),
})

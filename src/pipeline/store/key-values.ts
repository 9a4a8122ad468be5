import type { KeyValueStore } from './contract.ts'
import type { Queries } from './queries.ts'

export const createKeyValueStore = ({ db, put }: Queries): KeyValueStore => ({
  async get(name) {
    const found = await db.selectFrom('mwKeyValues').select('value').where('name', '=', name).executeTakeFirst()
    return found?.value ?? null
  },
  set: (name, value) => put(db, 'mwKeyValues', { name, value }, ['name']),
  async remove(name) {
    await db.deleteFrom('mwKeyValues').where('name', '=', name).execute()
  },
  async beginning(prefix) {
    // The end of the range: what follows every name that begins with the prefix.
    const end = `${prefix}\u{10ffff}`
    const rows = await db
      .selectFrom('mwKeyValues')
      .select(['name', 'value'])
      .where('name', '>=', prefix)
      .where('name', '<', end)
      .orderBy('name')
      .execute()
    return new Map(rows.map(({ name, value }) => [name, value]))
  },
})

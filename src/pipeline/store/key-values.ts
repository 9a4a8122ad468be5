import type { FactStore } from './contract.ts'
import type { Queries } from './queries.ts'

export const factStore = ({ db, put }: Queries): FactStore => ({
  async get(name) {
    const found = await db.selectFrom('mwFacts').select('value').where('name', '=', name).executeTakeFirst()
    return found?.value ?? null
  },
  set: (name, value) => put('mwFacts', { name, value }, ['name']),
})

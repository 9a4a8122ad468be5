import { CompiledQuery, type Kysely, sql } from 'kysely'
import type { LeaseStore } from './contract.ts'
import type { Engine, Value } from './engine.ts'
import type { Queries } from './queries.ts'
import type { Tables } from './tables.ts'

/** The database's own clock in epoch ms: the machines of two holders may disagree about the time. */
const NOW = {
  sqlite: "cast((julianday('now') - 2440587.5) * 86400000 as integer)",
  mariadb: 'cast(unix_timestamp(now(3)) * 1000 as signed)',
} as const

export const createLeaseStore = ({ db, transaction }: Queries, kind: Engine['kind']): LeaseStore => {
  const now = NOW[kind]
  // The generation comes first: MariaDB evaluates assignments in their order, with the values assigned before.
  const take = `update mw_leases set generation = generation + (holder <> ?), holder = ?, expires_at = ${now} + ?
    where name = ? and (holder = ? or holder = ? or expires_at <= ${now})`
  const found =
    kind === 'sqlite'
      ? `insert into mw_leases (name, holder, generation, expires_at) values (?, ?, 1, ${now} + ?) on conflict do nothing`
      : `insert into mw_leases (name, holder, generation, expires_at) values (?, ?, 1, ${now} + ?)
         on duplicate key update name = values(name)`
  const run = async (text: string, parameters: readonly Value[], on: Kysely<Tables> = db): Promise<void> => {
    await on.executeQuery(CompiledQuery.raw(text, [...parameters]))
  }
  const read = (name: string, on: Kysely<Tables> = db) =>
    on.selectFrom('mwLeases').select(['holder', 'generation']).where('name', '=', name).executeTakeFirst()

  return {
    async take(name, holder, ms, dead = holder) {
      await run(found, [name, holder, ms])
      await run(take, [holder, holder, ms, name, holder, dead])
      const lease = await read(name)
      return lease?.holder === holder ? lease.generation : null
    },
    claim(name, holder) {
      const again =
        kind === 'sqlite'
          ? 'on conflict do update set generation = generation + 1, holder = excluded.holder'
          : 'on duplicate key update generation = generation + 1, holder = values(holder)'
      const insert = `insert into mw_leases (name, holder, generation, expires_at) values (?, ?, 1, 0) ${again}`
      // In one transaction: a claim in between must not lend its generation to this one.
      return transaction(async (on) => {
        await run(insert, [name, holder], on)
        return (await read(name, on))?.generation ?? 0
      })
    },
    async held(prefix) {
      const rows = await db
        .selectFrom('mwLeases')
        .select('name')
        .where('name', 'like', `${prefix}%`)
        .where('expiresAt', '>', sql<number>`${sql.raw(now)}`)
        .orderBy('name')
        .execute()
      return rows.map(({ name }) => name)
    },
    async holder(name) {
      return (await read(name))?.holder ?? null
    },
    async release(name, holder) {
      await db.deleteFrom('mwLeases').where('name', '=', name).where('holder', '=', holder).execute()
    },
  }
}

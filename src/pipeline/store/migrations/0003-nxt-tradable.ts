import { type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/**
 * Whether Nextrade trades a listed stock too; null in lists that were kept before. `if not exists`, for MariaDB keeps the column at once; SQLite, which does not
 * know the words, keeps a migration whole.
 */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const column = kind === 'mariadb' ? sql`column if not exists` : sql`column`
  await sql`alter table mw_listings add ${column} nxt_tradable smallint`.execute(db)
}

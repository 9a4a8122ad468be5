import { type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/**
 * Adds a column that says whether Nextrade trades a listed stock too; it is null in lists stored before. MariaDB
 * commits the column at once, hence `if not exists`; SQLite lacks these words and rolls a failed migration back whole.
 */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const column = kind === 'mariadb' ? sql`column if not exists` : sql`column`
  await sql`alter table mw_listings add ${column} nxt_tradable smallint`.execute(db)
}

import { type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/** Creates the table of leases: tasks that one process at a time does. */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const end =
    kind === 'mariadb' ? sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin` : sql`without rowid`
  await db.schema
    .createTable('mw_leases')
    .ifNotExists()
    .addColumn('name', 'varchar(64)', (column) => column.notNull().primaryKey())
    .addColumn('holder', 'varchar(191)', (column) => column.notNull())
    .addColumn('generation', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .modifyEnd(end)
    .execute()
}

import { type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/** Creates the table of the old system's rows, where they come through a topic and no other table holds them. */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const end =
    kind === 'mariadb' ? sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin` : sql`without rowid`
  await db.schema
    .createTable('mw_changes')
    .ifNotExists()
    .addColumn('venue', 'varchar(64)', (column) => column.notNull())
    .addColumn('symbol', 'varchar(64)', (column) => column.notNull())
    .addColumn('open_time', 'bigint', (column) => column.notNull())
    .addColumn('per_price', 'double precision', (column) => column.notNull())
    .addColumn('per_volume', 'double precision', (column) => column.notNull())
    .addPrimaryKeyConstraint('mw_changes_key', ['venue', 'symbol', 'open_time'])
    .modifyEnd(end)
    .execute()
}

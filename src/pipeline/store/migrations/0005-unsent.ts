import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/**
 * Creates the tables of what a sink has yet to send: one row a stock, day and kind of document. MariaDB commits each
 * table at once, hence `if not exists`.
 */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const end =
    kind === 'mariadb' ? sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin` : sql`without rowid`
  await db.schema
    .createTable('mw_sinks')
    .ifNotExists()
    .addColumn('name', 'varchar(64)', (column) => column.notNull().primaryKey())
    .addColumn('target', 'varchar(512)', notNull)
    .addColumn('seeded', 'smallint', notNull)
    .modifyEnd(end)
    .execute()
  await db.schema
    .createTable('mw_unsent')
    .ifNotExists()
    .addColumn('kind', 'varchar(16)', notNull)
    .addColumn('day', 'bigint', notNull)
    .addColumn('venue', 'varchar(64)', notNull)
    .addColumn('symbol', 'varchar(64)', notNull)
    .addColumn('start_time', 'bigint', notNull)
    .addColumn('end_time', 'bigint', notNull)
    .addColumn('taken', 'bigint', notNull)
    .addPrimaryKeyConstraint('mw_unsent_key', ['kind', 'day', 'venue', 'symbol'])
    .modifyEnd(end)
    .execute()
}

const notNull = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

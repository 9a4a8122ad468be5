import { type ColumnDefinitionBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/** Creates the table of market events. MariaDB commits the table before its index, hence `if not exists`. */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const end =
    kind === 'mariadb' ? sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin` : sql`without rowid`
  await db.schema
    .createTable('mw_market_facts')
    .ifNotExists()
    .addColumn('venue', 'varchar(64)', notNull)
    .addColumn('symbol', 'varchar(64)', notNull)
    .addColumn('time', 'bigint', notNull)
    .addColumn('kind', 'varchar(16)', notNull)
    .addColumn('code', 'varchar(64)', notNull)
    .addColumn('type', 'varchar(16)')
    .addColumn('trigger_price', 'double precision')
    .addColumn('released_at', 'bigint')
    .addColumn('count', 'bigint')
    .addColumn('received_at', 'bigint', notNull)
    .addPrimaryKeyConstraint('mw_market_facts_key', ['venue', 'symbol', 'time', 'kind', 'code'])
    .modifyEnd(end)
    .execute()
  await db.schema
    .createIndex('mw_market_facts_time')
    .on('mw_market_facts')
    .columns(['venue', 'time'])
    .ifNotExists()
    .execute()
}

const notNull = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

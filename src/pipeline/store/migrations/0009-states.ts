import { type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/**
 * Creates the table of detectors' rolling states, and the column that counts changes inside what had been covered.
 * MariaDB commits each at once, hence `if not exists`.
 */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const bytes = kind === 'mariadb' ? sql`longblob` : sql`blob`
  const table = db.schema
    .createTable('mw_states')
    .ifNotExists()
    .addColumn('venue', 'varchar(64)', (column) => column.notNull())
    .addColumn('symbol', 'varchar(64)', (column) => column.notNull())
    .addColumn('covered_from', 'bigint', (column) => column.notNull())
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('hours', 'varchar(64)', (column) => column.notNull())
    .addColumn('bytes', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('mw_states_key', ['venue', 'symbol'])
  await (kind === 'mariadb'
    ? table.modifyEnd(sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin`)
    : table
  ).execute()
  await db.schema
    .createIndex('mw_states_position')
    .on('mw_states')
    .columns(['venue', 'position'])
    .ifNotExists()
    .execute()
  const column = kind === 'mariadb' ? sql`column if not exists` : sql`column`
  await sql`alter table mw_coverage add ${column} revision bigint not null default 0`.execute(db)
}

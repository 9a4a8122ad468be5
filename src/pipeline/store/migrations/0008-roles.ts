import { type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/**
 * Numbers the changes of each symbol's signals and episodes, and notes for each owner of channels up to which change it
 * has decided what they get. MariaDB commits each statement at once, hence `if not exists`.
 */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const end =
    kind === 'mariadb' ? sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin` : sql`without rowid`
  const column = kind === 'mariadb' ? sql`column if not exists` : sql`column`
  await sql`alter table mw_judged add ${column} revision bigint not null default 0`.execute(db)
  await sql`alter table mw_signals add ${column} revision bigint`.execute(db)
  await sql`alter table mw_episodes add ${column} revision bigint`.execute(db)
  // A lease may be named after a topic, which has up to 249 letters. SQLite knows no longest text.
  if (kind === 'mariadb') await sql`alter table mw_leases modify name varchar(320) not null`.execute(db)
  await db.schema
    .createTable('mw_decided')
    .ifNotExists()
    .addColumn('owner', 'varchar(64)', (column) => column.notNull())
    .addColumn('venue', 'varchar(64)', (column) => column.notNull())
    .addColumn('symbol', 'varchar(64)', (column) => column.notNull())
    .addColumn('revision', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('mw_decided_key', ['owner', 'venue', 'symbol'])
    .modifyEnd(end)
    .execute()
}

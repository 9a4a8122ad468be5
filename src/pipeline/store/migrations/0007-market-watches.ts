import { type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/**
 * Creates the table of channels that watch whole markets, and a column that says which watch of a stock follows from
 * one. MariaDB commits each at once, hence `if not exists`.
 */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const end =
    kind === 'mariadb' ? sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin` : sql`without rowid`
  await db.schema
    .createTable('mw_market_watches')
    .ifNotExists()
    .addColumn('venue', 'varchar(64)', (column) => column.notNull())
    .addColumn('market', 'varchar(16)', (column) => column.notNull())
    .addColumn('guild_id', 'varchar(32)', (column) => column.notNull())
    .addColumn('channel_id', 'varchar(32)', (column) => column.notNull())
    .addColumn('added_by', 'varchar(32)')
    .addColumn('added_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('mw_market_watches_key', ['venue', 'channel_id', 'market'])
    .modifyEnd(end)
    .execute()
  const column = kind === 'mariadb' ? sql`column if not exists` : sql`column`
  await sql`alter table mw_watches add ${column} market varchar(16)`.execute(db)
}

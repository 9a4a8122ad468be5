import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Engine } from '../engine.ts'

/**
 * Creates the tables of the first version. Their names begin with `mw_` because a MariaDB may be shared with other
 * programs. MariaDB commits each table at once and a process killed half-way leaves some of them, hence `if not
 * exists`.
 */
export const up = async (db: Kysely<unknown>, kind: Engine['kind']): Promise<void> => {
  const create = async (
    name: string,
    define: (table: CreateTableBuilder<string>) => CreateTableBuilder<string, string>,
    options: { readonly clustered?: true } = {},
  ) => {
    // utf8mb4_bin: keys differ by case, and come in the same order as in SQLite.
    const sqliteEnd = options.clustered ? sql`without rowid` : sql``
    const end = kind === 'mariadb' ? sql`engine = InnoDB default charset = utf8mb4 collate = utf8mb4_bin` : sqliteEnd
    await define(db.schema.createTable(name).ifNotExists()).modifyEnd(end).execute()
  }
  const index = async (name: string, table: string, columns: string[]) => {
    const indexes = db.schema.createIndex(name).on(table).columns(columns)
    await indexes.ifNotExists().execute()
  }
  const long = sql`longtext`

  await create(
    'mw_bars',
    (table) =>
      table
        .addColumn('venue', 'varchar(64)', notNull)
        .addColumn('symbol', 'varchar(64)', notNull)
        .addColumn('open_time', 'bigint', notNull)
        .addColumn('open', 'double precision', notNull)
        .addColumn('high', 'double precision', notNull)
        .addColumn('low', 'double precision', notNull)
        .addColumn('close', 'double precision', notNull)
        .addColumn('volume', 'double precision', notNull)
        .addColumn('received_at', 'bigint', notNull)
        .addPrimaryKeyConstraint('mw_bars_key', ['venue', 'symbol', 'open_time']),
    { clustered: true },
  )
  await create(
    'mw_coverage',
    (table) =>
      table
        .addColumn('venue', 'varchar(64)', notNull)
        .addColumn('symbol', 'varchar(64)', notNull)
        .addColumn('covered_from', 'bigint', notNull)
        .addColumn('covered_to', 'bigint', notNull)
        .addPrimaryKeyConstraint('mw_coverage_key', ['venue', 'symbol']),
    { clustered: true },
  )

  await create('mw_models', (table) =>
    table
      .addColumn('venue', 'varchar(64)', notNull)
      .addColumn('symbol', 'varchar(64)', notNull)
      .addColumn('id', 'varchar(128)', notNull)
      .addColumn('cutoff', 'bigint', notNull)
      .addColumn('trained_at', 'bigint', notNull)
      .addColumn('snapshot', long, notNull)
      .addPrimaryKeyConstraint('mw_models_key', ['venue', 'symbol', 'id']),
  )
  await index('mw_models_cutoff', 'mw_models', ['venue', 'symbol', 'cutoff'])

  await create('mw_signals', (table) =>
    table
      .addColumn('venue', 'varchar(64)', notNull)
      .addColumn('symbol', 'varchar(64)', notNull)
      .addColumn('open_time', 'bigint', notNull)
      .addColumn('model_id', 'varchar(128)', notNull)
      .addColumn('score', 'double precision', notNull)
      .addColumn('rank', 'bigint', notNull)
      .addColumn('of', 'bigint', notNull)
      .addColumn('judgement', long, notNull)
      .addColumn('episode_id', 'varchar(191)', notNull)
      .addColumn('late', 'smallint', notNull)
      .addPrimaryKeyConstraint('mw_signals_key', ['venue', 'symbol', 'open_time', 'model_id']),
  )
  await index('mw_signals_episode', 'mw_signals', ['episode_id', 'open_time'])

  await create('mw_episodes', (table) =>
    table
      .addColumn('id', 'varchar(191)', (column) => column.notNull().primaryKey())
      .addColumn('venue', 'varchar(64)', notNull)
      .addColumn('symbol', 'varchar(64)', notNull)
      .addColumn('start', 'bigint', notNull)
      .addColumn('last', 'bigint', notNull)
      .addColumn('peak', 'bigint', notNull)
      .addColumn('peak_score', 'double precision', notNull)
      .addColumn('signals', 'bigint', notNull)
      .addColumn('ended_at', 'bigint'),
  )
  await index('mw_episodes_start', 'mw_episodes', ['venue', 'symbol', 'start'])
  await index('mw_episodes_ended', 'mw_episodes', ['venue', 'ended_at'])

  await create('mw_judged', (table) =>
    table
      .addColumn('venue', 'varchar(64)', notNull)
      .addColumn('symbol', 'varchar(64)', notNull)
      .addColumn('judged_until', 'bigint', notNull)
      .addPrimaryKeyConstraint('mw_judged_key', ['venue', 'symbol']),
  )

  await create('mw_watches', (table) =>
    table
      .addColumn('venue', 'varchar(64)', notNull)
      .addColumn('symbol', 'varchar(64)', notNull)
      .addColumn('guild_id', 'varchar(32)', notNull)
      .addColumn('channel_id', 'varchar(32)', notNull)
      .addColumn('added_by', 'varchar(32)')
      .addColumn('added_at', 'bigint', notNull)
      .addColumn('since', 'bigint', notNull)
      .addPrimaryKeyConstraint('mw_watches_key', ['venue', 'channel_id', 'symbol']),
  )
  await index('mw_watches_symbol', 'mw_watches', ['venue', 'symbol'])

  await create('mw_channels', (table) =>
    table
      .addColumn('channel_id', 'varchar(32)', (column) => column.notNull().primaryKey())
      .addColumn('guild_id', 'varchar(32)', notNull)
      .addColumn('locale', 'varchar(8)', notNull)
      .addColumn('alerts_per_week', 'double precision', notNull)
      .addColumn('paused_reason', long),
  )

  await create('mw_posts', (table) =>
    table
      .addColumn('id', 'varchar(191)', (column) => column.notNull().primaryKey())
      .addColumn('episode_id', 'varchar(191)', notNull)
      .addColumn('channel_id', 'varchar(32)', notNull)
      .addColumn('guild_id', 'varchar(32)', notNull)
      .addColumn('kind', 'varchar(16)', notNull)
      .addColumn('sequence', 'bigint', notNull)
      .addColumn('state', 'varchar(16)', notNull)
      .addColumn('reason', long)
      .addColumn('message_id', 'varchar(32)')
      .addColumn('nonce', 'varchar(25)', notNull)
      .addColumn('open_time', 'bigint', notNull)
      .addColumn('wanted_revision', 'bigint', notNull)
      .addColumn('shown_revision', 'bigint', notNull)
      .addColumn('created_at', 'bigint', notNull)
      .addColumn('sent_at', 'bigint')
      .addUniqueConstraint('mw_posts_once', ['episode_id', 'channel_id', 'kind', 'sequence']),
  )
  await index('mw_posts_state', 'mw_posts', ['state', 'created_at'])
  await index('mw_posts_channel', 'mw_posts', ['channel_id', 'created_at'])

  await create('mw_listings', (table) =>
    table
      .addColumn('venue', 'varchar(64)', notNull)
      .addColumn('position', 'bigint', notNull)
      .addColumn('symbol', 'varchar(64)', notNull)
      .addColumn('name', long, notNull)
      .addColumn('name_en', long)
      .addColumn('market', long, notNull)
      .addColumn('warnings', long, notNull)
      .addPrimaryKeyConstraint('mw_listings_key', ['venue', 'position']),
  )
  await create('mw_listing_reads', (table) =>
    table
      .addColumn('venue', 'varchar(64)', (column) => column.notNull().primaryKey())
      .addColumn('read_at', 'bigint', notNull),
  )

  await create('mw_facts', (table) =>
    table
      .addColumn('name', 'varchar(191)', (column) => column.notNull().primaryKey())
      .addColumn('value', long, notNull),
  )
}
const notNull = <Column extends { notNull(): Column }>(column: Column): Column => column.notNull()

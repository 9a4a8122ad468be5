import type { Kysely } from 'kysely'
import { Migrator } from 'kysely/migration'
import { SetupError } from '../../errors.ts'
import type { Log } from '../../log.ts'
import type { Engine } from './engine.ts'
import { migrations } from './migrations/index.ts'
import type { Tables } from './tables.ts'

const TABLE = 'mw_migrations'

/**
 * Brings the schema up to date: each migration once, one process at a time. Refuses a database that a newer version has
 * changed.
 */
export const migrate = (engine: Engine, db: Kysely<Tables>, description: string, log: Log): Promise<void> =>
  engine.alone(async () => {
    const bare = db.withoutPlugins()
    const migrator = new Migrator({
      db: bare,
      migrationTableName: TABLE,
      migrationLockTableName: `${TABLE}_lock`,
      provider: {
        getMigrations: async () =>
          Object.fromEntries(
            Object.entries(migrations).map(([name, up]) => [
              name,
              { up: (on: Kysely<unknown>) => up(on, engine.kind) },
            ]),
          ),
      },
    })
    await refuseNewer(bare, description)
    const { error, results } = await migrator.migrateToLatest()
    if (error) throw error
    for (const { migrationName } of results ?? []) log.info({ migration: migrationName }, 'database migrated')
  })

const refuseNewer = async (db: Kysely<Tables>, description: string) => {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === TABLE)) return
  const bare = db as unknown as Kysely<Record<typeof TABLE, { name: string }>>
  const done = await bare.selectFrom(TABLE).select('name').orderBy('name').execute()
  const unknown = done.find(({ name }) => !Object.hasOwn(migrations, name))
  if (unknown)
    throw new SetupError(
      `DATABASE_URL names ${description}, which a newer version has changed (${unknown.name}): start that version, or name another database.`,
    )
}

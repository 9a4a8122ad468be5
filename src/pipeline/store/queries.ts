import {
  CamelCasePlugin,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  sql,
} from 'kysely'
import { type Connection, type Engine, inTransaction, type Value } from './engine.ts'
import { COLUMNS, rowOf, type Tables } from './tables.ts'

/** Ordinary queries over an engine. */
export interface Queries {
  readonly db: Kysely<Tables>
  /**
   * Runs `work` in one transaction: whole or not at all. It may run more than once. Both arguments lead into the
   * transaction; the connection is the faster one.
   */
  transaction<T>(work: (on: Kysely<Tables>, connection: Connection) => Promise<T>): Promise<T>
  /** Inserts the rows whose keys are not there yet; returns how many. */
  insertNew<Name extends keyof Tables>(db: Kysely<Tables>, table: Name, rows: readonly Tables[Name][]): Promise<number>
  /** Inserts the row, or replaces the one with its key. */
  put<Name extends keyof Tables>(
    db: Kysely<Tables>,
    table: Name,
    row: Tables[Name],
    key: readonly (keyof Tables[Name] & string)[],
  ): Promise<void>
}

/** Rows in one statement: keeps it far below the 32,766 and 65,535 parameters that the engines take. */
const ROWS = 200

export const createQueries = (engine: Engine): Queries => {
  const plugins = [new DatabaseNames()]
  const db = new Kysely<Tables>({ dialect: dialectOf(engine), plugins })

  const insertNew: Queries['insertNew'] = async (on, table, rows) => {
    let inserted = 0
    for (let start = 0; start < rows.length; start += ROWS) {
      const chunk = rows.slice(start, start + ROWS).map((row) => rowOf(table, row))
      // Not `insert ignore`, which in MariaDB would let wrong values pass too.
      const [column] = COLUMNS[table]
      const query = on.insertInto(table).values(chunk as never)
      const kept =
        engine.kind === 'sqlite'
          ? query.onConflict((conflict) => conflict.doNothing())
          : query.onDuplicateKeyUpdate({ [column]: sql.ref(column) } as never)
      const results = await kept.execute()
      for (const { numInsertedOrUpdatedRows } of results) inserted += Number(numInsertedOrUpdatedRows ?? 0)
    }
    return inserted
  }

  const put: Queries['put'] = async (on, table, from, key) => {
    const row = rowOf(table, from)
    const query = on.insertInto(table).values(row as never)
    const put =
      engine.kind === 'sqlite'
        ? query.onConflict((conflict) => conflict.columns(key as never).doUpdateSet(row as never))
        : query.onDuplicateKeyUpdate(row as never)
    await put.execute()
  }

  const transaction: Queries['transaction'] = (work) =>
    inTransaction(engine, (connection) => {
      const acquire = async (): Promise<Connection> => ({ ...connection, release() {} })
      return work(new Kysely<Tables>({ dialect: dialectOf({ ...engine, acquire }), plugins }), connection)
    })

  return { db, transaction, insertNew, put }
}

/** Names in the database that differ from ours by more than their case: existing databases keep theirs. */
const IN_DATABASE: Readonly<Record<string, string>> = {
  series: 'venue',
  mwKeyValues: 'mw_facts',
  mwMarketEvents: 'mw_market_facts',
}
const OURS = Object.fromEntries(Object.entries(IN_DATABASE).map(([ours, theirs]) => [theirs, ours]))

class DatabaseNames extends CamelCasePlugin {
  protected override snakeCase(name: string): string {
    return IN_DATABASE[name] ?? super.snakeCase(name)
  }
  protected override camelCase(name: string): string {
    return OURS[name] ?? super.camelCase(name)
  }
}

const dialectOf = (engine: Engine): Dialect =>
  engine.kind === 'sqlite'
    ? {
        createAdapter: () => new SqliteAdapter(),
        createDriver: () => driverOf(engine),
        createIntrospector: (db) => new SqliteIntrospector(db),
        createQueryCompiler: () => new SqliteQueryCompiler(),
      }
    : {
        createAdapter: () => new UnlockedMysqlAdapter(),
        createDriver: () => driverOf(engine),
        createIntrospector: (db) => new MysqlIntrospector(db),
        createQueryCompiler: () => new MysqlQueryCompiler(),
      }

/** Kysely's own lock is one for the whole server and waits an hour; `Engine.alone` holds ours. */
class UnlockedMysqlAdapter extends MysqlAdapter {
  override async acquireMigrationLock() {}
  override async releaseMigrationLock() {}
}

const driverOf = (engine: Engine): Driver => {
  const lent = new WeakMap<DatabaseConnection, Connection>()
  const of = (connection: DatabaseConnection) => lent.get(connection)!
  return {
    init: async () => {},
    async acquireConnection() {
      const connection = await engine.acquire()
      const kyselys: DatabaseConnection = {
        async executeQuery({ sql, parameters }) {
          const { rows, changed } = await connection.execute(sql, parameters as Value[])
          return { rows: rows as never[], numAffectedRows: BigInt(changed) }
        },
        streamQuery() {
          throw new Error('the store reads whole answers; it does not stream')
        },
      }
      lent.set(kyselys, connection)
      return kyselys
    },
    beginTransaction: (connection) => of(connection).begin(),
    commitTransaction: (connection) => of(connection).commit(),
    rollbackTransaction: (connection) => of(connection).rollback(),
    releaseConnection: async (connection) => of(connection).release(),
    destroy: () => engine.close(),
  }
}

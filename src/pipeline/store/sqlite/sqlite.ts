import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { RetryableError, SetupError } from '../../../errors.ts'
import type { Connection, Engine, Value } from '../engine.ts'
import type { SqlitePlace } from '../url.ts'
import { createCheckpoints } from './checkpoints.ts'
import { explainFolder, explainSqlite, SQLITE, sqliteCode } from './errors.ts'

/** Longest wait for another process that writes. */
const BUSY_MS = 10_000
/** Compiled statements kept at most; the store uses fewer different ones. */
const STATEMENTS = 200

/**
 * The embedded engine. One connection, lent to one caller at a time. Waiting for another process's write happens
 * between attempts and not inside SQLite, whose own busy timeout would hold up the whole program.
 */
export const openSqlite = async ({ path }: SqlitePlace, busyMs = BUSY_MS): Promise<Engine> => {
  makeFolder(path)
  const patiently = async <T>(attempt: () => T): Promise<T> => {
    const giveUpAt = performance.now() + busyMs
    for (;;) {
      try {
        return attempt()
      } catch (error) {
        if (sqliteCode(error) !== SQLITE.BUSY || performance.now() > giveUpAt) throw explainSqlite(error, path)
        await wait(2 + Math.random() * 20)
      }
    }
  }
  const database = await whenOpening(path, () => patiently(() => connect(path)))
  const checkpoints = createCheckpoints(database, path)
  const statements = new Map<string, StatementSync>()
  const prepared = (sql: string, kind: 'arrays' | 'objects'): StatementSync => {
    const key = `${kind} ${sql}`
    const known = statements.get(key)
    if (known) return known
    const statement = database.prepare(sql)
    statement.setReturnArrays(kind === 'arrays')
    if (statements.size >= STATEMENTS) statements.delete(statements.keys().next().value!)
    statements.set(key, statement)
    return statement
  }

  const connection: Omit<Connection, 'release'> = {
    // The type knows only rows as objects; setReturnArrays makes them arrays.
    arrays: (sql, parameters) => patiently(() => prepared(sql, 'arrays').all(...parameters) as unknown as Value[][]),
    execute: (sql, parameters) =>
      patiently(() => {
        const statement = prepared(sql, 'objects')
        if (statement.columns().length > 0) return { rows: statement.all(...parameters), changed: 0 }
        return { rows: [], changed: Number(statement.run(...parameters).changes) }
      }),
    insert: ({ into, otherwise }, rows) =>
      patiently(() => {
        const [first] = rows
        if (!first) return 0
        const marks = first.map(() => '?').join(', ')
        const statement = prepared(`insert into ${into} values (${marks}) ${otherwise}`, 'objects')
        return rows.reduce((changed, row) => changed + Number(statement.run(...row).changes), 0)
      }),
    begin: () => patiently(() => database.exec('begin immediate')),
    async commit() {
      await patiently(() => database.exec('commit'))
      checkpoints.committed()
    },
    rollback: async () => {
      if (database.isTransaction) database.exec('rollback') // a full disk has rolled back by itself
    },
  }

  let lastHolder: Promise<void> = Promise.resolve()
  const acquire = async (): Promise<Connection> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const before = lastHolder
    lastHolder = promise
    await before
    if (database.isOpen) return { ...connection, release: resolve }
    resolve()
    throw new Error('the store is closed')
  }

  return {
    kind: 'sqlite',
    acquire,
    alone: (work) =>
      whenOpening(path, async () => {
        await connection.begin()
        try {
          const result = await work()
          await connection.commit()
          return result
        } catch (error) {
          await connection.rollback()
          throw error
        }
      }),
    close: async () => {
      await lastHolder
      await checkpoints.close()
      if (database.isOpen) database.close()
    },
  }
}

const makeFolder = (path: string) => {
  if (path === ':memory:') return
  try {
    mkdirSync(dirname(path), { recursive: true })
  } catch (error) {
    throw explainFolder(error, dirname(path))
  }
}

const connect = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    // A write-ahead log lets others read while one writes; with it, `normal` survives a killed process whole, and a
    // power cut may cost the last moments but never the file.
    database.exec('pragma journal_mode = wal; pragma synchronous = normal')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** During startup a retryable database error becomes a SetupError: nobody tries again. */
const whenOpening = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof RetryableError)
      throw new SetupError(
        `DATABASE_URL names ${path}, which another program keeps locked: stop that program, or name another file.`,
        {
          cause: error,
        },
      )
    throw error
  }
}

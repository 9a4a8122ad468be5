import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createConnection, createPool, type ExecuteValues, type ResultSetHeader, type RowDataPacket } from 'mysql2'
import type { PoolConnection } from 'mysql2/promise'
import { RetryableError, SetupError } from '../../../errors.ts'
import type { Log } from '../../../log.ts'
import type { Connection, Engine, Value } from '../engine.ts'
import { address, type MariadbPlace } from '../url.ts'
import { explainMariadb, NO_CONNECTION_LEFT, SERVER, serverNumber } from './errors.ts'

const CONNECTIONS = 8
/**
 * A statement that is silent for so long is given up together with its connection: the network is cut, or the server
 * hangs.
 */
const SILENCE_MS = 60_000
/** Rows in one insert. Few sizes, so that few statements are ever prepared. */
const CHUNKS = [500, 50, 5, 1]
/** Longest wait for another process that migrates. */
const MIGRATION_LOCK_S = 60
/** Longest wait for the server to close a connection. */
const GOODBYE_MS = 1_000

/** Session settings that would change the meaning of statements if the server's own applied. */
const SESSION = `set session autocommit = 1, sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',
  default_storage_engine = InnoDB, innodb_lock_wait_timeout = 10`

/**
 * MariaDB through a pool of connections. Everything with a parameter is prepared: doubles cross as their eight bytes,
 * never as digits.
 */
export const openMariadb = async (place: MariadbPlace, log: Log, silenceMs = SILENCE_MS): Promise<Engine> => {
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw explainMariadb(error, place)
    }
  }
  await whenOpening(place, () => explained(() => createMissingDatabase(place, log)))

  const core = createPool({
    ...credentials(place),
    database: place.database,
    connectionLimit: CONNECTIONS,
    maxPreparedStatements: 200,
    flags: ['-FOUND_ROWS'], // an update that changes nothing counts 0, as in SQLite
  })
  const sockets = new Set<Socket>()
  core.on('connection', (connection) => {
    const { stream } = connection as unknown as { stream: Socket } // not in mysql2's types
    sockets.add(stream)
    stream.once('close', () => sockets.delete(stream))
    connection.query(SESSION, (error) => error && connection.destroy())
  })
  const pool = core.promise()

  let open = true
  const acquire = async (): Promise<Connection> => {
    if (!open) throw new Error('the store is closed')
    const connection = await explained(() => pool.getConnection())
    return lend(connection, place, silenceMs)
  }

  return {
    kind: 'mariadb',
    acquire,
    alone: (work) =>
      whenOpening(place, async () => {
        const connection = await acquire()
        try {
          const name = `minutewatch ${place.database}`.slice(0, 64)
          const [[locked]] = (await connection.arrays('select get_lock(?, ?)', [name, MIGRATION_LOCK_S])) as [[Value]]
          if (locked !== 1)
            throw new SetupError(
              `DATABASE_URL names database ${place.database}, which another process has been preparing for ${MIGRATION_LOCK_S} seconds: look at that process, then start again.`,
            )
          try {
            return await work()
          } finally {
            await connection.arrays('select release_lock(?)', [name])
          }
        } finally {
          connection.release()
        }
      }),
    close: async () => {
      if (!open) return
      open = false
      const goodbye = pool.end().catch(() => {}) // a server that is gone need not hear it
      await Promise.race([goodbye, wait(GOODBYE_MS)])
      for (const socket of sockets) socket.destroy()
    },
  }
}

const credentials = ({ host, port, user, password }: MariadbPlace) => ({
  host,
  port,
  user,
  password,
  charset: 'UTF8MB4_BIN',
})

const lend = (connection: PoolConnection, place: MariadbPlace, timeout: number): Connection => {
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      const known = explainMariadb(error, place)
      // A connection in doubt never goes back to the pool: an answer that comes late would be taken for the next one's.
      if (known instanceof RetryableError && serverNumber(error) === null) connection.destroy()
      throw known
    }
  }
  const control = (sql: string) => attempt(async () => void (await connection.query({ sql, timeout })))
  const execute: Connection['execute'] = (sql, parameters) =>
    attempt(async () => {
      const [result] = await connection.execute<RowDataPacket[] | ResultSetHeader>(
        { sql, timeout },
        parameters as ExecuteValues,
      )
      return Array.isArray(result) ? { rows: result, changed: 0 } : { rows: [], changed: result.affectedRows }
    })
  return {
    arrays: (sql, parameters) =>
      attempt(async () => {
        const [rows] = await connection.execute<RowDataPacket[]>(
          { sql, rowsAsArray: true, timeout },
          parameters as ExecuteValues,
        )
        return rows as Value[][]
      }),
    execute,
    async insert({ into, otherwise }, rows) {
      const marks = `(${rows[0]?.map(() => '?').join(', ')})`
      let changed = 0
      for (let start = 0; start < rows.length; ) {
        const size = CHUNKS.find((count) => count <= rows.length - start)!
        const values = Array.from({ length: size }, () => marks).join(', ')
        const parameters = rows.slice(start, start + size).flat()
        changed += (await execute(`insert into ${into} values ${values} ${otherwise}`, parameters)).changed
        start += size
      }
      return changed
    },
    begin: () => control('start transaction'),
    commit: () => control('commit'),
    rollback: () => control('rollback').catch(() => connection.destroy()),
    release: () => connection.release(),
  }
}

/** Creates the database when it is missing and the user may. */
const createMissingDatabase = async (place: MariadbPlace, log: Log): Promise<void> => {
  const first = createConnection({ ...credentials(place), database: place.database }).promise()
  try {
    await first.connect()
    return
  } catch (error) {
    if (serverNumber(error) !== SERVER.UNKNOWN_DATABASE) throw error
  } finally {
    first.destroy()
  }
  const server = createConnection(credentials(place)).promise()
  try {
    const name = `\`${place.database.replaceAll('`', '``')}\``
    await server.query(`create database if not exists ${name} character set utf8mb4 collate utf8mb4_bin`)
    log.info({ database: place.database, server: address(place) }, 'database created')
  } finally {
    server.destroy()
  }
}

/** During startup a retryable database error becomes a SetupError: nobody tries again. */
const whenOpening = async <T>(place: MariadbPlace, work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error
    if (serverNumber(error.cause) === SERVER.USER_LIMIT_REACHED) throw new SetupError(error.message, { cause: error })
    const what = NO_CONNECTION_LEFT.has(serverNumber(error.cause) ?? 0)
      ? 'whose server has no connection left: end other programs, or raise its max_connections.'
      : 'where no database server answers: start it, or mend the address.'
    throw new SetupError(`DATABASE_URL names ${address(place)}, ${what}`, { cause: error })
  }
}

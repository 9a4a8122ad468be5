import { createPool, escapeId, type RowDataPacket } from 'mysql2/promise'
import { unlessAborted } from '../../../async/time-limits.ts'
import { RetryableError, SetupError } from '../../../errors.ts'
import { explainMariadb, SERVER, serverNumber } from '../../store/mariadb/errors.ts'
import { address, type MariadbPlace, parseMariadb } from '../../store/url.ts'

export type Row = Readonly<Record<string, unknown>>
export type Parameter = string | number

/** Someone else's MariaDB, which is only read. */
export interface BridgeDatabase {
  /** The setting that gave the address; sentences name it. */
  readonly setting: string
  /** The database that the address names. */
  readonly schema: string
  /** @throws {SetupError | RetryableError} naming the setting and the table, never the password */
  read(table: string, sql: string, parameters: readonly Parameter[], signal: AbortSignal): Promise<Row[]>
  close(): Promise<void>
}

const CONNECT_TIMEOUT_MS = 5000
const QUERY_TIMEOUT_MS = 30_000

/**
 * Sets what the server may have set otherwise. Columns of type TIMESTAMP come in the session's time zone, and
 * everything here is read as Korean time. Without autocommit every connection would go on seeing the tables as its
 * first read saw them, and would lock them against changes of their columns.
 */
const SESSION = "SET SESSION autocommit = 1, time_zone = '+09:00'"

/** Connects with the first read. @throws {SetupError} when the address is none of MariaDB's */
export const createBridgeDatabase = (url: string, setting = 'DATABASE_URL'): BridgeDatabase => {
  const place = parseMariadb(url, setting)
  const { host, port, user, password, database: schema } = place
  const pool = createPool({
    host,
    port,
    user,
    password,
    database: schema,
    connectionLimit: 4,
    connectTimeout: CONNECT_TIMEOUT_MS,
    dateStrings: true,
    supportBigNumbers: true,
    timezone: '+09:00',
  })
  const prepared = new WeakSet<object>()
  let closed: Promise<void> | null = null

  const connect = (signal: AbortSignal) => {
    const connecting = pool.getConnection()
    return unlessAborted(connecting, signal).catch((error) => {
      connecting.then((late) => late.release()).catch(() => {})
      throw error
    })
  }

  return {
    setting,
    schema,
    async read(table, sql, parameters, signal) {
      signal.throwIfAborted()
      try {
        const connection = await connect(signal)
        try {
          if (!prepared.has(connection.connection))
            await unlessAborted(connection.query({ sql: SESSION, timeout: QUERY_TIMEOUT_MS }), signal)
          prepared.add(connection.connection)
          const answer = connection.execute<RowDataPacket[]>({ sql, timeout: QUERY_TIMEOUT_MS }, [...parameters])
          const [rows] = await unlessAborted(answer, signal)
          connection.release()
          return rows
        } catch (error) {
          // The connection may still be busy with an answer that nobody waits for, and is of no use to the next reader.
          connection.destroy()
          throw error
        }
      } catch (error) {
        signal.throwIfAborted()
        throw databaseError(error, { setting, place, table })
      }
    },
    close() {
      closed ??= pool.end()
      return closed
    },
  }
}

const MISSING = new Set(['ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR', 'ER_BAD_DB_ERROR'])
const NOT_GRANTED: ReadonlySet<number | null> = new Set([
  SERVER.ACCESS_TO_DATABASE_DENIED,
  SERVER.TABLE_ACCESS_DENIED,
  SERVER.COLUMN_ACCESS_DENIED,
])

const databaseError = (
  error: unknown,
  { setting, place, table }: { setting: string; place: MariadbPlace; table: string },
): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const cause = { cause: error }
  const server = `${setting}: MariaDB at ${address(place)}`
  if (NOT_GRANTED.has(serverNumber(error)))
    return new SetupError(
      `${server} does not let user ${place.user} read ${table} (${code}): GRANT SELECT on it`,
      cause,
    )
  if (MISSING.has(code))
    return new SetupError(
      `${setting}: ${error instanceof Error ? error.message : code}. README, “bridge”, shows the tables that are read`,
      cause,
    )
  const explained = explainMariadb(error, place, setting)
  if (explained instanceof SetupError) return explained
  // This error already is a sentence that names the server.
  if (explained instanceof RetryableError && serverNumber(error) === SERVER.USER_LIMIT_REACHED) return explained
  if (explained instanceof RetryableError)
    return new RetryableError(
      `${server} gave no answer about ${table} (${code}): ${ADVICE[code] ?? 'is it running?'}`,
      cause,
    )
  return new Error(`reading ${table} from MariaDB at ${address(place)} failed${code && ` (${code})`}`, cause)
}

const NO_WAY_THERE = 'is the address right, and does a route lead there?'
const ADVICE: Readonly<Record<string, string>> = {
  ENOTFOUND: 'is the name of the host right?',
  EHOSTUNREACH: NO_WAY_THERE,
  ENETUNREACH: NO_WAY_THERE,
  ETIMEDOUT: 'is it running, and does no firewall stand between?',
}

const NAME = /^[\p{L}\p{N}_$]+(\.[\p{L}\p{N}_$]+)?$/u

/** A table's name as SQL takes it, with its database in front if the name has one. @throws {SetupError} */
export const quotedTable = (table: string): string => {
  if (!NAME.test(table))
    throw new SetupError(`“${table}” is no table name: expected letters, digits and _, or database.table`)
  return escapeId(table)
}

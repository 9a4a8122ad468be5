import { RetryableError, SetupError } from '../../../errors.ts'
import { TransactionLostError } from '../engine.ts'
import { address, type MariadbPlace } from '../url.ts'

/** Server error numbers, https://mariadb.com/kb/en/mariadb-error-codes/ */
export const SERVER = {
  CHANGED_SINCE_READ: 1020,
  DISK_FULL: 1021,
  GOT_ERRNO: 1030,
  TOO_MANY_CONNECTIONS: 1040,
  ACCESS_TO_DATABASE_DENIED: 1044,
  ACCESS_DENIED: 1045,
  NULL_REFUSED: 1048,
  UNKNOWN_DATABASE: 1049,
  SERVER_SHUTDOWN: 1053,
  TABLE_FULL: 1114,
  HOST_BLOCKED: 1129,
  HOST_NOT_ALLOWED: 1130,
  TABLE_ACCESS_DENIED: 1142,
  COLUMN_ACCESS_DENIED: 1143,
  PACKET_TOO_LARGE: 1153,
  NEW_ABORTED_CONNECTION: 1184,
  USER_CONNECTIONS: 1203,
  LOCK_WAIT_TIMEOUT: 1205,
  DEADLOCK: 1213,
  USER_LIMIT_REACHED: 1226,
  COMMAND_ACCESS_DENIED: 1227,
  READ_ONLY: 1290,
  QUERY_INTERRUPTED: 1317,
  TABLE_DEFINITION_CHANGED: 1412,
  PLUGIN_NOT_LOADED: 1524,
  NEED_REPREPARE: 1615,
  ACCESS_DENIED_WITHOUT_PASSWORD: 1698,
  MUST_CHANGE_PASSWORD: 1820,
  READ_ONLY_MODE: 1836,
  MUST_CHANGE_PASSWORD_TO_LOG_IN: 1862,
  CONNECTION_KILLED: 1927,
  /** MySQL's; the next is MariaDB's. */
  ACCOUNT_IS_LOCKED: 3118,
  ACCOUNT_LOCKED: 4151,
} as const

export const NO_CONNECTION_LEFT: ReadonlySet<number> = new Set([SERVER.TOO_MANY_CONNECTIONS, SERVER.USER_CONNECTIONS])

const WAITING_HELPS: ReadonlySet<number> = new Set([
  ...NO_CONNECTION_LEFT,
  SERVER.SERVER_SHUTDOWN,
  SERVER.NEW_ABORTED_CONNECTION,
  SERVER.LOCK_WAIT_TIMEOUT,
  SERVER.QUERY_INTERRUPTED,
  SERVER.CONNECTION_KILLED,
  SERVER.CHANGED_SINCE_READ,
  SERVER.TABLE_DEFINITION_CHANGED,
  SERVER.NEED_REPREPARE,
])

/** The server's number, or null when the error did not come from a server. */
export const serverNumber = (error: unknown): number | null =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' && 'sqlState' in error
    ? error.errno
    : null

/**
 * Turns an error of MariaDB into the one that says who must act. Returns an error that is ours unchanged. mysql2's own
 * error stays as `cause`: it names user and host, never the password.
 */
export const explainMariadb = (error: unknown, place: MariadbPlace, setting = 'DATABASE_URL'): unknown => {
  const { user, database } = place
  const server = `the database server at ${address(place)}`
  const setup = (sentence: string) => new SetupError(sentence, { cause: error })
  const number = serverNumber(error)
  switch (number) {
    case SERVER.DEADLOCK:
      return new TransactionLostError(`${server} preferred another transaction`, { cause: error })
    case SERVER.ACCESS_DENIED:
    case SERVER.ACCESS_DENIED_WITHOUT_PASSWORD:
    case SERVER.PLUGIN_NOT_LOADED:
      return setup(`${setting} names user ${user}, whom ${server} does not let in: check the user and the password.`)
    case SERVER.ACCOUNT_IS_LOCKED:
    case SERVER.ACCOUNT_LOCKED:
      return setup(
        `${setting} names user ${user}, whose account ${server} has locked: unlock it there (ALTER USER … ACCOUNT UNLOCK).`,
      )
    case SERVER.MUST_CHANGE_PASSWORD:
    case SERVER.MUST_CHANGE_PASSWORD_TO_LOG_IN:
      return setup(
        `${setting} names user ${user}, whose password has expired at ${server}: set a new one there and in ${setting}.`,
      )
    case SERVER.USER_LIMIT_REACHED:
      return new RetryableError(
        `${setting} names user ${user}, who has used up what ${server} allows (${limitIn(error)}): raise the limit, or wait until the hour is over.`,
        { cause: error },
      )
    case SERVER.HOST_NOT_ALLOWED:
    case SERVER.HOST_BLOCKED:
      return setup(
        `${setting} names ${address(place)}, where the database server lets nobody in from this machine: allow this host there.`,
      )
    case SERVER.UNKNOWN_DATABASE:
      return setup(
        `${setting} names database ${database}, which does not exist on ${address(place)}: create it, or name another.`,
      )
    case SERVER.ACCESS_TO_DATABASE_DENIED:
    case SERVER.TABLE_ACCESS_DENIED:
    case SERVER.COMMAND_ACCESS_DENIED:
      return setup(
        `${setting} names user ${user}, who may not use database ${database} on ${address(place)}: create the database and grant the user all privileges on it.`,
      )
    case SERVER.READ_ONLY:
    case SERVER.READ_ONLY_MODE:
      return setup(`${setting} names ${address(place)}, a server that is read-only: name one that can be written to.`)
    case SERVER.DISK_FULL:
    case SERVER.TABLE_FULL:
      return setup(`${setting} names ${address(place)}, where the disk is full: make room on it.`)
    case SERVER.GOT_ERRNO:
      return setup(`${setting} names ${address(place)}, where the disk is full or cannot be written: check it.`)
    case SERVER.PACKET_TOO_LARGE:
      return setup(`${setting} names ${address(place)}, whose max_allowed_packet is too small: set it to 16M or more.`)
    default:
      return waitingHelps(error, number) ? new RetryableError(`${server} does not answer`, { cause: error }) : error
  }
}

/** `User 'x' has exceeded the 'max_queries_per_hour' resource (current value: 1)` */
const limitIn = (error: unknown): string => /'(max_\w+)'/.exec(String(error))?.[1] ?? 'a limit of this user'

const waitingHelps = (error: unknown, number: number | null): boolean => {
  if (number !== null) return WAITING_HELPS.has(number)
  if (!(error instanceof Error)) return false
  // Node's sockets say ECONNREFUSED, ENOTFOUND, …; mysql2 says PROTOCOL_CONNECTION_LOST, … or only that the error was
  // fatal.
  const { code, fatal } = error as { code?: unknown; fatal?: unknown }
  return fatal === true || (typeof code === 'string' && /^(E(?!RR_)|PROTOCOL_)[A-Z_]+$/.test(code))
}

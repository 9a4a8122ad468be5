import { resolve } from 'node:path'
import { SetupError } from '../../errors.ts'

export interface SqlitePlace {
  readonly engine: 'sqlite'
  /** Absolute, or `:memory:`. */
  readonly path: string
}

export interface MariadbPlace {
  readonly engine: 'mariadb'
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
}

export type Place = SqlitePlace | MariadbPlace

const MARIADB_EXPECTED = 'write mysql://USER:PASSWORD@HOST:PORT/DATABASE'
const EXPECTED = MARIADB_EXPECTED.replace('write ', 'write sqlite:FILE or ')

/** Reads DATABASE_URL. No message repeats the text, which may hold a password. */
export const parsePlace = (text: string): Place => {
  const scheme = /^([a-z]+):/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'sqlite') return sqlitePlace(text.slice('sqlite:'.length))
  if (isMariadb(scheme)) return mariadbPlace(text, 'DATABASE_URL', EXPECTED)
  throw new SetupError(`DATABASE_URL names no database this program knows: ${EXPECTED}.`)
}

const sqlitePlace = (rest: string): SqlitePlace => {
  const path = rest.replace(/^\/\//, '') // sqlite:///absolute and sqlite://relative are written by habit
  if (path === '' || path.includes('\0'))
    throw new SetupError('DATABASE_URL names no file: write sqlite:FILE, as in sqlite:data/minutewatch.db.')
  return { engine: 'sqlite', path: path === ':memory:' ? path : resolve(path) }
}

/**
 * Reads the address of a MariaDB that another setting names. No message repeats the text, which may hold a password.
 */
export const parseMariadb = (text: string, setting: string): MariadbPlace => {
  if (!isMariadb(/^([a-z]+):/i.exec(text)?.[1]?.toLowerCase()))
    throw new SetupError(`${setting} names no MariaDB: ${MARIADB_EXPECTED}.`)
  return mariadbPlace(text, setting, MARIADB_EXPECTED)
}

const isMariadb = (scheme: string | undefined): boolean => scheme === 'mysql' || scheme === 'mariadb'

const mariadbPlace = (text: string, setting: string, expected: string): MariadbPlace => {
  if (!URL.canParse(text))
    throw new SetupError(
      `${setting} cannot be read as an address: ${expected}; in the password write @ as %40, / as %2F, # as %23, ? as %3F and % as %25.`,
    )
  const url = new URL(text)
  const decoded = (part: string, name: string): string => {
    try {
      return decodeURIComponent(part)
    } catch {
      throw new SetupError(`${setting} has a % in its ${name} that is not part of an escape: write it as %25.`)
    }
  }
  const database = decoded(url.pathname.slice(1), 'database')
  if (url.hostname === '') throw new SetupError(`${setting} names no host: ${expected}.`)
  if (database === '' || database.includes('/'))
    throw new SetupError(`${setting} must end in one database name: ${expected}.`)
  if (url.search !== '' || url.hash !== '')
    throw new SetupError(
      `${setting} takes nothing after the database name: ${expected}; in the password write # as %23 and ? as %3F.`,
    )
  return {
    engine: 'mariadb',
    host: decoded(url.hostname, 'host').replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 3306 : Number(url.port),
    user: decoded(url.username, 'user') || 'root',
    password: decoded(url.password, 'password'),
    database,
  }
}

/** Describes a place by engine and address, without the password. */
export const describePlace = (place: Place): string => {
  if (place.engine === 'sqlite') return place.path === ':memory:' ? 'SQLite in memory' : `SQLite ${place.path}`
  return `MariaDB ${address(place)}/${place.database}`
}

export const address = ({ host, port }: MariadbPlace): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

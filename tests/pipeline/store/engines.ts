import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { Log } from '../../../src/log.ts'
import { type Mariadb, startMariadb } from '../../support/mariadb.ts'
import { needs } from '../../support/needs.ts'

/** Settings of a server that others may have chosen and that must not matter. */
const ODD_SERVER = [
  '--sql-mode=ANSI_QUOTES',
  '--default-time-zone=-07:00',
  '--character-set-server=latin1',
  '--autocommit=0',
  '--lower-case-table-names=1',
]

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} } as Log

/** A folder of the test file's own, removed at its end. */
export const temporaryFolder = (): { readonly path: string } => {
  const folder = { path: '' }
  beforeAll(() => {
    folder.path = mkdtempSync(join(tmpdir(), 'store-'))
  })
  afterAll(() => rmSync(folder.path, { recursive: true, force: true }))
  return folder
}

/** A server of the test file's own, removed at its end. */
export const mariadbServer = (...options: string[]): { readonly server: Mariadb } => {
  const holder = { server: null as unknown as Mariadb }
  beforeAll(async () => {
    holder.server = await startMariadb(...options)
  })
  afterAll(() => holder.server?.remove())
  return holder
}

/**
 * Both engines: `prepare` goes inside the suite and gives a maker of addresses, each of a database that does not exist
 * yet.
 */
export const engines = [
  {
    name: 'SQLite',
    describe: needs().describe,
    prepare: () => {
      const folder = temporaryFolder()
      return (name: string) => `sqlite:${join(folder.path, 'folder', `${name}.db`)}`
    },
  },
  {
    name: 'MariaDB',
    describe: needs('mariadb').describe,
    prepare: () => {
      const holder = mariadbServer(...ODD_SERVER)
      return (name: string) => holder.server.url(name)
    },
  },
]

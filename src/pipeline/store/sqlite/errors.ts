import { RetryableError, SetupError } from '../../../errors.ts'

/** Primary result codes, https://sqlite.org/rescode.html */
export const SQLITE = {
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  NOTADB: 26,
} as const

/** The primary result code of an error of node:sqlite, or null for any other error. */
export const sqliteCode = (error: unknown): number | null =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : null

/** Turns an error of SQLite into the one that says who must act. Returns an error that is ours unchanged. */
export const explainSqlite = (error: unknown, path: string): unknown => {
  const setup = (sentence: string) => new SetupError(sentence, { cause: error })
  switch (sqliteCode(error)) {
    case SQLITE.BUSY:
    case SQLITE.LOCKED:
      return new RetryableError(`${path} is locked by another program`, { cause: error })
    case SQLITE.PERM:
    case SQLITE.READONLY:
    case SQLITE.CANTOPEN:
      return setup(
        `DATABASE_URL names ${path}, which cannot be opened for writing: let this user write to the file and its folder, or name another file.`,
      )
    case SQLITE.FULL:
      return setup(`DATABASE_URL names ${path}, whose disk is full: make room on it, or move the file to another disk.`)
    case SQLITE.IOERR:
      return setup(
        `DATABASE_URL names ${path}, whose disk could not be read or written: check that disk and the room on it.`,
      )
    case SQLITE.NOTADB:
      return setup(
        `DATABASE_URL names ${path}, which is not an SQLite database: name another file, or move that one away.`,
      )
    case SQLITE.CORRUPT:
      return setup(`DATABASE_URL names ${path}, which is damaged: put back a copy, or move it away and start anew.`)
    default:
      return error
  }
}

/** Turns the failure to make a database file's folder into a SetupError. */
export const explainFolder = (error: unknown, folder: string): unknown => {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (typeof code !== 'string') return error
  const why =
    code === 'ENOSPC'
      ? 'the disk is full'
      : code === 'ENOTDIR' || code === 'EEXIST'
        ? 'a part of it is a file'
        : 'not allowed'
  return new SetupError(
    `DATABASE_URL needs the folder ${folder}, which cannot be made (${why}): make it writable, or name another file.`,
    {
      cause: error,
    },
  )
}

import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { RetryableError, SetupError } from '../../../../src/errors.ts'
import { type Connection, type Value, withConnection } from '../../../../src/pipeline/store/engine.ts'
import { openStore } from '../../../../src/pipeline/store/index.ts'
import { explainSqlite } from '../../../../src/pipeline/store/sqlite/errors.ts'
import { openSqlite } from '../../../../src/pipeline/store/sqlite/sqlite.ts'
import { silent, temporaryFolder } from '../engines.ts'
import { bar, minutes } from '../records.ts'

const folder = temporaryFolder()
const path = (name: string) => join(folder.path, name)
const open = (name: string) => openStore(`sqlite:${path(name)}`, { log: silent })

/** Runs the child as somebody who is not root, whom permissions bind. */
const openAsNobody = (name: string): string => {
  const child = fileURLToPath(new URL('../child.ts', import.meta.url))
  const { stdout, stderr } = spawnSync(process.execPath, [child, 'open', `sqlite:${path(name)}`, 'nobody'], {
    encoding: 'utf8',
    input: 'go\n',
  })
  return stdout + stderr
}

const filled = async (name: string) => {
  const store = await open(name)
  const bars = Array.from({ length: 5_000 }, (_, minute) => bar('venue', 'A', minute))
  await store.bars.save('venue', 'A', bars, minutes(0, 5_000))
  await store.close()
  return path(name)
}

test('folders that are missing are made', async () => {
  const store = await open('deep/er/minutewatch.db')
  expect(store.description).toBe(`SQLite ${path('deep/er/minutewatch.db')}`)
  await store.close()
})

test('a folder that is a file is named', async () => {
  writeFileSync(path('file'), '')
  await expect(open('file/under/mw.db')).rejects.toThrow(
    `DATABASE_URL needs the folder ${path('file/under')}, which cannot be made (a part of it is a file): make it writable, or name another file.`,
  )
})

test('a folder that may not be written to is named', () => {
  mkdirSync(path('closed'))
  chmodSync(path('closed'), 0o555)
  chmodSync(folder.path, 0o755)
  expect(openAsNobody('closed/under/mw.db')).toContain(
    `SetupError: DATABASE_URL needs the folder ${path('closed/under')}, which cannot be made (not allowed)`,
  )
  expect(openAsNobody('closed/mw.db')).toContain(
    `SetupError: DATABASE_URL names ${path('closed/mw.db')}, which cannot be opened for writing`,
  )
})

test('a file that may only be read is named', async () => {
  chmodSync(await filled('read-only.db'), 0o444)
  expect(openAsNobody('read-only.db')).toContain(
    `SetupError: DATABASE_URL names ${path('read-only.db')}, which cannot be opened for writing`,
  )
})

test('a folder instead of a file is named', async () => {
  mkdirSync(path('folder.db'))
  await expect(open('folder.db')).rejects.toThrow(
    `DATABASE_URL names ${path('folder.db')}, which cannot be opened for writing`,
  )
})

test('a file that is no database is refused and left as it is', async () => {
  const text = 'symbol,time,open,high,low,close,volume\n'.repeat(200)
  writeFileSync(path('bars.csv'), text)
  const opened = open('bars.csv')
  await expect(opened).rejects.toThrow(SetupError)
  await expect(opened).rejects.toThrow(
    `${path('bars.csv')}, which is not an SQLite database: name another file, or move that one away.`,
  )
  expect(readFileSync(path('bars.csv'), 'utf8')).toBe(text)
})

test('a damaged file is named when the damage is met', async () => {
  const file = await filled('damaged.db')
  const bytes = readFileSync(file)
  writeFileSync(file, bytes.fill(0x5a, 4096 * 8)) // the header and the schema stay whole
  const read = async () => {
    const store = await open('damaged.db')
    try {
      await store.bars.range('venue', 'A', minutes(0, 5_000))
    } finally {
      await store.close()
    }
  }
  await expect(read).rejects.toThrow(SetupError)
  await expect(read).rejects.toThrow(`${file}, which is damaged: put back a copy, or move it away and start anew.`)
})

test('a truncated file is named', async () => {
  const file = await filled('truncated.db')
  writeFileSync(file, readFileSync(file).subarray(0, 4096 * 3 + 100))
  await expect(open('truncated.db').then((store) => store.bars.range('venue', 'A', minutes(0, 5_000)))).rejects.toThrow(
    /which is damaged/,
  )
})

test('a full disk keeps what was there, and says so', async () => {
  const engine = await openSqlite({ engine: 'sqlite', path: path('full.db') })
  await withConnection(engine, async (connection) => {
    await connection.execute('create table t (x)', [])
    await connection.execute('insert into t values (1)', [])
    await connection.execute('pragma max_page_count = 4', []) // SQLite's own way to run out of room
    await connection.begin()
    const full = connection.execute('insert into t values (zeroblob(100000))', [])
    await expect(full).rejects.toThrow(SetupError)
    await expect(full).rejects.toThrow(`DATABASE_URL names ${path('full.db')}, whose disk is full`)
    await connection.rollback()
    expect(await connection.arrays('select x from t', [])).toEqual([[1]])
  })
  await engine.close()
})

test('a long log is merged into the file after a commit, and not within it', async () => {
  const engine = await openSqlite({ engine: 'sqlite', path: path('log.db') })
  const [log, merged] = await withConnection(engine, async (connection) => {
    await connection.execute('create table t (x)', [])
    await connection.begin()
    await connection.execute('insert into t values (zeroblob(9000 * 4096))', [])
    await connection.commit()
    return (await pagesOfLog(connection)).slice(1)
  })
  expect(log).toBeGreaterThan(9_000)
  expect(merged).toBe(0)
  await expect.poll(() => withConnection(engine, pagesOfLog), { timeout: 20_000 }).toEqual([0, log, log])
  await engine.close()
})

const pagesOfLog = async (connection: Connection): Promise<Value[]> =>
  (await connection.arrays('pragma wal_checkpoint(noop)', []))[0]!

test('a file that another program keeps locked is waited for, then named', async () => {
  const file = await filled('locked.db')
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  const opened = openSqlite({ engine: 'sqlite', path: file }, 50).then((engine) => engine.alone(async () => {}))
  await expect(opened).rejects.toThrow(
    `DATABASE_URL names ${file}, which another program keeps locked: stop that program, or name another file.`,
  )

  const engine = await openSqlite({ engine: 'sqlite', path: file }, 50)
  const written = withConnection(engine, (connection) => connection.begin())
  await expect(written).rejects.toThrow(RetryableError)
  other.exec('rollback')
  await withConnection(engine, async (connection) => {
    await connection.begin()
    await connection.commit()
  })
  await engine.close()
  other.close()
})

test('waiting for another program leaves this one running', async () => {
  const file = await filled('waiting.db')
  const other = new DatabaseSync(file)
  other.exec('begin immediate')
  const store = openStore(`sqlite:${file}`, { log: silent })
  await new Promise(setImmediate) // comes back only because nothing blocks
  other.exec('commit')
  other.close()
  await (await store).close()
})

test('an error that is ours stays as it is', () => {
  const ours = new TypeError('ours')
  expect(explainSqlite(ours, 'file')).toBe(ours)
})

/**
 * The store beside the fastest use of its engines: `node bench/store.ts`. Writes and reads a year of one stock, 75,165
 * bars; times are medians of rounds. Each round has a series of its own, so that tables grow alike. MariaDB is a
 * throw-away server on this machine with its default settings: every commit reaches the disk.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, MysqlDialect, SqliteDialect } from 'kysely'
import { createPool } from 'mysql2'
import type { PoolConnection } from 'mysql2/promise'
import { type Bar, MINUTE } from '../src/model/time/bar.ts'
import { openStore } from '../src/pipeline/store/index.ts'
import { startMariadb } from '../tests/support/mariadb.ts'
import { mariadbPrograms } from '../tests/support/system.ts'

const BARS = 75_165
const ROUNDS = 7
const SYMBOL = '038530'
const COVERED = { from: 0, to: BARS * MINUTE }
const silent = { debug() {}, info() {}, warn() {}, error() {} }

const barsOf = (series: string): Bar[] =>
  Array.from({ length: BARS }, (_, minute) => {
    const close = 1000 * Math.exp(Math.sin(minute / 997) / 3)
    const numbers = {
      open: close * 0.999,
      high: close * 1.004,
      low: close * 0.996,
      close,
      volume: ((minute * 7919) % 100_003) + 0.5,
    }
    return { series, symbol: SYMBOL, openTime: minute * MINUTE, ...numbers, receivedAt: minute * MINUTE + 61_000 }
  })

/** One way to store bars. */
interface Way {
  readonly name: string
  write(bars: readonly Bar[]): Promise<unknown> | unknown
  /** True if it can write the same bars again. */
  readonly again: boolean
  read(series: string): Promise<number> | number
  close(): Promise<void> | void
}

export const benchStore = async (print: (line: string) => void = console.log): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-store-'))
  const server = mariadbPrograms() ? await startMariadb() : null
  try {
    print(`${BARS.toLocaleString('en')} bars, medians of ${ROUNDS}, ms:   write   write again   read`)
    const ways = [
      () => storeWay('SQLite: the store', `sqlite:${join(folder, 'store.db')}`),
      () => rawSqlite(join(folder, 'raw.db')),
      () => kyselySqlite(join(folder, 'kysely.db')),
      ...(server
        ? [
            () => storeWay('MariaDB: the store', server.url('store')),
            () => rawMariadb('execute', server.port),
            () => rawMariadb('query', server.port),
            () => kyselyMariadb(server.port),
          ]
        : []),
    ]
    if (server) await server.run('create database raw character set utf8mb4 collate utf8mb4_bin')
    else print('No MariaDB server here: its half is left out.')
    for (const open of ways) print(await measured(await open()))
  } finally {
    await server?.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

const measured = async (way: Way): Promise<string> => {
  const times: Record<'write' | 'again' | 'read', number[]> = { write: [], again: [], read: [] }
  const timed = async <T>(list: number[], work: () => Promise<T> | T): Promise<T> => {
    const start = performance.now()
    const result = await work()
    list.push(performance.now() - start)
    return result
  }
  for (let round = 0; round < ROUNDS; round++) {
    const series = `round-${round}`
    const bars = barsOf(series)
    await timed(times.write, () => way.write(bars))
    if (way.again) await timed(times.again, () => way.write(bars))
    const rows = await timed(times.read, () => way.read(series))
    if (rows !== BARS) throw new Error(`${way.name} read ${rows} rows, expected ${BARS}`)
  }
  await way.close()
  const column = (list: number[], width: number) => (list.length > 0 ? median(list).toFixed(0) : '–').padStart(width)
  return `${way.name.padEnd(42)}${column(times.write, 6)}${column(times.again, 14)}${column(times.read, 7)}`
}

const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!

const storeWay = async (name: string, url: string): Promise<Way> => {
  const store = await openStore(url, { log: silent })
  return {
    name,
    again: true,
    write: (bars) => store.bars.save(bars[0]!.series, SYMBOL, bars, COVERED),
    read: async (series) => (await store.bars.range(series, SYMBOL, COVERED)).length,
    close: () => store.close(),
  }
}

const TABLE = `create table bars (venue varchar(64) not null, symbol varchar(64) not null, open_time bigint not null, open double not null,
  high double not null, low double not null, close double not null, volume double not null, received_at bigint not null,
  primary key (venue, symbol, open_time))`
const CHUNK = 500
const UPDATES = ['open', 'high', 'low', 'close', 'volume', 'received_at']
const values = ({ series, symbol, openTime, open, high, low, close, volume, receivedAt }: Bar) => [
  ...[series, symbol, openTime, open, high, low, close, volume, receivedAt],
]
const insert = (rows: number) =>
  `insert into bars values ${Array.from({ length: rows }, () => '(?,?,?,?,?,?,?,?,?)').join(',')}`
const SELECT =
  'select open_time, open, high, low, close, volume, received_at from bars where venue = ? order by open_time'
const chunksOf = <T>(all: readonly T[]) =>
  Array.from({ length: Math.ceil(BARS / CHUNK) }, (_, n) => all.slice(n * CHUNK, (n + 1) * CHUNK))

const rawSqlite = (path: string): Way => {
  const database = new DatabaseSync(path)
  database.exec(`pragma journal_mode = wal; pragma synchronous = normal; ${TABLE} without rowid`)
  const upsert = (rows: number) =>
    database.prepare(
      `${insert(rows)} on conflict do update set ${UPDATES.map((column) => `${column} = excluded.${column}`).join(',')}`,
    )
  const [many, rest] = [upsert(CHUNK), upsert(BARS % CHUNK)]
  const select = database.prepare(SELECT)
  select.setReturnArrays(true)
  return {
    name: 'SQLite: raw, blind upserts of 500 rows',
    again: true,
    write(bars) {
      database.exec('begin')
      for (const chunk of chunksOf(bars)) (chunk.length === CHUNK ? many : rest).run(...chunk.flatMap(values))
      database.exec('commit')
    },
    read: (series) => select.all(series).length,
    close: () => database.close(),
  }
}

const rawMariadb = async (method: 'execute' | 'query', port: number): Promise<Way> => {
  const pool = createPool({ host: '127.0.0.1', port, user: 'root', database: 'raw', connectionLimit: 1 }).promise()
  const run = (on: Pick<PoolConnection, 'execute' | 'query'>, sql: string, parameters: (string | number)[]) =>
    method === 'execute'
      ? on.execute({ sql, rowsAsArray: true }, parameters)
      : on.query({ sql, rowsAsArray: true }, parameters)
  await pool.query('drop table if exists bars')
  await pool.query(TABLE)
  const otherwise = `on duplicate key update ${UPDATES.map((column) => `${column} = values(${column})`).join(',')}`
  return {
    name: `MariaDB: raw ${method}(), blind upserts of 500 rows`,
    again: true,
    async write(bars) {
      const connection = await pool.getConnection()
      await connection.beginTransaction()
      for (const chunk of chunksOf(bars))
        await run(connection, `${insert(chunk.length)} ${otherwise}`, chunk.flatMap(values))
      await connection.commit()
      connection.release()
    },
    async read(series) {
      const [rows] = await run(pool as never, SELECT, [series])
      return (rows as unknown[]).length
    },
    close: () => pool.end(),
  }
}

interface BenchTables {
  bars: Record<'open_time' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'received_at', number> &
    Record<'venue' | 'symbol', string>
}
const rowOf = ({ series: venue, openTime: open_time, receivedAt: received_at, ...rest }: Bar) => ({
  ...rest,
  venue,
  open_time,
  received_at,
})

const kyselyWay = (name: string, db: Kysely<BenchTables>): Way => ({
  name,
  again: false,
  write: (bars) =>
    db.transaction().execute(async (on) => {
      for (const chunk of chunksOf(bars)) await on.insertInto('bars').values(chunk.map(rowOf)).execute()
    }),
  read: async (series) =>
    (await db.selectFrom('bars').selectAll().where('venue', '=', series).orderBy('open_time').execute()).length,
  close: () => db.destroy(),
})

const kyselySqlite = (path: string): Way => {
  const database = new DatabaseSync(path)
  database.exec(`pragma journal_mode = wal; pragma synchronous = normal; ${TABLE} without rowid`)
  const prepare = (sql: string) => {
    const statement = database.prepare(sql)
    return {
      reader: statement.columns().length > 0,
      all: (parameters: readonly unknown[]) => statement.all(...(parameters as never[])),
      run: (parameters: readonly unknown[]) => statement.run(...(parameters as never[])),
      iterate: (parameters: readonly unknown[]) => statement.iterate(...(parameters as never[])),
    }
  }
  return kyselyWay(
    'SQLite: kysely inserts of 500 rows',
    new Kysely({ dialect: new SqliteDialect({ database: { prepare, close: () => database.close() } }) }),
  )
}

const kyselyMariadb = async (port: number): Promise<Way> => {
  const pool = createPool({ host: '127.0.0.1', port, user: 'root', database: 'raw', connectionLimit: 1 })
  await pool.promise().query('drop table if exists bars')
  await pool.promise().query(TABLE)
  return kyselyWay('MariaDB: kysely inserts of 500 rows', new Kysely({ dialect: new MysqlDialect({ pool }) }))
}

if (import.meta.main) await benchStore()

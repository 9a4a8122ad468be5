import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RetryableError, SetupError } from '../../../../src/errors.ts'
import { MINUTE } from '../../../../src/model/time/bar.ts'
import { type BridgeDatabase, createBridgeDatabase } from '../../../../src/pipeline/sources/bridge/database.ts'
import { openTrainingset, trainingRows } from '../../../../src/pipeline/sources/bridge/trainingset.ts'
import { type Mariadb, startMariadb } from '../../../support/mariadb.ts'
import { mariadbPrograms } from '../../../support/system.ts'

const OPEN = Date.parse('2020-02-03T09:00+09:00')
const signal = () => new AbortController().signal

/** Ten rows that the old system published: minute, change of price and of volume in percent. */
const PUBLISHED: readonly (readonly [number, number, number])[] = [
  [0, 0, 67],
  [1, 0, 1061],
  [2, 3, 62],
  [3, -2, -83],
  [4, -1, -98],
  [5, 1, 24],
  [6, -2, 3448],
  [7, 1, -100],
  [10, 0, 700],
  [11, -1, 14900],
]

/** Column types that old tables have, and a row of each that is filed under 09:MM of 3 February 2020. */
const FORMS = {
  'numbers that lost their zeros': {
    types: 'date INT, time INT, per_price INT, per_volume INT, code INT',
    row: (minute: number, price: number, volume: number) =>
      `20200203, ${90_000 + 100 * minute}, ${price}, ${volume}, 38530`,
  },
  'text with six digits': {
    types: 'date CHAR(8), time CHAR(6), per_price VARCHAR(20), per_volume VARCHAR(20), code VARCHAR(10)',
    row: (minute: number, price: number, volume: number) =>
      `'20200203', '09${two(minute)}00', '${price}', '${volume}', '038530'`,
  },
  'text with four digits, a leading A': {
    types: 'date VARCHAR(10), time VARCHAR(10), per_price DOUBLE, per_volume DOUBLE, code VARCHAR(10)',
    row: (minute: number, price: number, volume: number) =>
      `'2020-02-03', '9${two(minute)}', ${price}, ${volume}, 'A038530'`,
  },
  'dates and times': {
    types: 'date DATE, time TIME, per_price DECIMAL(10,2), per_volume DECIMAL(14,2), code VARCHAR(10)',
    row: (minute: number, price: number, volume: number) =>
      `'2020-02-03', '09:${two(minute)}:00', ${price}, ${volume}, '38530'`,
  },
  'date-times as pandas writes them': {
    types: 'date DATETIME, time DATETIME, per_price DOUBLE, per_volume DOUBLE, code TEXT',
    row: (minute: number, price: number, volume: number) =>
      `'2020-02-03', '2020-02-03 09:${two(minute)}:00', ${price}, ${volume}, '038530'`,
  },
  'midnights beside clock times': {
    types: 'date DATETIME, time VARCHAR(8), per_price DOUBLE, per_volume DOUBLE, code BIGINT',
    row: (minute: number, price: number, volume: number) =>
      `'2020-02-03 00:00:00', '09:${two(minute)}:00', ${price}, ${volume}, 38530`,
  },
  'days of six digits': {
    types: 'date INT, time INT, per_price INT, per_volume INT, code INT',
    row: (minute: number, price: number, volume: number) =>
      `200203, ${90_000 + 100 * minute}, ${price}, ${volume}, 38530`,
  },
} as const
const two = (minute: number) => String(minute).padStart(2, '0')

describe.skipIf(!mariadbPrograms())('on a real MariaDB (skipped where no server is installed)', () => {
  let mariadb: Mariadb
  let database: BridgeDatabase
  beforeAll(async () => {
    mariadb = await startMariadb()
    database = createBridgeDatabase(mariadb.url('kiwoom3'))
  })
  afterAll(async () => {
    await database.close()
    await mariadb.remove()
  })

  const fill = (types: string, rows: readonly string[]) =>
    mariadb.run(
      'DROP DATABASE IF EXISTS kiwoom3',
      'CREATE DATABASE kiwoom3',
      `CREATE TABLE kiwoom3.trainingset (${types}) CHARSET euckr`,
      ...(rows.length > 0
        ? [`INSERT INTO kiwoom3.trainingset VALUES ${rows.map((row) => `(${row})`).join(', ')}`]
        : []),
    )
  const all = (code: string | null) =>
    trainingRows({ url: mariadb.url('kiwoom3'), table: 'trainingset', code }, signal())

  test.for(Object.entries(FORMS))(
    'the published rows, stored as %s, come back as they were',
    async ([, { types, row }]) => {
      // The old collector wrote rows newest first.
      await fill(types, PUBLISHED.map((published) => row(...published)).toReversed())
      const expected = PUBLISHED.map(([minute, perPrice, perVolume]) => ({
        symbol: '038530',
        filedTime: OPEN + minute * MINUTE,
        perPrice,
        perVolume,
      }))
      expect(await all('038530')).toEqual({ rows: expected, dropped: 0 })
      expect(await all('A038530')).toEqual({ rows: expected, dropped: 0 })
      expect(await all(null)).toEqual({ rows: expected, dropped: 0 })
      expect(await all('005930')).toEqual({ rows: [], dropped: 0 })
    },
  )

  test.for(Object.entries(FORMS))(
    'stored as %s, new rows are those since a moment, each minute once',
    async ([, { types, row }]) => {
      await fill(types, [...PUBLISHED.map((published) => row(...published)), row(10, 0, 700)])
      const trainingset = await openTrainingset(database, 'trainingset', signal())
      const since = OPEN + 7 * MINUTE
      const minutes = async () =>
        (await trainingset.newRows('038530', since, signal())).map((row) => [
          ((row.filedTime ?? 0) - OPEN) / MINUTE,
          row.perVolume,
        ])
      expect(await minutes()).toEqual([
        [7, -100],
        [10, 700],
        [11, 14900],
      ])
      await mariadb.run(`INSERT INTO kiwoom3.trainingset VALUES (${row(8, 1, 5)})`)
      expect(await minutes()).toEqual([
        [7, -100],
        [8, 5],
        [10, 700],
        [11, 14900],
      ])
      expect(await trainingset.newRows('005930', since, signal())).toEqual([])
      expect(await trainingset.newRows('0001A0', since, signal())).toEqual([])
      expect(await trainingset.newRows('038530', OPEN + 24 * 60 * MINUTE, signal())).toEqual([])
    },
  )

  test('with an index on code and date, new rows are found by key', async () => {
    const { types, row } = FORMS['text with six digits']
    await fill(
      `${types}, KEY (code, date)`,
      PUBLISHED.map((published) => row(...published)),
    )
    await mariadb.run(
      `INSERT INTO kiwoom3.trainingset
       SELECT DATE_FORMAT('2019-01-01' + INTERVAL seq DIV 40 DAY, '%Y%m%d'), '090000', 0, 0, '038530'
       FROM kiwoom3.seq_0_to_9999`,
      'ANALYZE TABLE kiwoom3.trainingset',
    )
    const trainingset = await openTrainingset(database, 'trainingset', signal())
    expect(trainingset.keyAdvice).toBeNull()
    await trainingset.newRows('038530', OPEN, signal())
    const before = await rowsRead()
    expect(await trainingset.newRows('038530', OPEN, signal())).toHaveLength(10)
    expect((await rowsRead()) - before).toBeLessThan(100) // of 10,010
  })
  const rowsRead = async () => {
    const connection = await createConnection({ host: '127.0.0.1', port: mariadb.port, user: 'root' })
    const sql =
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_read_next', 'Handler_read_rnd_next', 'Handler_read_key')"
    const [rows] = await connection.query<RowDataPacket[]>(sql)
    await connection.end()
    return rows.reduce((sum, row) => sum + Number(row.Value), 0)
  }

  test('the index that is advised can be added, whatever the columns are', async () => {
    await fill('date TEXT, time TEXT, per_price DOUBLE, per_volume DOUBLE, code TEXT', [
      "'20200203', '090000', 0, 67, '038530'",
    ])
    const advice = (await openTrainingset(database, 'trainingset', signal())).keyAdvice
    expect(advice).toBe('ALTER TABLE trainingset ADD INDEX (code(7), date(10))')
    await mariadb.run('USE kiwoom3', String(advice))
    const keyed = await openTrainingset(database, 'trainingset', signal())
    expect(keyed.keyAdvice).toBeNull()
    expect(await keyed.newRows('038530', OPEN, signal())).toHaveLength(1)
  })

  test.for(Object.entries(FORMS))(
    'stored as %s, the newest row is the newest that has come',
    async ([, { types, row }]) => {
      await fill(types, PUBLISHED.map((published) => row(...published)).toReversed())
      const trainingset = await openTrainingset(database, 'trainingset', signal())
      expect(await trainingset.newest(OPEN + 60 * MINUTE, signal())).toBe(OPEN + 11 * MINUTE)
      expect(await trainingset.newest(OPEN + 5 * MINUTE, signal())).toBe(OPEN + 5 * MINUTE)
      expect(await trainingset.newest(OPEN - 24 * 60 * MINUTE, signal())).toBeNull()
    },
  )

  test('rows without two numbers are counted out; a garbled time alone costs no row', async () => {
    await fill(FORMS['text with six digits'].types, [
      "'20200203', '090000', '0', '67', '038530'",
      "'20200203', '090100', '', '1061', '038530'",
      "'20200203', '090200', '3', NULL, '038530'",
      "'20200203', '090300', '--2', '-83', '038530'",
      "'', '??', '-1', '-98', '038530'",
    ])
    expect(await all('038530')).toEqual({
      rows: [
        { symbol: '038530', filedTime: OPEN, perPrice: 0, perVolume: 67 },
        { symbol: '038530', filedTime: null, perPrice: -1, perVolume: -98 },
      ],
      dropped: 3,
    })
  })

  test('repeated rows stay in a fit, and an empty table is just empty', async () => {
    const { types, row } = FORMS['numbers that lost their zeros']
    await fill(types, [row(1, 0, 1061), row(1, 0, 1061)])
    expect((await all('038530')).rows).toHaveLength(2)
    await fill(types, [])
    expect(await all(null)).toEqual({ rows: [], dropped: 0 })
    const trainingset = await openTrainingset(database, 'trainingset', signal())
    expect(trainingset.keyAdvice).toBe('ALTER TABLE trainingset ADD INDEX (code, date)')
    expect(await trainingset.newRows('038530', OPEN, signal())).toEqual([])
  })

  test('what is missing or mistyped is said in a sentence', async () => {
    await fill('date INT, time INT, price INT, code INT', [])
    await expect(all(null)).rejects.toThrow(
      'DATABASE_URL: table trainingset has no column per_price, per_volume. ' +
        'Expected date, time, per_price, per_volume, code',
    )
    await mariadb.run('DROP TABLE kiwoom3.trainingset')
    const missing = await all(null).catch((error: unknown) => error)
    expect(missing).toBeInstanceOf(SetupError)
    await fill(FORMS['dates and times'].types, [])
    await expect(all('삼성전자')).rejects.toThrow('“삼성전자” is no stock code')
    const nobody = trainingRows(
      { url: 'mysql://root@127.0.0.1:1/kiwoom3', table: 'trainingset', code: null, setting: 'BRIDGE_URL' },
      signal(),
    )
    await expect(nobody).rejects.toThrow(RetryableError)
  })
})

import { inspect } from 'node:util'
import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { validate } from 'node-cron'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../../../src/config.ts'
import { RetryableError, SetupError, UnknownSymbolError } from '../../../../src/errors.ts'
import { createLog } from '../../../../src/log.ts'
import { MINUTE } from '../../../../src/model/time/bar.ts'
import { createKrxCalendar } from '../../../../src/pipeline/calendar/krx.ts'
import { createBridgeSource } from '../../../../src/pipeline/sources/bridge/source.ts'
import { sources } from '../../../../src/pipeline/sources/index.ts'
import type { BarSource } from '../../../../src/pipeline/sources/source.ts'
import { type Mariadb, startMariadb } from '../../../support/mariadb.ts'
import { memoryStore } from '../../../support/market.ts'
import { mariadbPrograms } from '../../../support/system.ts'
import { setupContract, sourceContract } from '../contract.ts'

const kst = (text: string) => Date.parse(`${text}+09:00`)
const OPEN = kst('2026-11-17T09:00')
const NIGHT = kst('2026-11-17T22:00')
const day = { from: kst('2026-11-17T00:00'), to: kst('2026-11-18T00:00') }
const signal = () => new AbortController().signal

/** The table as README shows it. */
const CREATE = `CREATE TABLE other.minutewatch_bars (
  symbol VARCHAR(12) NOT NULL, time DATETIME NOT NULL,
  open INT NOT NULL, high INT NOT NULL, low INT NOT NULL, close INT NOT NULL, volume BIGINT NOT NULL,
  PRIMARY KEY (symbol, time))`
const NAMES = `CREATE TABLE other.minutewatch_names (
  symbol VARCHAR(12) PRIMARY KEY, name VARCHAR(60) NOT NULL, market VARCHAR(20)) CHARSET utf8mb4`
const insert = (table: string, ...rows: string[]) =>
  `INSERT INTO other.${table} VALUES ${rows.map((row) => `(${row})`).join(', ')}`

describe.skipIf(!mariadbPrograms())('on a real MariaDB (skipped where no server is installed)', () => {
  let mariadb: Mariadb
  const closing: (() => Promise<void>)[] = []
  beforeAll(async () => {
    mariadb = await startMariadb()
  })
  afterAll(() => mariadb.remove())
  afterEach(async () => {
    for (const close of closing.splice(0)) await close()
  })

  const fresh = (...statements: string[]) =>
    mariadb.run('DROP DATABASE IF EXISTS other', 'CREATE DATABASE other', ...statements)
  const open = (options: { table?: string; now?: () => number; url?: string } = {}): BarSource => {
    const source = createBridgeSource({
      url: options.url ?? mariadb.url('other'),
      ...(options.table ? { table: options.table } : {}),
      calendar: createKrxCalendar(),
      now: options.now ?? (() => NIGHT),
      log: createLog('silent'),
    })
    closing.push(() => source.close())
    return source
  }
  const query = async (sql: string): Promise<RowDataPacket[]> => {
    const connection = await createConnection({ host: '127.0.0.1', port: mariadb.port, user: 'root' })
    try {
      const [rows] = await connection.query<RowDataPacket[]>(sql)
      return rows
    } finally {
      await connection.end()
    }
  }
  const closes = async (source: BarSource, symbol = '038530', interval = day) =>
    (await source.fetchBars(symbol, interval, signal())).map(({ openTime, close, volume }) => [
      (openTime - OPEN) / MINUTE,
      close,
      volume,
    ])

  sourceContract('bridge', async () => {
    let time = kst('2026-11-17T13:00')
    await fresh(
      CREATE,
      `INSERT INTO other.minutewatch_bars
       SELECT '038530', '2026-11-17 09:00:00' + INTERVAL seq MINUTE, 1082, 1085, 1080, 1083, seq + 1
       FROM other.seq_0_to_390 WHERE seq % 7 <> 3`,
    )
    const pass = (ms: number) => {
      time += ms
    }
    return {
      source: open({ now: () => time }),
      symbol: '038530',
      interval: { from: OPEN, to: OPEN + 200 * MINUTE },
      unknown: '999999',
      pass,
    }
  })

  setupContract('bridge', async () => {
    await fresh()
    return { source: open(), symbol: '038530', interval: day }
  })

  test('node-cron understands when it is worth asking', () => {
    expect(validate(open().collectAt)).toBe(true)
  })

  test('rows of the documented table come as bars of the interval, oldest first, closed ones only', async () => {
    await fresh(
      CREATE,
      insert(
        'minutewatch_bars',
        "'038530','2026-11-17 09:01:00',1083,1084,1082,1083,20",
        "'038530','2026-11-17 09:00:00',1082,1085,1080,1083,900",
      ),
    )
    await mariadb.run(
      insert(
        'minutewatch_bars',
        "'005930','2026-11-17 09:00:00',1,1,1,1,1",
        "'038530','2026-11-16 15:30:00',1070,1070,1070,1070,9",
      ),
    )
    let now = NIGHT
    const source = open({ now: () => now })
    await source.open(signal())
    expect(await closes(source)).toEqual([
      [0, 1083, 900],
      [1, 1083, 20],
    ])
    expect((await source.fetchBars('038530', day, signal()))[0]).toEqual({
      series: 'bridge',
      symbol: '038530',
      openTime: OPEN,
      open: 1082,
      high: 1085,
      low: 1080,
      close: 1083,
      volume: 900,
      receivedAt: NIGHT,
    })
    now = OPEN + 2 * MINUTE - 1
    expect(await closes(open({ now: () => now }))).toEqual([[0, 1083, 900]])
    now = NIGHT
    expect(await closes(source, '038530', { from: OPEN + MINUTE, to: OPEN + MINUTE })).toEqual([])
    expect(await closes(source, '038530', { from: OPEN + 1, to: OPEN + MINUTE + 1 })).toEqual([[1, 1083, 20]])
    expect(await closes(open({ url: mariadb.url('mysql'), table: 'other.minutewatch_bars' }))).toHaveLength(2)
  })

  test('signed prices, codes without zeros or with an A, repeated minutes and broken rows', async () => {
    await fresh(
      `CREATE TABLE other.old (
         symbol VARCHAR(20), time CHAR(14), open VARCHAR(12), high VARCHAR(12), low VARCHAR(12), close VARCHAR(12),
         volume VARCHAR(12), KEY (symbol, time)) CHARSET euckr`,
      insert(
        'old',
        "'A038530','20261117090000','-1082','+1085','-1080','-1083',' 900'",
        "'38530','20261117090100','1083','1083','1083','1083','20'",
        "'038530','20261117090100','1084','1084','1084','1084','25'",
        "'A038530','20261117090100','1085','1085','1085','1085','30'",
        "'038530','20261117090200','--123','1083','1083','1083','20'",
        "'038530','20261117090300','','1083','1083','1083','20'",
        "'038530','20261117090400','1083','1083','1083','1083',NULL",
        "'038530','20261117090500','1083','1000','1083','1083','20'",
        "'038530','20261117152500','1083','1083','1083','1083','20'",
        "'038530','20261117153500','1083','1083','1083','1083','20'",
        "'038530','20261117153000','+1090','+1090','+1090','+1090','3000'",
      ),
    )
    const source = open({ table: 'old' })
    expect(source.series).toBe('bridge:old')
    expect(await closes(source)).toEqual([
      [0, 1083, 900],
      [1, 1084, 25],
      [390, 1090, 3000],
    ])
    expect((await source.listings(signal())).map((listing) => listing.symbol)).toEqual(['038530'])
  })

  test.for([
    ['DATETIME', "'2026-11-17 09:00:00'"],
    ['TIMESTAMP', "CONVERT_TZ('2026-11-17 09:00:00', '+09:00', @@session.time_zone)"],
    ['BIGINT', '20261117090000'],
    ['BIGINT', String(OPEN)],
    ['BIGINT', String(OPEN / 1000)],
    ['CHAR(12)', "'202611170900'"],
    ['VARCHAR(19)', "'2026-11-17 09:00'"],
    ['VARCHAR(19)', "'2026-11-17T09:00:00'"],
  ] as const)('a time column %s holding %s', async ([type, value]) => {
    await fresh(
      `CREATE TABLE other.t (
         symbol INT NOT NULL, time ${type} NOT NULL, open DOUBLE, high DOUBLE, low DECIMAL(12,2), close DECIMAL(12,2),
         volume BIGINT, PRIMARY KEY (symbol, time))`,
      insert('t', `38530,${value},1082,1082,1082,1082,900`),
    )
    const source = open({ table: 't' })
    expect(await closes(source)).toEqual([[0, 1082, 900]])
    // The first minute of the interval, and the minute after its end.
    expect(await closes(source, '038530', { from: OPEN, to: OPEN + MINUTE })).toEqual([[0, 1082, 900]])
    expect(await closes(source, '038530', { from: OPEN + MINUTE, to: day.to })).toEqual([])
  })

  test('what opt10080 says can be written into the documented table as it is, again and again', async () => {
    await fresh(CREATE)
    const write = (volume: string) =>
      mariadb.run(
        `REPLACE INTO other.minutewatch_bars
         VALUES ('A038530', '20261117090000', '-1082', '+1085', '-1080', '  -1083', '${volume}')`,
      )
    await write('400')
    await write('900')
    expect(await closes(open())).toEqual([[0, 1083, 900]])
  })

  describe('the doctor', () => {
    const BARE = CREATE.replace(/,\s*PRIMARY KEY \(symbol, time\)/, '')
      .replace('symbol VARCHAR(12)', 'symbol TEXT')
      .replace('time DATETIME', 'time TEXT')
    const at = (time: string, symbol = '038530') =>
      insert('minutewatch_bars', `'${symbol}','${time}',1082,1082,1082,1082,900`)
    const findings = async (clock: string) =>
      (await open({ now: () => kst(`2026-11-17T${clock}`) }).check?.(signal())) ?? []
    const advice = ': look whether the collector runs and which database it writes to'

    test('tells how old the newest row is, whatever a wrong one says', async () => {
      await fresh(
        CREATE,
        at('2026-11-16 15:30:00'),
        at('2026-11-13 15:30:00', '005930'),
        at('2099-11-17 15:30:00', '005930'),
      )
      const newest = 'newest row of minutewatch_bars is of 2026-11-16 15:30 KST'
      expect(await findings('09:29')).toEqual([{ ok: true, message: `${newest}, 17 hours old` }])
      expect(await findings('09:30')).toEqual([{ ok: false, message: `${newest}, 18 hours old${advice}` }])
      await mariadb.run(at('2026-11-17 15:10:00'))
      expect((await findings('15:30'))[0]).toMatchObject({
        ok: true,
        message: expect.stringContaining('20 minutes old'),
      })
      expect((await findings('23:30'))[0]?.ok).toBe(true)
      await fresh(CREATE)
      expect(await findings('10:00')).toEqual([
        {
          ok: false,
          message: 'minutewatch_bars has no row yet: nothing can be watched until the collector writes one',
        },
      ])
    })

    test('tells which key a table lacks, in words that can be pasted', async () => {
      await fresh(BARE, at('2026-11-17 10:00:00'))
      const [, missing] = await findings('10:01')
      const statement = 'ALTER TABLE minutewatch_bars ADD INDEX (symbol(12), time(19))'
      expect(missing).toEqual({
        ok: false,
        message: `minutewatch_bars has no key on (symbol, time), so every read scans it all: ${statement}`,
      })
      await mariadb.run('USE other', statement)
      expect(await findings('10:01')).toHaveLength(1)
    })

    test('finds the newest row of a large table by its key', async () => {
      await fresh(
        CREATE,
        `INSERT INTO other.minutewatch_bars
         SELECT 100000 + seq DIV 5000, '2026-11-02 09:00:00' + INTERVAL seq MOD 5000 MINUTE, 1, 1, 1, 1, 1
         FROM other.seq_0_to_99999`,
        'ANALYZE TABLE other.minutewatch_bars',
      )
      const source = open()
      await source.check?.(signal())
      const before = await rowsRead()
      expect((await source.check?.(signal()))?.[0]?.message).toContain('2026-11-05 20:19')
      expect((await rowsRead()) - before).toBeLessThan(200) // of 100,000
    })
  })

  test('names come from the second table when it is there', async () => {
    await fresh(
      CREATE,
      insert('minutewatch_bars', "'A038530','2026-11-17 09:00:00',1,1,1,1,1", "'5930','2026-11-17 09:00:00',1,1,1,1,1"),
    )
    const source = open()
    expect(await source.listings(signal())).toEqual([
      { symbol: '005930', name: '005930', nameEn: null, market: 'KRX', warnings: [], nxtTradable: null },
      { symbol: '038530', name: '038530', nameEn: null, market: 'KRX', warnings: [], nxtTradable: null },
    ])
    await mariadb.run(NAMES, "INSERT INTO other.minutewatch_names VALUES ('A038530', '케이바이오랩스', 'KOSDAQ')")
    expect((await source.listings(signal()))[1]).toMatchObject({ name: '케이바이오랩스', market: 'KOSDAQ' })
    expect(await source.lookup?.('038530', signal())).toMatchObject({ name: '케이바이오랩스' })
    expect(await source.lookup?.('000660', signal())).toBeNull()
  })

  test('an empty table has no stock; one that gets its first row has', async () => {
    await fresh(CREATE)
    const source = open()
    await source.open(signal())
    await expect(closes(source)).rejects.toThrow(UnknownSymbolError)
    await mariadb.run(insert('minutewatch_bars', "'038530','2026-11-17 09:00:00',1082,1082,1082,1082,900"))
    expect(await closes(source)).toEqual([[0, 1082, 900]])
    expect(await closes(source, '038530', { from: OPEN + 60 * MINUTE, to: day.to })).toEqual([])
    await expect(closes(source, '000660')).rejects.toThrow(UnknownSymbolError)
  })

  test('a late row and a corrected one are there at the next reading of the same minutes', async () => {
    await fresh(
      CREATE,
      insert(
        'minutewatch_bars',
        "'038530','2026-11-17 09:00:00',1082,1082,1082,1082,900",
        "'038530','2026-11-17 09:02:00',1084,1084,1084,1084,5",
      ),
    )
    const source = open()
    expect(await closes(source)).toEqual([
      [0, 1082, 900],
      [2, 1084, 5],
    ])
    await mariadb.run(
      insert('minutewatch_bars', "'038530','2026-11-17 09:01:00',1083,1083,1083,1083,20"),
      "REPLACE INTO other.minutewatch_bars VALUES ('038530','2026-11-17 09:02:00',1084,1084,1084,1084,7)",
    )
    expect(await closes(source)).toEqual([
      [0, 1082, 900],
      [1, 1083, 20],
      [2, 1084, 7],
    ])
    expect(source).toMatchObject({ rereadMinutes: 10, historyGrows: true, tellsClosedDays: false })
  })

  test('reading while another writes: whole rows in order, and all of them in the end', async () => {
    await fresh(CREATE)
    const minutes = 120
    const source = open()
    const writer = await createConnection({ host: '127.0.0.1', port: mariadb.port, user: 'root' })
    const writing = (async () => {
      for (let i = 0; i < minutes; i++) {
        const at = `'2026-11-17 09:00:00' + INTERVAL ${i} MINUTE`
        await writer.query(`REPLACE INTO other.minutewatch_bars VALUES ('038530', ${at}, 1, 1, 1, 1, 1)`)
        await writer.query(
          `REPLACE INTO other.minutewatch_bars
           VALUES ('038530', ${at}, ${i + 1}, ${i + 1}, ${i + 1}, ${i + 1}, ${i + 1})`,
        )
      }
      await writer.end()
      return true
    })()
    let done = false
    let readings = 0
    while (!done) {
      done = await Promise.race([writing, Promise.resolve(false)])
      const bars = await source.fetchBars('038530', day, signal()).catch((error) => {
        if (error instanceof UnknownSymbolError) return []
        throw error
      })
      readings++
      expect(bars.map((bar) => (bar.openTime - OPEN) / MINUTE)).toEqual(bars.map((_, i) => i))
      // Only the newest row may still be the first of its two versions.
      expect(bars.slice(0, -1).every((bar, i) => bar.close === i + 1 && bar.volume === i + 1)).toBe(true)
    }
    expect(readings).toBeGreaterThan(1)
    expect(await closes(source)).toEqual(Array.from({ length: minutes }, (_, i) => [i, i + 1, i + 1]))
  })

  test.for([
    ['VARCHAR(12)', 'DATETIME', "'2026-01-05 09:00:00' + INTERVAL seq MINUTE", 'utf8mb4'],
    ['VARCHAR(12)', 'CHAR(14)', "DATE_FORMAT('2026-01-05 09:00:00' + INTERVAL seq MINUTE, '%Y%m%d%H%i%s')", 'euckr'],
    ['INT', 'BIGINT', "DATE_FORMAT('2026-01-05 09:00:00' + INTERVAL seq MINUTE, '%Y%m%d%H%i%s')", 'utf8mb4'],
  ] as const)('only what is asked for is read, by key: %s, %s', async ([symbol, time, at, charset]) => {
    const code = symbol === 'INT' ? '38530' : "'038530'"
    await fresh(
      `CREATE TABLE other.big (
         symbol ${symbol} NOT NULL, time ${time} NOT NULL, open INT, high INT, low INT, close INT, volume INT,
         PRIMARY KEY (symbol, time)) CHARSET ${charset}`,
      `INSERT INTO other.big SELECT ${code}, ${at}, 1000, 1000, 1000, 1000, seq + 1 FROM other.seq_0_to_49999`,
      `INSERT INTO other.big
       SELECT ${symbol === 'INT' ? '5930' : "'005930'"}, ${at}, 1000, 1000, 1000, 1000, 1 FROM other.seq_0_to_49999`,
      'ANALYZE TABLE other.big',
    )
    const source = open({ table: 'big', now: () => kst('2026-02-01T00:00') })
    const from = kst('2026-01-07T10:00')
    // The log is switched on first: MariaDB logs the values only of statements that were prepared with it on.
    await mariadb.run("SET GLOBAL log_output = 'TABLE'", 'TRUNCATE mysql.general_log', 'SET GLOBAL general_log = 1')
    await source.fetchBars('038530', { from, to: from + MINUTE }, signal())
    const before = await rowsRead()
    expect(await source.fetchBars('038530', { from, to: from + 10 * MINUTE }, signal())).toHaveLength(10)
    const read = (await rowsRead()) - before
    await mariadb.run('SET GLOBAL general_log = 0')
    expect(read).toBeLessThan(100) // of 100,000
    const [statement] = await query(
      `SELECT CONVERT(argument USING utf8mb4) AS statement FROM mysql.general_log
       WHERE command_type = 'Execute' AND argument LIKE '%FROM \`big\` WHERE%' ORDER BY event_time DESC LIMIT 1`,
    )
    const [plan] = await query(`EXPLAIN ${String(statement?.statement).replace('`big`', 'other.big')}`)
    expect(plan).toMatchObject({ type: 'range', key: 'PRIMARY' })
    expect(Number(plan?.rows)).toBeLessThan(50)
  })
  const rowsRead = async () => {
    const rows = await query(
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_read_next', 'Handler_read_rnd_next', 'Handler_read_key')",
    )
    return rows.reduce((sum, row) => sum + Number(row.Value), 0)
  }

  test.for([
    [
      'no such table',
      'CREATE TABLE other.else_ (x INT)',
      /table minutewatch_bars does not exist, or this user may not read it/,
    ],
    [
      'a column missing',
      'CREATE TABLE other.minutewatch_bars (symbol INT, time DATETIME, close INT)',
      /has no column open, high, low, volume/,
    ],
  ] as const)('%s: the operator hears what and where', async ([, statement, sentence]) => {
    await fresh(statement)
    const error = await open()
      .open(signal())
      .catch((e: unknown) => e)
    expect(error).toBeInstanceOf(SetupError)
    expect((error as Error).message).toMatch(sentence)
    expect((error as Error).message).toMatch(/^DATABASE_URL: table minutewatch_bars /)
  })

  test('the old table in its place is known by its columns, and read as what it is', async () => {
    const choose = async (create: string) => {
      await fresh(create)
      const settings = readConfig({ SOURCE: 'bridge', BRIDGE_URL: mariadb.url('other'), BRIDGE_TABLE: 't' })
      const source = await sources.bridge(settings, {
        store: await memoryStore(),
        log: createLog('silent'),
        now: () => NIGHT,
      })
      closing.push(() => source.close())
      return source.kind
    }
    expect(await choose('CREATE TABLE other.t (date INT, time INT, per_price INT, per_volume INT, code INT)')).toBe(
      'changes',
    )
    expect(await choose(CREATE.replace('minutewatch_bars', 't'))).toBe('bars')
    expect(await choose('CREATE TABLE other.else_ (x INT)')).toBe('bars')
  })

  test('times that cannot be read are said, not guessed', async () => {
    await fresh(
      'CREATE TABLE other.t (symbol INT, time INT, open INT, high INT, low INT, close INT, volume INT)',
      insert('t', '38530,900,1,1,1,1,1'),
    )
    await expect(open({ table: 't' }).fetchBars('038530', day, signal())).rejects.toThrow(
      /column time of t holds “900”/,
    )
  })

  test.for([
    [
      'a wrong password',
      'mysql://reader:hunter2@HOST/other',
      SetupError,
      /names user reader, whom the database server .* does not let in/,
    ],
    [
      'another database',
      'mysql://reader:s3cret@HOST/mysql',
      SetupError,
      /does not let user reader read minutewatch_bars/,
    ],
    ['no such database', 'mysql://root@HOST/nowhere', SetupError, /Unknown database 'nowhere'/],
    [
      'nobody there',
      'mysql://root:hunter2@127.0.0.1:1/other',
      RetryableError,
      /MariaDB at 127\.0\.0\.1:1 gave no answer .*ECONNREFUSED/,
    ],
    [
      'a host that is not',
      'mysql://root:hunter2@no-such-host.invalid/other',
      RetryableError,
      /\(ENOTFOUND\): is the name of the host right\?$/,
    ],
    [
      'a locked account',
      'mysql://locked:s3cret@HOST/other',
      SetupError,
      /names user locked, whose account .* has locked: unlock it there/,
    ],
    [
      'an expired password',
      'mysql://expired:s3cret@HOST/other',
      SetupError,
      /names user expired, whose password has expired/,
    ],
    [
      'a limit of queries',
      'mysql://limited:s3cret@HOST/other',
      RetryableError,
      /user limited, who .* allows \(max_queries_per_hour\): raise the/,
    ],
    ['a machine that is not let in', 'mysql://stranger:s3cret@HOST/other', SetupError, /does not let in/],
  ] as const)('%s: one sentence without the password', async ([, url, kind, sentence]) => {
    await fresh(
      CREATE,
      "CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 's3cret'",
      "GRANT SELECT ON other.minutewatch_bars TO reader@'127.0.0.1'",
      "CREATE OR REPLACE USER locked@'127.0.0.1' IDENTIFIED BY 's3cret' ACCOUNT LOCK",
      "CREATE OR REPLACE USER expired@'127.0.0.1' IDENTIFIED BY 's3cret' PASSWORD EXPIRE",
      "CREATE OR REPLACE USER limited@'127.0.0.1' IDENTIFIED BY 's3cret' WITH MAX_QUERIES_PER_HOUR 1",
      "CREATE OR REPLACE USER stranger@'192.0.2.1' IDENTIFIED BY 's3cret'",
      "GRANT SELECT ON other.* TO expired@'127.0.0.1', limited@'127.0.0.1'",
    )
    const address = url.replace('HOST', `127.0.0.1:${mariadb.port}`)
    // The first connection uses up the hour's limit.
    await open({ url: address })
      .open(signal())
      .catch(() => {})
    const source = open({ url: address })
    const error = await source.open(signal()).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(kind)
    expect((error as Error).message).toMatch(sentence)
    expect((error as Error).message).toMatch(/^DATABASE_URL/)
    expect(inspect(error, { depth: 9 })).not.toMatch(/hunter2|s3cret/)
  })

  test('a password with every sign that an address escapes', async () => {
    await fresh(CREATE, insert('minutewatch_bars', "'038530','2026-11-17 09:00:00',1082,1082,1082,1082,900"))
    const password = '%@/#?:&+ 암호'
    await mariadb.run(
      `CREATE OR REPLACE USER odd@'127.0.0.1' IDENTIFIED BY '${password}'`,
      "GRANT SELECT ON other.* TO odd@'127.0.0.1'",
    )
    const source = open({ url: `mysql://odd:${encodeURIComponent(password)}@127.0.0.1:${mariadb.port}/other` })
    expect(await closes(source)).toEqual([[0, 1082, 900]])
  })

  test('the right to read one table is enough', async () => {
    await fresh(
      CREATE,
      "CREATE OR REPLACE USER reader@'127.0.0.1' IDENTIFIED BY 's3cret'",
      "GRANT SELECT ON other.minutewatch_bars TO reader@'127.0.0.1'",
    )
    await mariadb.run(insert('minutewatch_bars', "'038530','2026-11-17 09:00:00',1082,1082,1082,1082,900"))
    const source = open({ url: `mariadb://reader:s3cret@127.0.0.1:${mariadb.port}/other` })
    await source.open(signal())
    expect(await closes(source)).toEqual([[0, 1082, 900]])
    expect(await source.listings(signal())).toHaveLength(1)
  })

  test('a server without autocommit shows what has been written since, and lets its table be altered', async () => {
    await fresh(CREATE, insert('minutewatch_bars', "'038530','2026-11-17 09:00:00',1082,1082,1082,1082,900"))
    await mariadb.run('SET GLOBAL autocommit = 0')
    try {
      const source = open()
      expect(await closes(source)).toEqual([[0, 1082, 900]])
      await mariadb.run(insert('minutewatch_bars', "'038530','2026-11-17 09:01:00',1083,1083,1083,1083,20"), 'COMMIT')
      expect(await closes(source)).toEqual([
        [0, 1082, 900],
        [1, 1083, 20],
      ])
      await mariadb.run(
        'SET SESSION lock_wait_timeout = 2',
        'ALTER TABLE other.minutewatch_bars ADD COLUMN note INT NULL',
      )
    } finally {
      await mariadb.run('SET GLOBAL autocommit = 1')
    }
  })

  test('a server that goes away and comes back costs errors that time heals, nothing else', async () => {
    await fresh(CREATE, insert('minutewatch_bars', "'038530','2026-11-17 09:00:00',1082,1082,1082,1082,900"))
    const source = open()
    expect(await closes(source)).toHaveLength(1)
    await mariadb.stop()
    await expect(closes(source)).rejects.toThrow(RetryableError)
    await mariadb.start()
    await expect
      .poll(() => closes(source).catch((error) => error instanceof RetryableError && 'again'))
      .toEqual([[0, 1082, 900]])
  })

  test('a cancelled read rejects with the caller’s reason, though the server does not answer', async () => {
    await fresh(CREATE, insert('minutewatch_bars', "'038530','2026-11-17 09:00:00',1082,1082,1082,1082,900"))
    const source = open()
    await closes(source)
    const enough = new Error('enough')
    await expect(source.fetchBars('038530', day, AbortSignal.abort(enough))).rejects.toBe(enough)
    const writer = await createConnection({ host: '127.0.0.1', port: mariadb.port, user: 'root' })
    try {
      await writer.query('LOCK TABLES other.minutewatch_bars WRITE')
      const cancelling = new AbortController()
      const reading = source.fetchBars('038530', day, cancelling.signal)
      const waiting =
        "SELECT COUNT(*) AS waiting FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for table%'"
      await expect.poll(async () => Number((await query(waiting))[0]?.waiting)).toBe(1)
      cancelling.abort(enough)
      await expect(reading).rejects.toBe(enough)
    } finally {
      await writer.end()
    }
    expect(await closes(source)).toEqual([[0, 1082, 900]])
  })
})

test.for([
  ['sqlite:data/minutewatch.db', /^BRIDGE_URL names no MariaDB: write mysql:/],
  ['nonsense', /^BRIDGE_URL names no MariaDB: write mysql:/],
  ['mysql://root:hunter2@host:99999/x', /^BRIDGE_URL cannot be read as an address: write mysql:.* % as %25/],
  ['mysql://root:hunter2@host', /^BRIDGE_URL must end in one database name/],
  [
    'mysql://root:hunter2%@host/x',
    /^BRIDGE_URL has a % in its password that is not part of an escape: write it as %25\.$/,
  ],
] as const)('the address %j is refused in a sentence without its password', ([url, sentence]) => {
  const make = () =>
    createBridgeSource({
      url,
      calendar: createKrxCalendar(),
      now: () => NIGHT,
      log: createLog('silent'),
      setting: 'BRIDGE_URL',
    })
  expect(make).toThrow(SetupError)
  expect(make).toThrow(sentence)
  expect(make).not.toThrow(/hunter2/)
})

test.for(['bars; DROP TABLE x', 'a.b.c', '', 'x`y'])('the table name %j is refused', (table) => {
  const make = () =>
    createBridgeSource({
      url: 'mysql://root@127.0.0.1:1/x',
      table,
      calendar: createKrxCalendar(),
      now: () => NIGHT,
      log: createLog('silent'),
    })
  expect(make).toThrow(SetupError)
})

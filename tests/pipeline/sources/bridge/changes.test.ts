import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { RetryableError, SetupError, UnknownSymbolError } from '../../../../src/errors.ts'
import { MINUTE } from '../../../../src/model/time/bar.ts'
import { createKrxCalendar } from '../../../../src/pipeline/calendar/krx.ts'
import { createTrainingsetSource } from '../../../../src/pipeline/sources/bridge/changes.ts'
import type { ChangesSource } from '../../../../src/pipeline/sources/source.ts'
import { type Mariadb, startMariadb } from '../../../support/mariadb.ts'
import { silent } from '../../../support/market.ts'
import { needs } from '../../../support/needs.ts'

const { describe, test } = needs('mariadb')

const OPEN = Date.parse('2026-11-17T09:00+09:00')
const signal = () => new AbortController().signal
const KEYED =
  'CREATE TABLE old.trainingset (date INT, time INT, per_price INT, per_volume INT, code INT, INDEX (code, date))'

describe('the old table as a source', () => {
  let mariadb: Mariadb
  const closing: ChangesSource[] = []
  beforeAll(async () => {
    mariadb = await startMariadb()
  })
  afterAll(() => mariadb?.remove())
  afterEach(async () => {
    for (const source of closing.splice(0)) await source.close()
  })

  const fresh = (...statements: string[]) =>
    mariadb.run('DROP DATABASE IF EXISTS old', 'CREATE DATABASE old', ...statements)
  const insert = (...rows: string[]) => `INSERT INTO old.trainingset VALUES ${rows.map((row) => `(${row})`).join(', ')}`
  const open = (url = mariadb.url('old')): ChangesSource => {
    const source = createTrainingsetSource({
      url,
      table: 'trainingset',
      calendar: createKrxCalendar(),
      now: () => OPEN,
      log: silent,
    })
    closing.push(source)
    return source
  }
  const changes = async (source: ChangesSource, since: number | null = null) =>
    (await source.fetchRows('038530', since, signal())).map(({ openTime, row }) => [(openTime - OPEN) / MINUTE, ...row])

  test('gives each change once, under the minute after the filed one; the later of two rows counts', async () => {
    await fresh(
      KEYED,
      insert(
        '20261117, 90300, -1, 30, 38530',
        '20261117, 90100, 0, 10, 38530',
        '20261117, 90100, 2, 20, 38530',
        '20261117, 90200, 9, 9, 5930',
      ),
    )
    const source = open()
    expect(await changes(source)).toEqual([
      [2, 2, 20],
      [4, -1, 30],
    ])
    expect(await changes(source, OPEN + 3 * MINUTE)).toEqual([[4, -1, 30]])
    expect((await source.listings(signal())).map(({ symbol }) => symbol)).toEqual(['005930', '038530'])
  })

  test('reads of a large table only the days that are asked for, by key', async () => {
    await fresh(
      KEYED,
      `INSERT INTO old.trainingset
       SELECT 20200101 + seq DIV 400, 90000, 0, seq, 38530 + seq % 7 FROM old.seq_0_to_99999`,
      insert('20261117, 90100, 0, 10, 38530'),
    )
    const source = open()
    await source.open(signal())
    const connection = await createConnection({ host: '127.0.0.1', port: mariadb.port, user: 'root' })
    const handled = async () => {
      const [rows] = await connection.query<RowDataPacket[]>(
        "SHOW GLOBAL STATUS WHERE Variable_name IN ('Handler_read_next', 'Handler_read_rnd_next')",
      )
      return rows.reduce((sum, row) => sum + Number(row.Value), 0)
    }
    const before = await handled()
    expect(await changes(source, OPEN)).toEqual([[2, 0, 10]])
    expect((await handled()) - before).toBeLessThan(200) // of 100,001
    await connection.end()
  })

  test('knows a stock that it holds and no other', async () => {
    await fresh(KEYED, insert('20261117, 90100, 0, 10, 38530'))
    const source = open()
    expect(await source.lookup?.('038530', signal())).toMatchObject({ symbol: '038530' })
    expect(await source.lookup?.('005930', signal())).toBeNull()
    await expect(source.fetchRows('005930', null, signal())).rejects.toThrow(UnknownSymbolError)
    expect(source.tellsClosedDays).toBe(false)
  })

  test('is given up when it is told to stop', async () => {
    await fresh(KEYED)
    await expect(open().fetchRows('038530', null, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped')
  })

  test('without a key the doctor says which to add', async () => {
    await fresh(KEYED.replace(', INDEX (code, date)', ''))
    const source = open()
    const findings = (await source.check?.(signal())) ?? []
    expect(findings.map(({ ok }) => ok)).toEqual([true, false, false])
    expect(findings[1]?.message).toBe(
      'trainingset has no row yet: nothing can be watched until the collector writes one',
    )
    expect(findings[2]?.message).toContain('ALTER TABLE trainingset ADD INDEX (code, date)')
  })

  test('rows whose date and time make no moment are said, not dropped in silence', async () => {
    await fresh(
      KEYED,
      insert('20261117, 90100, 0, 10, 38530', '20261317, 90200, 0, 10, 38530', '20261118, NULL, 0, 10, 38530'),
    )
    const findings = (await open().check?.(signal())) ?? []
    expect(findings.filter(({ ok }) => !ok).map(({ message }) => message)).toContain(
      'trainingset: 2 rows have a date and time that make no moment and are left out; ' +
        'the first: date “20261317”, time “90200”',
    )
  })

  test('a missing column is the operator’s, a server that is away is time’s', async () => {
    await fresh('CREATE TABLE old.trainingset (date INT, time INT, per_price INT)')
    const lacking = await open()
      .open(signal())
      .catch((error: unknown) => error)
    expect(lacking).toBeInstanceOf(SetupError)
    expect((lacking as Error).message).toMatch(/trainingset has no column per_volume, code/)
    await expect(open('mysql://root@127.0.0.1:1/old').open(signal())).rejects.toThrow(RetryableError)
  })
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { marketBars, seeded } from '../support/bars.ts'
import { cli, folder, jsonLines, lines, runningCli, STACK_TRACE } from '../support/child.ts'
import { recorded } from '../support/data.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { needs } from '../support/needs.ts'

const rowsOf = (symbol: string) =>
  marketBars({ seed: 5, symbol, minutes: 380, pumpAt: 300 }).map((bar) =>
    [symbol, bar.openTime, bar.open, bar.high, bar.low, bar.close, bar.volume].join(','),
  )
const withBars = (...symbols: string[]): string => {
  const cwd = folder()
  writeFileSync(
    join(cwd, 'bars.csv'),
    ['symbol,time,open,high,low,close,volume', ...symbols.flatMap(rowsOf), ''].join('\n'),
  )
  return cwd
}
const sizes = (found: { clusters: { size: number }[] }) => found.clusters.reduce((sum, { size }) => sum + size, 0)

test.for(['2', '3', '4'])(
  '--bars, k = %s: one object as documented, the same from the file and from the database',
  async (k) => {
    const cwd = withBars('038530')
    const { code, stdout, stderr } = await cli(
      ['centers', '--bars', 'bars.csv', '--features', 'seed', '--k', k, '--json'],
      { cwd },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [found, ...more] = jsonLines(stdout)
    expect(more).toEqual([])
    expect(Object.keys(found)).toEqual(['symbol', 'k', 'features', 'rows', 'clusters', 'inertia', 'seed', 'restarts'])
    expect(found).toMatchObject({ symbol: '038530', k: Number(k), features: 'seed', seed: 1 })
    expect(found.clusters).toHaveLength(Number(k))
    for (const cluster of found.clusters)
      expect(cluster).toEqual({
        size: expect.any(Number),
        abnormal: expect.any(Boolean),
        center: { per_price: expect.any(Number), per_volume: expect.any(Number) },
      })
    expect(sizes(found)).toBe(found.rows)
    await cli(['import', 'bars.csv'], { cwd })
    const stored = await cli(['centers', '--symbol', '038530', '--features', 'seed', '--k', k, '--json'], { cwd })
    expect(jsonLines(stored.stdout)).toEqual([found])
  },
)

test('for people: a line about the fit and a line a cluster', async () => {
  const { code, stdout } = await cli(['centers', '--bars', 'bars.csv', '--features', 'seed', '--k', '3'], {
    cwd: withBars('038530'),
  })
  const [head, ...clusters] = lines(stdout)
  expect(head).toMatch(/^038530: \d+ minutes in 3 clusters \(seed features, inertia [\d.e+]+, \d+ starts, seed 1\)$/)
  expect(clusters).toHaveLength(3)
  for (const line of clusters)
    expect(line).toMatch(/^ {2}\d +\d+ minutes {2}(ordinary|abnormal) {2}per_price -?[\d.]+ {2}per_volume -?[\d.]+$/)
  expect(code).toBe(0)
})

test('the model’s own features are the default', async () => {
  const { stdout } = await cli(['centers', '--bars', 'bars.csv', '--json'], { cwd: withBars('038530') })
  const [found] = jsonLines(stdout)
  expect(found).toMatchObject({ features: 'model', k: 4 })
  expect(Object.keys(found.clusters[0].center)).toContain('multiple')
})

test('several stocks in a file: one has to be chosen, and has to be there', async () => {
  const cwd = withBars('038530', '005930')
  const several = await cli(['centers', '--bars', 'bars.csv'], { cwd })
  expect(several).toMatchObject({ code: 2, stdout: '', stderr: 'bars.csv holds 2 symbols: choose one with --symbol\n' })
  const missing = await cli(['centers', '--bars', 'bars.csv', '--symbol', '000660'], { cwd })
  expect(missing).toMatchObject({ code: 1, stdout: '', stderr: 'bars.csv has no bars of 000660\n' })
  const one = await cli(['centers', '--bars', 'bars.csv', '--symbol', '005930', '--json'], { cwd })
  expect(jsonLines(one.stdout)).toMatchObject([{ symbol: '005930' }])
})

test('special hours of CALENDAR_FILE are hours of the day: from a file and from the database', async () => {
  const cwd = withBars('038530')
  // The exchange's last weekday of a year that is over, which CALENDAR_FILE opens until the evening.
  const day = '2025-12-31'
  const rows = marketBars({ seed: 6, symbol: '038530', minutes: 380 }).map((bar, index) => {
    const openTime = Date.parse(`${day}T10:00:00+09:00`) + index * 60_000
    return ['038530', openTime, bar.open, bar.high, bar.low, bar.close, bar.volume].join(',')
  })
  const [heading, ...others] = readFileSync(join(cwd, 'bars.csv'), 'utf8').split('\n')
  writeFileSync(join(cwd, 'bars.csv'), [heading, ...rows, ...others].join('\n'))
  writeFileSync(join(cwd, 'calendar.json'), JSON.stringify({ special: [{ date: day, open: '10:00', close: '18:00' }] }))
  const env = { CALENDAR_FILE: 'calendar.json' }
  await cli(['import', 'bars.csv'], { cwd, env })
  for (const place of [
    ['--bars', 'bars.csv'],
    ['--symbol', '038530'],
  ]) {
    const without = await cli(['centers', ...place, '--features', 'seed', '--json'], { cwd })
    expect(without.stderr).toBe(`${rows.length} bars of 038530 outside the hours of krx left out (--hours)\n`)
    const { stderr, stdout } = await cli(['centers', ...place, '--features', 'seed', '--json'], { cwd, env })
    expect(stderr).toBe('')
    expect(jsonLines(stdout)[0].rows).toBeGreaterThan(700)
  }
  const { stdout } = await cli(['backtest', '--bars', 'bars.csv', '--json'], { cwd, env })
  expect(jsonLines(stdout).at(-1).summary).toMatchObject({ bars: rows.length + rowsOf('038530').length, dropped: 0 })
})

test('too little history and a year that the calendar does not know are sentences', async () => {
  const cwd = folder()
  const header = 'symbol,time,open,high,low,close,volume\n'
  writeFileSync(join(cwd, 'one.csv'), `${header}${rowsOf('038530')[0]}\n`)
  writeFileSync(join(cwd, 'old.csv'), `${header}038530,1999-11-22T09:00:00+09:00,1,1,1,1,1\n`)
  const one = await cli(['centers', '--bars', 'one.csv', '--features', 'seed'], { cwd })
  expect(one).toMatchObject({ code: 1, stdout: '' })
  expect(one.stderr).toMatch(/^not enough history for 038530: 1 bars make no row, expected at least 2\n$/)
  const old = await cli(['centers', '--bars', 'old.csv'], { cwd })
  expect(old).toMatchObject({ code: 1, stdout: '' })
  expect(old.stderr).toMatch(/^old\.csv: the KRX calendar knows /)
  expect(old.stderr).not.toMatch(STACK_TRACE)
})

test('bars outside the hours are left out, and that is said', async () => {
  const cwd = folder()
  const night = '038530,2026-11-23T20:00:00+09:00,1,1,1,1,1'
  writeFileSync(
    join(cwd, 'bars.csv'),
    ['symbol,time,open,high,low,close,volume', ...rowsOf('038530'), night, ''].join('\n'),
  )
  const { code, stderr } = await cli(['centers', '--bars', 'bars.csv', '--features', 'seed'], { cwd })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '1 bar of 038530 outside the hours of krx left out (--hours)\n' })
})

test('parity on a recorded day, k = 2, 3, 4 (skipped where the recording is not)', async (context) => {
  const day = recorded('krx/bars-20190920.csv.gz', context)
  const wanted = JSON.parse(readFileSync(recorded('krx/parity-038530-expected.json', context), 'utf8'))
  for (const k of [2, 3, 4]) {
    const args = ['centers', '--bars', day, '--symbol', '038530', '--features', 'seed', '--k', String(k), '--json']
    const [found] = jsonLines((await cli(args, { cwd: folder() })).stdout)
    const { centres, sizes, inertia } = wanted[`K${k}`]
    expect(found.rows).toBe(wanted.rows_features)
    expect(found.inertia / inertia).toBeCloseTo(1, 9)
    const ordered = found.clusters.toSorted((a: Cluster, b: Cluster) => a.center.per_volume - b.center.per_volume)
    expect(ordered.map(({ size }: Cluster) => size)).toEqual(sizes)
    for (const [c, [perPrice, perVolume]] of centres.entries()) {
      expect(ordered[c].center.per_price).toBeCloseTo(perPrice, 5)
      expect(ordered[c].center.per_volume).toBeCloseTo(perVolume, 5)
    }
  }
})
interface Cluster {
  readonly size: number
  readonly center: { readonly per_price: number; readonly per_volume: number }
}

needs('mariadb').describe('--table, on a real MariaDB', () => {
  /** Ten minutes as the old system published them. */
  const PUBLISHED: readonly (readonly [string, number, number])[] = [
    ['090000', 0, 67],
    ['090100', 0, 1061],
    ['090200', 3, 62],
    ['090300', -2, -83],
    ['090400', -1, -98],
    ['090500', 1, 24],
    ['090600', -2, 3448],
    ['090700', 1, -100],
    ['091000', 0, 700],
    ['091100', -1, 14900],
  ]
  let mariadb: Mariadb
  beforeAll(async () => {
    mariadb = await startMariadb()
    const random = seeded(11)
    const more = Array.from({ length: 200 }, (_, at) => {
      const clock = String(100_000 + Math.trunc(at / 60) * 10_000 + (at % 60) * 100)
      return `('20200204', '${clock}', ${Math.round(random() * 6 - 3)}, ${Math.round(random() * 400 - 100)}, '038530')`
    })
    const rows = (code: string) =>
      PUBLISHED.map(([time, price, volume]) => `('20200203', '${time}', ${price}, ${volume}, '${code}')`)
    const columns = 'date VARCHAR(8), time VARCHAR(6), per_price INT, per_volume INT, code VARCHAR(6)'
    await mariadb.run(
      'CREATE DATABASE kiwoom3',
      `CREATE TABLE kiwoom3.trainingset (${columns})`,
      `CREATE TABLE kiwoom3.one (${columns})`,
      `INSERT INTO kiwoom3.trainingset VALUES ${[...rows('038530'), ...more, ...rows('005930')].join(', ')}`,
      `INSERT INTO kiwoom3.one VALUES ${rows('038530').join(', ')}`,
      "CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'sesame'",
    )
  })
  afterAll(() => mariadb?.remove())

  const asked = async (...args: string[]) =>
    cli(['centers', ...args], { cwd: folder(), env: { BRIDGE_URL: mariadb.url('kiwoom3') } })

  test('the ten published minutes fall into the clusters that anyone can check by hand', async () => {
    const { code, stdout, stderr } = await asked('--table', 'one', '--k', '2', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [found] = jsonLines(stdout)
    expect(found).toMatchObject({ symbol: '038530', k: 2, features: 'seed', rows: 10 })
    expect(found.clusters).toEqual([
      {
        size: 9,
        abnormal: false,
        center: { per_price: expect.closeTo(0, 9), per_volume: expect.closeTo(5081 / 9, 9) },
      },
      { size: 1, abnormal: true, center: { per_price: expect.closeTo(-1, 9), per_volume: expect.closeTo(14_900, 9) } },
    ])
  })

  test.for(['2', '3', '4'])('one stock of the table, k = %s, however its code is written', async (k) => {
    const plain = await asked('--table', 'trainingset', '--symbol', '038530', '--k', k, '--json')
    const [found] = jsonLines(plain.stdout)
    expect(found).toMatchObject({ symbol: '038530', k: Number(k), rows: 210 })
    expect(sizes(found)).toBe(210)
    const spelled = await asked(
      '--table',
      'kiwoom3.trainingset',
      '--symbol',
      'A038530',
      '--features',
      'seed',
      '--k',
      k,
      '--json',
    )
    expect(spelled.stdout).toBe(plain.stdout)
  })

  test('--follow judges the table’s new rows as they come, late ones too, each once, and ends when stopped', async () => {
    const columns = 'date VARCHAR(8), time VARCHAR(6), per_price INT, per_volume INT, code VARCHAR(7)'
    const rows = PUBLISHED.map(([time, price, volume]) => `('20200203', '${time}', ${price}, ${volume}, '038530')`)
    await mariadb.run(`CREATE TABLE kiwoom3.live (${columns})`, `INSERT INTO kiwoom3.live VALUES ${rows.join(', ')}`)
    const garbage = "INSERT INTO kiwoom3.live VALUES ('20991231', '090000', 0, 0, '038530')"
    await mariadb.run(garbage)
    const following = runningCli(['centers', '--table', 'live', '--k', '2', '--follow', '--json'], {
      cwd: folder(),
      env: { BRIDGE_URL: mariadb.url('kiwoom3') },
    })
    const told = () => jsonLines(following.stdout()).slice(1)
    await expect.poll(() => jsonLines(following.stdout()).length, { timeout: 60_000 }).toBe(1)
    await mariadb.run(garbage, "INSERT INTO kiwoom3.live VALUES ('20200203', '091300', 1, 20000, '038530')")
    await expect.poll(told, { timeout: 60_000 }).toHaveLength(1)
    await mariadb.run(
      "INSERT INTO kiwoom3.live VALUES ('20200203', '91200', 0, 5, 'A038530'), ('20200203', '091400', 0, -3, '038530')",
    )
    await expect.poll(told, { timeout: 60_000 }).toHaveLength(3)
    expect(told()).toEqual([
      {
        symbol: '038530',
        time: '2020-02-03T09:14:00+09:00',
        per_price: 1,
        per_volume: 20_000,
        cluster: 1,
        abnormal: true,
      },
      { symbol: '038530', time: '2020-02-03T09:13:00+09:00', per_price: 0, per_volume: 5, cluster: 0, abnormal: false },
      {
        symbol: '038530',
        time: '2020-02-03T09:15:00+09:00',
        per_price: 0,
        per_volume: -3,
        cluster: 0,
        abnormal: false,
      },
    ])
    following.kill('SIGINT')
    expect(await following.ended).toMatchObject({ code: 0, stderr: '' })
  })

  test('two stocks without a choice, a table that is not there, a server that lets nobody in, a wrong address', async () => {
    const several = await asked('--table', 'trainingset')
    expect(several).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'trainingset holds 2 stocks: choose one with --symbol\n',
    })
    const none = await asked('--table', 'nothing')
    expect(none).toMatchObject({ code: 1, stdout: '' })
    expect(none.stderr).toMatch(/^BRIDGE_URL: .*nothing/)
    const elsewhere = (url: string) =>
      cli(['centers', '--table', 'trainingset'], { cwd: folder(), env: { BRIDGE_URL: url } })
    const denied = await elsewhere(`mysql://reader:wrong@127.0.0.1:${mariadb.port}/kiwoom3`)
    expect(denied.stderr).toMatch(
      /^BRIDGE_URL names user reader, whom the database server at 127\.0\.0\.1:\d+ does not let in/,
    )
    const down = await elsewhere('mysql://root@127.0.0.1:1/kiwoom3')
    expect(down.stderr).toMatch(/^BRIDGE_URL: MariaDB at 127\.0\.0\.1:1 gave no answer about trainingset/)
    for (const { code, stdout, stderr } of [denied, down]) {
      expect({ code, stdout, lines: lines(stderr).length }).toEqual({ code: 1, stdout: '', lines: 1 })
      expect(stderr).not.toMatch(/wrong|sesame/)
    }
  })

  test('without any MariaDB in the settings that is what has to be set', async () => {
    const { code, stderr } = await cli(['centers', '--table', 'trainingset'], { cwd: folder() })
    expect(stderr).toBe('DATABASE_URL names no MariaDB: write mysql://USER:PASSWORD@HOST:PORT/DATABASE.\n')
    expect(code).toBe(1)
  })
})

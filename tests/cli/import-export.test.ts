import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openStore } from '../../src/pipeline/store/index.ts'
import { marketBars } from '../support/bars.ts'
import { cli, folder, jsonLines, lines, STACK_TRACE } from '../support/child.ts'
import { silent } from '../support/market.ts'

/** A Monday that is over, wherever and whenever this runs. */
const MONDAY = Date.parse('2025-11-17T09:00+09:00')
const DAY = 86_400_000
const HEADER = 'symbol,time,open,high,low,close,volume'
const row = (clock: string, rest = '100,110,90,105,10', symbol = '038530') =>
  `${symbol},2025-11-20T${clock}:00+09:00,${rest}`
const csv = (...rows: string[]) => `${[HEADER, ...rows].join('\n')}\n`
/** A session as the export writes it. */
const session = () =>
  csv(
    ...marketBars({ seed: 3, start: MONDAY }).map(({ symbol, openTime, open, high, low, close, volume }) =>
      [
        symbol,
        new Date(openTime + 9 * 3_600_000).toISOString().replace('.000Z', '+09:00'),
        open,
        high,
        low,
        close,
        volume,
      ].join(','),
    ),
  )

/** A folder with one file in it. */
const withFile = (name: string, content: string | Uint8Array): string => {
  const cwd = folder()
  writeFileSync(join(cwd, name), content)
  return cwd
}
const exported = async (cwd: string, ...more: string[]) =>
  (await cli(['export', '--symbol', '038530', ...more], { cwd })).stdout

describe('import and export', () => {
  test.for([
    ['bars.csv', (text: string) => text],
    ['bars.csv.gz', (text: string) => gzipSync(text)],
  ] as const)('%s comes back byte for byte, and a second time nothing is new', async ([name, pack]) => {
    const text = session()
    const cwd = withFile(name, pack(text))
    const first = await cli(['import', name], { cwd })
    expect(first.stdout).toMatch(
      /^\d+ rows of 1 symbol read, (\d+) bars new or changed, 0 rows left out; kept in SQLite .+ as series csv\n$/,
    )
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(await exported(cwd)).toBe(text)
    const again = await cli(['import', name, '--json'], { cwd })
    expect(jsonLines(again.stdout)).toEqual([
      {
        symbol: '038530',
        venue: 'csv',
        rows: lines(text).length - 1,
        new: 0,
        from: expect.any(Number),
        to: expect.any(Number),
      },
    ])
    expect(again).toMatchObject({ code: 0, stderr: '' })
  })

  test('a corrected bar replaces the old one', async () => {
    const cwd = withFile('bars.csv', csv(row('09:00'), row('09:01')))
    await cli(['import', 'bars.csv'], { cwd })
    writeFileSync(join(cwd, 'bars.csv'), csv(row('09:00'), row('09:01', '100,110,90,106,11')))
    expect((await cli(['import', 'bars.csv'], { cwd })).stdout).toContain('1 bar new or changed')
    expect(await exported(cwd)).toBe(csv(row('09:00'), row('09:01', '100,110,90,106,11')))
  })

  test('--from, --to (exclusive) and --out, plain and packed; a file appears whole, and nothing beside it', async () => {
    const cwd = withFile('bars.csv', csv(row('09:00'), row('09:01'), row('09:02'), row('09:03')))
    await cli(['import', 'bars.csv'], { cwd })
    const part = csv(row('09:01'), row('09:02'))
    const between = ['--from', '2025-11-20T00:01:00Z', '--to', '2025-11-20T09:03:00+09:00']
    expect(await exported(cwd, ...between)).toBe(part)
    const plain = await cli(['export', '--symbol', '038530', ...between, '--out', 'part.csv'], { cwd })
    expect(plain).toMatchObject({ code: 0, stdout: '', stderr: '2 bars of 038530 (csv) written to part.csv\n' })
    await cli(['export', '--symbol', 'A038530', ...between, '--out', 'part.csv.gz'], { cwd })
    expect(readFileSync(join(cwd, 'part.csv'), 'utf8')).toBe(part)
    expect(gunzipSync(readFileSync(join(cwd, 'part.csv.gz'))).toString()).toBe(part)
    expect(readdirSync(cwd).toSorted()).toEqual(['bars.csv', 'data', 'part.csv', 'part.csv.gz'])
  })

  test('a reader that has read enough, as `| head` has, is no failure', async () => {
    const weekdays = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
    const days = weekdays.flatMap((day) => marketBars({ seed: day, start: MONDAY + day * DAY, minutes: 380 }))
    const rows = days.map((b) => [b.symbol, b.openTime, b.open, b.high, b.low, b.close, b.volume].join(','))
    const cwd = withFile('bars.csv', csv(...rows))
    await cli(['import', 'bars.csv'], { cwd })
    const command = `"${process.execPath}" "${new URL('../../src/cli.ts', import.meta.url).pathname}" export --symbol 038530 | head -1`
    const { stdout, stderr } = await promisify(execFile)('/bin/sh', ['-c', command], { cwd })
    expect({ stdout, stderr }).toEqual({ stdout: `${HEADER}\n`, stderr: '' })
  })

  test('a time without bars is said, and is no failure', async () => {
    const cwd = withFile('bars.csv', csv(row('09:00')))
    await cli(['import', 'bars.csv'], { cwd })
    const { code, stdout, stderr } = await cli(['export', '--symbol', '038530', '--from', '2025-12-01T00:00Z'], { cwd })
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: `${HEADER}\n`,
      stderr: 'no bars of 038530 (csv) in that time\n',
    })
  })

  test('a symbol that is not kept, a series that is not, or two of them: exit 1 and what to do', async () => {
    const cwd = withFile('bars.csv', csv(row('09:00')))
    await cli(['import', 'bars.csv'], { cwd })
    await cli(['import', 'bars.csv', '--venue', 'other'], { cwd })
    const unknown = await cli(['export', '--symbol', '999999'], { cwd })
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toMatch(/^no bars of 999999 in SQLite .+: import a file, run backfill, or watch it first\n$/)
    const several = await cli(['export', '--symbol', '038530'], { cwd })
    expect(several).toMatchObject({
      code: 1,
      stdout: '',
      stderr: '038530 is kept in the series csv, other: choose one with --venue\n',
    })
    expect(await exported(cwd, '--venue', 'other')).toBe(csv(row('09:00')))
  })

  test('a folder that cannot be written to: one sentence, no half file', async () => {
    const cwd = withFile('bars.csv', csv(row('09:00')))
    await cli(['import', 'bars.csv'], { cwd })
    const { code, stdout, stderr } = await cli(['export', '--symbol', '038530', '--out', 'nowhere/part.csv'], { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^nowhere\/part\.csv cannot be written \(ENOENT\): name a file in a folder that exists/)
    expect(existsSync(join(cwd, 'nowhere'))).toBe(false)
  })
})

describe('import of a file with mistakes keeps what is good, tells line and column, and ends with 1', () => {
  test.for([
    [
      'a word for a number',
      row('09:01', '100,110,90,abc,10'),
      /^bars\.csv line 3, column close: expected a number.+came "abc"$/,
    ],
    [
      'a negative price',
      row('09:01', '-100,110,90,105,10'),
      /^bars\.csv line 3, column open: expected a price above 0, came -100$/,
    ],
    [
      'a high below the close',
      row('09:01', '100,101,90,105,10'),
      /^bars\.csv line 3, column high: expected not below open/,
    ],
    [
      'a negative volume',
      row('09:01', '100,110,90,105,-1'),
      /^bars\.csv line 3, column volume: expected a number of shares/,
    ],
    [
      'a time without its offset',
      row('09:01').replace('+09:00', ''),
      /^bars\.csv line 3, column time: expected ISO 8601 with an offset/,
    ],
    [
      'half a minute',
      row('09:01').replace(':00+', ':30+'),
      /^bars\.csv line 3, column time: expected the start of a minute/,
    ],
    [
      'a code that is none',
      row('09:01', '100,110,90,105,10', '!!'),
      /^bars\.csv line 3, column symbol: expected a code like 038530/,
    ],
    [
      'a row that breaks off',
      '038530,2025-11-20T09:01:00+09:00,100',
      /^bars\.csv line 3, column high: expected a number.+came nothing$/,
    ],
  ] as const)('%s', async ([, bad, sentence]) => {
    const cwd = withFile('bars.csv', csv(row('09:00'), bad, row('09:02')))
    const { code, stdout, stderr } = await cli(['import', 'bars.csv'], { cwd })
    expect(lines(stderr)).toEqual([expect.stringMatching(sentence)])
    expect(stdout).toMatch(/^3 rows of 1 symbol read, 2 bars new or changed, 1 row left out; kept in /)
    expect(code).toBe(1)
    expect(await exported(cwd)).toBe(csv(row('09:00'), row('09:02')))
  })

  test('twice and out of order is put right, said, and no failure', async () => {
    const cwd = withFile('bars.csv', csv(row('09:02'), row('09:00'), row('09:02', '100,110,90,106,11')))
    const { code, stderr } = await cli(['import', 'bars.csv'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toMatch(/line 3, column time: .+ comes after a later minute; it was put in its place/)
    expect(stderr).toMatch(/line 4, column time: .+ is on line 2 already; the later row counts/)
    expect(await exported(cwd)).toBe(csv(row('09:00'), row('09:02', '100,110,90,106,11')))
  })

  test('a packed file that breaks off keeps every whole line before the break', async () => {
    const text = session()
    const packed = gzipSync(text)
    const cwd = withFile('bars.csv.gz', packed.subarray(0, Math.floor(packed.length * 0.7)))
    const { code, stderr } = await cli(['import', 'bars.csv.gz'], { cwd })
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^bars\.csv\.gz line \d+: the gzip file ends too early; the lines before were kept: fetch the file again\n$/,
    )
    const kept = await exported(cwd)
    expect(lines(kept).length).toBeGreaterThan(20)
    expect(text.startsWith(kept)).toBe(true)
  })

  test('a thousand bad rows are not a thousand lines', async () => {
    const cwd = withFile(
      'bars.csv',
      csv(row('09:00'), ...Array.from({ length: 1_000 }, () => row('09:01', '1,1,1,x,1'))),
    )
    const { code, stdout, stderr } = await cli(['import', 'bars.csv'], { cwd })
    expect(lines(stderr)).toHaveLength(21)
    expect(stderr).toContain('… and 980 more rows that could not be read')
    expect(stdout).toContain('1000 rows left out')
    expect(code).toBe(1)
  })
})

describe('a file that cannot be used at all: one sentence, exit 1, no database begun', () => {
  test.for([
    ['that is not there', 'other.csv', '', /^bars\.csv does not exist: name a CSV file/],
    ['without a column', 'bars.csv', 'symbol,time,open,high,low,close\n', /^bars\.csv line 1: the header lacks volume/],
    [
      'without its symbol',
      'bars.csv',
      'time,open,high,low,close,volume\n',
      /^bars\.csv line 1: the header lacks symbol/,
    ],
    ['that is empty', 'bars.csv', '', /^bars\.csv is empty: expected a CSV file with a header line/],
    ['that is no text', 'bars.csv', new Uint8Array([137, 80, 78, 71, 0, 1, 2]), /^bars\.csv is not a text file/],
    ['with a header only', 'bars.csv', csv(), /^bars\.csv: no row could be read, nothing was kept/],
  ] as const)('%s', async ([, name, content, sentence]) => {
    const cwd = withFile(name, content)
    const { code, stdout, stderr } = await cli(['import', 'bars.csv'], { cwd })
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(STACK_TRACE)
    expect({ code, stdout, lines: lines(stderr).length, made: readdirSync(cwd) }).toEqual({
      code: 1,
      stdout: '',
      lines: 1,
      made: [name],
    })
  })
})

describe('--symbol', () => {
  test('names the stock of a file that does not', async () => {
    const cwd = withFile('bars.csv', csv(row('09:00')).replaceAll(/^(symbol|038530),/gm, ''))
    expect((await cli(['import', 'bars.csv', '--symbol', '038530'], { cwd })).code).toBe(0)
    expect(await exported(cwd)).toBe(csv(row('09:00')))
  })

  test('takes one stock out of a file that holds several, or says that it is not there', async () => {
    const cwd = withFile('bars.csv', csv(row('09:00'), row('09:00', '1,1,1,1,1', '005930')))
    const missing = await cli(['import', 'bars.csv', '--symbol', '000660'], { cwd })
    expect(missing).toMatchObject({ code: 1, stdout: '', stderr: 'bars.csv has no bars of 000660, nothing was kept\n' })
    const one = await cli(['import', 'bars.csv', '--symbol', '038530', '--json'], { cwd })
    expect(jsonLines(one.stdout).map(({ symbol }) => symbol)).toEqual(['038530'])
  })
})

describe('rows that are no minute of the market', () => {
  const OPT10080 = '체결시간,현재가,거래량,시가,고가,저가'
  const minute = (time: string) => `${time}00,-1088,300,-1085,-1090,-1080`
  const kept = async (cwd: string) => lines(await exported(cwd)).map((line) => line.split(',')[1])

  test('an opt10080 export loses those after the close, in the closing auction and of a Sunday: one sentence, no failure', async () => {
    const times = [
      '202511231000',
      '202511201535',
      '202511201530',
      '202511201525',
      '202511201519',
      '202511200900',
      '202511200859',
    ]
    const cwd = withFile('038530.csv', `${[OPT10080, ...times.map(minute)].join('\n')}\n`)
    const { code, stdout, stderr } = await cli(['import', '038530.csv'], { cwd })
    expect(stderr).toBe("038530.csv: 4 rows left out: outside the market's hours (krx)\n")
    expect(stdout).toMatch(/^7 rows of 1 symbol read, 3 bars new or changed, 4 rows left out; kept in /)
    expect(code).toBe(0)
    expect(await kept(cwd)).toEqual([
      'time',
      '2025-11-20T09:00:00+09:00',
      '2025-11-20T15:19:00+09:00',
      '2025-11-20T15:30:00+09:00',
    ])
  })

  test('a late notice in CALENDAR_FILE counts', async () => {
    const cwd = withFile('bars.csv', csv(row('09:00'), row('09:59'), row('10:00')))
    writeFileSync(
      join(cwd, 'calendar.json'),
      '{ "special": [{ "date": "2025-11-20", "open": "10:00", "close": "16:30" }] }',
    )
    const env = { CALENDAR_FILE: 'calendar.json' }
    expect((await cli(['import', 'bars.csv'], { cwd, env })).stderr).toContain('2 rows left out')
    expect(await kept(cwd)).toEqual(['time', '2025-11-20T10:00:00+09:00'])
  })

  test('the minute that was forming when an opt10080 export was written is left out, and no other', async () => {
    const cwd = withFile('038530.csv', `${[OPT10080, minute('202511201002'), minute('202511201001')].join('\n')}\n`)
    const writtenAt = new Date('2025-11-20T10:02:40+09:00')
    utimesSync(join(cwd, '038530.csv'), writtenAt, writtenAt)
    const { code, stderr } = await cli(['import', '038530.csv'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '038530.csv: 1 row left out: the minute had not closed yet\n' })
    expect(await kept(cwd)).toEqual(['time', '2025-11-20T10:01:00+09:00'])
  })

  test.for(['2030-01-07T10:00:00+09:00', '2999-01-07T10:00:00+09:00'])(
    'a row of %s is refused, and the rest is kept',
    async (time) => {
      const cwd = withFile('bars.csv', csv(row('09:00'), `038530,${time},1,1,1,1,1`))
      const { code, stderr } = await cli(['import', 'bars.csv', '--json'], { cwd })
      const utc = new Date(time).toISOString()
      expect(stderr).toBe(
        `bars.csv: 1 row left out: the minute had not closed yet; the newest is ${utc}, which lies in the future\n`,
      )
      expect(code).toBe(1)
      const store = await openStore(`sqlite:${join(cwd, 'data/minutewatch.db')}`, { log: silent })
      const covered = await store.bars.coverage('csv', '038530')
      await store.close()
      expect(covered?.to).toBe(Date.parse('2025-11-20T09:01+09:00'))
    },
  )

  test('where nothing else is in the file, no database is begun', async () => {
    const cwd = withFile('bars.csv', csv(row('08:00'), row('20:00')))
    const { code, stderr } = await cli(['import', 'bars.csv'], { cwd })
    expect(lines(stderr)[1]).toBe('bars.csv: no row is a closed minute of the market, nothing was kept')
    expect({ code, made: readdirSync(cwd) }).toEqual({ code: 1, made: ['bars.csv'] })
  })

  test('a market whose hours are not known keeps every minute', async () => {
    const cwd = withFile('bars.csv', csv(row('03:00', '1,1,1,1,1', 'BTC-KRW')))
    const { code, stdout, stderr } = await cli(['import', 'bars.csv'], { cwd })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('1 bar new or changed')
  })
})

test('minutes between two imports that now count as empty are told', async () => {
  const cwd = withFile('bars.csv', csv(row('09:00')))
  await cli(['import', 'bars.csv'], { cwd })
  writeFileSync(join(cwd, 'bars.csv'), csv(row('11:00')))
  const { code, stderr } = await cli(['import', 'bars.csv'], { cwd })
  expect(stderr).toMatch(
    /^038530: between these bars and those kept before lie minutes that now count as without a trade; import them too\n$/,
  )
  expect(code).toBe(0)
})

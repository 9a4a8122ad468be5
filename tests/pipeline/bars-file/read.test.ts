import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SetupError } from '../../../src/errors.ts'
import { type Bar, barProblem, MINUTE } from '../../../src/model/time/bar.ts'
import { describeBarsFile, readBarsCsv } from '../../../src/pipeline/bars-file/read.ts'
import { barsCsv, writeBarsCsv } from '../../../src/pipeline/bars-file/write.ts'
import { recorded } from '../../support/data.ts'
import { tempFile, tempFolder } from '../sources/csv/files.ts'

const HEADER = 'symbol,time,open,high,low,close,volume'
const GOOD = '038530,2026-01-02T10:00:00+09:00,1085,1090,1080,1088,1200'
const TEN = Date.parse('2026-01-02T10:00+09:00')
const good: Omit<Bar, 'receivedAt'> = {
  series: 'csv',
  symbol: '038530',
  openTime: TEN,
  open: 1085,
  high: 1090,
  low: 1080,
  close: 1088,
  volume: 1200,
}
const csv = (...rows: string[]) => tempFile('bars.csv', [HEADER, ...rows, ''].join('\n'))

describe('a good file', () => {
  test('a code whose zeros a spreadsheet ate is whole again', async () => {
    const { bars } = await readBarsCsv(csv(GOOD.replace('038530', '38530')))
    expect([...bars.keys()]).toEqual(['038530'])
  })

  test.for([
    ['plain', 'bars.csv', `${HEADER}\n${GOOD}\n`],
    ['packed', 'bars.csv.gz', gzipSync(`${HEADER}\n${GOOD}\n`)],
    ['packed in two parts', 'bars.csv.gz', Buffer.concat([gzipSync(`${HEADER}\n`), gzipSync(`${GOOD}\n`)])],
    ['packed, though not named so', 'bars.csv', gzipSync(`${HEADER}\n${GOOD}\n`)],
    ['byte order mark, CRLF, empty lines, no last line end', 'bars.csv', `\uFEFF${HEADER}\r\n\r\n${GOOD}`],
    [
      'columns in another order, others beside them',
      'bars.csv',
      'Volume,Close,note,Low,High,Open,Time,Symbol\n' +
        '1200,1088,"a, ""b""",1080,1090,1085,2026-01-02T10:00:00+09:00,038530\n',
    ],
    [
      'blanks and quotation marks',
      'bars.csv',
      `${HEADER}\n" 038530 ", 2026-01-02T10:00:00+09:00 ,"1085",1090, 1080,1088.0,1.2e3\n`,
    ],
    ['semicolons', 'bars.csv', `${HEADER}\n${GOOD}\n`.replaceAll(',', ';')],
    ['tabs, packed', 'bars.csv.gz', gzipSync(`${HEADER}\n${GOOD}\n`.replaceAll(',', '\t'))],
    ['UTC', 'bars.csv', `${HEADER}\n${GOOD.replace('2026-01-02T10:00:00+09:00', '2026-01-02T01:00Z')}\n`],
    ['epoch milliseconds', 'bars.csv', `${HEADER}\n${GOOD.replace('2026-01-02T10:00:00+09:00', String(TEN))}\n`],
    [
      'another offset',
      'bars.csv',
      `${HEADER}\n${GOOD.replace('2026-01-02T10:00:00+09:00', '2026-01-01 19:30:00.000-0530')}\n`,
    ],
    ['the A of old programs', 'bars.csv', `${HEADER}\nA${GOOD}\n`],
  ] as const)('is read: %s', async ([, name, content]) => {
    const read = await readBarsCsv(tempFile(name, content))
    expect([...read.bars]).toEqual([['038530', [{ ...good, receivedAt: TEN + MINUTE }]]])
    expect(read).toMatchObject({ form: 'bars', rows: 1, bad: 0, problems: [], duplicates: 0, outOfOrder: 0, notes: [] })
    expect(describeBarsFile(read)).toEqual([])
  })

  test('letters in a code, and names of other markets', async () => {
    const read = await readBarsCsv(csv(GOOD.replace('038530', '0001a0'), GOOD.replace('038530', 'APPC_20201118')))
    expect([...read.bars.keys()]).toEqual(['0001A0', 'APPC_20201118'])
  })

  test('one stock without a column for it is named by the caller', async () => {
    const path = tempFile(
      'bars.csv',
      'time,open,high,low,close,volume\n2026-01-02T10:00:00+09:00,1085,1090,1080,1088,1200\n',
    )
    expect((await readBarsCsv(path, { symbol: '038530' })).bars.get('038530')).toHaveLength(1)
    await expect(readBarsCsv(path)).rejects.toThrow(
      /bars\.csv line 1: the header lacks symbol: expected the columns symbol,time,/,
    )
  })

  test('with nothing but a header it holds no bars', async () => {
    expect(await readBarsCsv(csv())).toMatchObject({ rows: 0, bad: 0, bars: new Map() })
  })
})

describe('a bad row is one clear sentence, and the good rows beside it count', () => {
  const row = (column: string, value: string) =>
    GOOD.split(',')
      .map((cell, at) => (HEADER.split(',')[at] === column ? value : cell))
      .join(',')

  test.for([
    ['close', '', 'expected a number like 1234.5, came nothing'],
    ['close', 'abc', 'expected a number like 1234.5, came "abc"'],
    ['open', 'NaN', 'expected a number like 1234.5, came "NaN"'],
    ['high', 'Infinity', 'expected a number like 1234.5, came "Infinity"'],
    ['open', '0x10', 'expected a number like 1234.5, came "0x10"'],
    ['open', '"1,085"', 'expected a number like 1234.5, came "1,085"'],
    ['open', '1e999', 'expected a price above 0, came Infinity'],
    ['low', '-1080', 'expected a price above 0, came -1080'],
    ['open', '0', 'expected a price above 0, came 0'],
    ['high', '1084', 'expected not below open, low or close, came 1084'],
    ['low', '1086', 'expected not above open or close, came 1086'],
    ['volume', '-1', 'expected a number of shares, 0 or more, came -1'],
    [
      'time',
      '2026-01-02T10:00:00',
      'expected ISO 8601 with an offset, like 2026-01-02T10:00:00+09:00, or epoch milliseconds, ' +
        'came "2026-01-02T10:00:00"',
    ],
    ['time', '1767315600', 'expected epoch milliseconds, not seconds, came "1767315600"'],
    ['time', '2026-02-30T10:00Z', 'expected a date and time that exist, came "2026-02-30T10:00Z"'],
    ['time', '2026-01-02T24:00Z', 'expected a date and time that exist, came "2026-01-02T24:00Z"'],
    ['time', '2026-01-02T10:00:30Z', 'expected the start of a minute, came "2026-01-02T10:00:30Z"'],
    ['symbol', '', 'expected a code like 038530, came nothing'],
    ['symbol', '케이바이오', 'expected a code like 038530, came "케이바이오"'],
  ] as const)('%s = %s', async ([column, value, sentence]) => {
    const read = await readBarsCsv(csv(GOOD, row(column, value), GOOD.replace('10:00', '10:01')))
    expect(read.problems).toEqual([{ line: 3, column, message: `bars.csv line 3, column ${column}: ${sentence}` }])
    expect(read).toMatchObject({ rows: 3, bad: 1 })
    expect(read.bars.get('038530')).toHaveLength(2)
  })

  test('a row that is too short says which cell is not there', async () => {
    const read = await readBarsCsv(csv('038530,2026-01-02T10:00:00+09:00,1085,1090', GOOD))
    expect(describeBarsFile(read)).toEqual(['bars.csv line 2, column low: expected a number like 1234.5, came nothing'])
  })

  test('a stray quotation mark costs its row; one that is never closed costs the rest', async () => {
    const read = await readBarsCsv(
      csv(GOOD, row('close', '10"88'), GOOD.replace('10:00', '10:01'), `"${GOOD}`, GOOD.replace('10:00', '10:02')),
    )
    expect(read.problems.map(({ message }) => message)).toEqual([
      'bars.csv line 3: a quotation mark stands where none may: ' +
        'put the whole field in quotation marks, or leave them out',
      'bars.csv line 5: a quotation mark is opened and never closed; nothing after it could be read',
    ])
    expect(read.bars.get('038530')).toHaveLength(2)
  })

  test('a minute given twice is said, and the later row counts', async () => {
    const read = await readBarsCsv(csv(GOOD, row('volume', '1300')))
    expect(read).toMatchObject({ duplicates: 1, outOfOrder: 0, bad: 0 })
    expect(describeBarsFile(read)).toEqual([
      'bars.csv line 3, column time: 038530 at 2026-01-02T01:00Z is on line 2 already; the later row counts',
    ])
    expect(read.bars.get('038530')!.map(({ volume }) => volume)).toEqual([1300])
  })

  test('a minute out of order is said and put in its place', async () => {
    const read = await readBarsCsv(csv(GOOD.replace('10:00', '10:01'), GOOD))
    expect(read).toMatchObject({ duplicates: 0, outOfOrder: 1, bad: 0 })
    expect(describeBarsFile(read)).toEqual([
      'bars.csv line 3, column time: 038530 at 2026-01-02T01:00Z comes after a later minute; it was put in its place',
    ])
    expect(read.bars.get('038530')!.map(({ openTime }) => openTime)).toEqual([TEN, TEN + MINUTE])
  })

  test('of very many the first are said, and how many more there are', async () => {
    const read = await readBarsCsv(csv(...Array.from({ length: 2_000 }, () => row('open', 'x'))))
    expect(read).toMatchObject({ bad: 2_000, rows: 2_000 })
    expect(read.problems).toHaveLength(1_000)
    expect(describeBarsFile(read, 2)).toHaveLength(3)
    expect(describeBarsFile(read, 2).at(-1)).toBe('… and 1998 more rows were left out')
  })
})

describe('a file that breaks off', () => {
  const rows = Array.from(
    { length: 5_000 },
    (_, at) => `038530,${TEN + at * MINUTE},1085,1090,1080,1088,${1_000_000 + ((at * 7919) % 99_991)}`,
  )
  const packed = gzipSync([HEADER, ...rows, ''].join('\n'))

  test.for([0.3, 0.6, 0.95])('at %f of its length keeps every whole line, and no half one', async (part) => {
    const read = await readBarsCsv(tempFile('bars.csv.gz', packed.subarray(0, Math.floor(packed.length * part))))
    const bars = read.bars.get('038530')!
    expect(bars.length).toBeGreaterThan(500)
    expect(bars.length).toBeLessThan(5_000)
    expect(bars.map(({ volume }) => volume)).toEqual(rows.slice(0, bars.length).map((row) => Number(row.split(',')[6])))
    expect(read.problems).toEqual([
      {
        line: bars.length + 2,
        column: null,
        message:
          `bars.csv.gz line ${bars.length + 2}: the gzip file ends too early; ` +
          'the lines before were kept: fetch the file again',
      },
    ])
  })

  test('or is damaged in the middle says so', async () => {
    const damaged = Buffer.from(packed)
    damaged.fill(0xff, packed.length >> 1, (packed.length >> 1) + 64)
    const read = await readBarsCsv(tempFile('bars.csv.gz', damaged))
    expect(read.problems.at(0)?.message).toMatch(
      /the gzip file is damaged \(.+\); the lines before were kept: fetch the file again$/,
    )
    expect(read.bars.get('038530')!.length).toBeGreaterThan(0)
  })

  test('before its header is no bars file', async () => {
    await expect(readBarsCsv(tempFile('bars.csv.gz', packed.subarray(0, 12)))).rejects.toThrow(
      /has no header line: expected symbol,time/,
    )
  })
})

describe('a file that ends without a line end', () => {
  const later = (volume: string) => GOOD.replace('T10:00', 'T10:01').replace(/,\d+$/, `,${volume}`)
  const read = (last: string) => readBarsCsv(tempFile('bars.csv', `${HEADER}\n${GOOD}\n${last}`))

  test.for(['120', '12', '1', ''])(
    'loses a last row that breaks off within its last cell, and says so: %j',
    async (volume) => {
      const { bars, bad, problems } = await read(later(volume))
      expect({ volume: bars.get('038530')?.at(-1)?.volume, bad }).toEqual({ volume: 1200, bad: 1 })
      expect(problems.at(-1)?.message).toMatch(
        /^bars\.csv line \d: the file ends in the middle of this line, so the row may be cut/,
      )
    },
  )

  test.for(['1200', '12345', '12\n', '12\r\n', '1200\n \n  '])(
    'keeps one that is as long as the row before, or ended: %j',
    async (volume) => {
      const { bars, bad } = await read(later(volume))
      expect({ bars: bars.get('038530')?.length, bad }).toEqual({ bars: 2, bad: 0 })
    },
  )

  test('that is cut within columns that nobody needs is cut all the same', async () => {
    const { bars, bad } = await readBarsCsv(tempFile('bars.csv', `${HEADER},note\n${GOOD},a\n${later('12')}`))
    expect({ bars: bars.get('038530')?.length, bad }).toEqual({ bars: 1, bad: 1 })
  })
})

describe('what is no bars file is a SetupError in one sentence', () => {
  test.for([
    ['nothing in it', 'bars.csv', '', /is empty: expected a CSV file with a header line$/],
    ['only empty lines', 'bars.csv', '\n\n', /has no header line/],
    [
      'a column missing',
      'bars.csv',
      'symbol,time,open,high,low,close\n',
      /line 1: the header lacks volume: expected the columns symbol,time,open,high,low,close,volume in any order, came "symbol,time,/,
    ],
    ['no header', 'bars.csv', `${GOOD}\n`, /line 1: the header lacks symbol, time, open, high, low, close, volume/],
    [
      'a column twice',
      'bars.csv',
      `${HEADER},close\n`,
      /line 1: the column close is there twice: keep one of the two$/,
    ],
    ['bars', 'bars.csv', HEADER.replaceAll(',', '|'), /the header lacks .*came "symbol\|time/],
    [
      'a picture',
      'bars.csv',
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13]),
      /is not a text file in UTF-8 or CP949/,
    ],
    [
      'UTF-16',
      'bars.csv',
      Buffer.from(`\uFEFF${HEADER}`, 'utf16le'),
      /is not a text file in UTF-8 or CP949: save it as CSV \(UTF-8\)/,
    ],
    ['not packed, though named so', 'bars.csv.gz', HEADER, /is not a gzip file, though it is named like one/],
  ] as const)('%s', async ([, name, content, sentence]) => {
    const read = readBarsCsv(tempFile(name, content))
    await expect(read).rejects.toThrow(SetupError)
    await expect(read).rejects.toThrow(sentence)
    await expect(read).rejects.toThrow(/^[^\n]+$/)
  })

  test('a folder, and a file that is not there', async () => {
    await expect(readBarsCsv(tempFolder())).rejects.toThrow(/is not a file: name a CSV file/)
    await expect(readBarsCsv('/nowhere/bars.csv')).rejects.toThrow(
      '/nowhere/bars.csv does not exist: name a CSV file (.csv or .csv.gz)',
    )
  })
})

test('a caller who gives up is heard before and during the reading', async () => {
  const path = csv(...Array.from({ length: 50_000 }, (_, at) => `038530,${TEN + at * MINUTE},1085,1090,1080,1088,1`))
  await expect(readBarsCsv(path, { signal: AbortSignal.abort(new Error('given up')) })).rejects.toThrow('given up')
  const controller = new AbortController()
  const reading = readBarsCsv(path, {
    signal: controller.signal,
    parseSymbol: (text) => {
      controller.abort(new Error('given up'))
      return text
    },
  })
  await expect(reading).rejects.toThrow('given up')
})

describe('writing', () => {
  const price = fc.oneof(fc.double({ min: 1e-9, max: 1e7, noNaN: true }), fc.integer({ min: 1, max: 1_000_000 }))
  const bar = fc
    .record({
      symbol: fc.constantFrom('038530', '0001A0', 'BTC-KRW'),
      openTime: fc.integer({ min: 20_000_000, max: 40_000_000 }).map((minute) => minute * MINUTE),
      prices: fc.array(price, { minLength: 4, maxLength: 4 }).map((four) => four.toSorted((a, b) => a - b)),
      volume: fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e12, noNaN: true })),
    })
    .map(({ symbol, openTime, prices: [low, open, close, high], volume }): Bar => {
      return {
        series: 'csv',
        symbol,
        openTime,
        open: open!,
        high: high!,
        low: low!,
        close: close!,
        volume: volume || 0,
        receivedAt: openTime + MINUTE,
      }
    })
  const series = fc
    .uniqueArray(bar, { selector: ({ symbol, openTime }) => `${symbol} ${openTime}`, maxLength: 40 })
    .map((bars) => bars.toSorted((a, b) => a.openTime - b.openTime))

  test('what was written is read back to the last digit, packed or not, in any market time', async () => {
    const folder = tempFolder()
    await fc.assert(
      fc.asyncProperty(
        series,
        fc.constantFrom('bars.csv', 'bars.csv.gz'),
        fc.constantFrom(0, 540, -330),
        async (bars, name, offset) => {
          const path = join(folder, name)
          await writeBarsCsv(path, bars, offset)
          const read = await readBarsCsv(path)
          expect(read).toMatchObject({ bad: 0, duplicates: 0, outOfOrder: 0 })
          expect([...read.bars.values()].flat().toSorted(byTime)).toEqual(bars.toSorted(byTime))
        },
      ),
      { seed: 3, numRuns: 60 },
    )
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  const byTime = (a: Bar, b: Bar) => a.openTime - b.openTime || (a.symbol < b.symbol ? -1 : 1)
  const one: Bar = { ...good, receivedAt: 0 }

  test('times are those of the market', async () => {
    const path = join(tempFolder(), 'bars.csv')
    await writeBarsCsv(path, [one], 540)
    expect(readFileSync(path, 'utf8')).toBe(`${HEADER}\n${GOOD}\n`)
    expect((await Array.fromAsync(barsCsv([one], 0))).join('')).toContain('038530,2026-01-02T01:00:00Z,1085')
  })

  test('when the bars break off, an older file stays as it was and no half one is left', async () => {
    const path = tempFile('bars.csv', 'older')
    const broken = async function* () {
      yield one
      throw new Error('the store went away')
    }
    await expect(writeBarsCsv(path, broken(), 540)).rejects.toThrow('the store went away')
    expect(readFileSync(path, 'utf8')).toBe('older')
    expect(readdirSync(dirname(path))).toEqual(['bars.csv'])
  })

  test('a folder that is not there is said', async () => {
    await expect(writeBarsCsv('/nowhere/bars.csv', [one], 0)).rejects.toThrow(
      /^\/nowhere\/bars\.csv cannot be written \(ENOENT\): name a file in a folder/,
    )
  })
})

describe('recorded files', () => {
  test.for([
    ['krx/bars-20190920.csv.gz', 1_075, 235_219],
    ['detection/bars.csv.gz', 29, 82_808],
  ] as const)(
    '%s: %i symbols, %i good rows (skipped where the file is not)',
    async ([name, symbols, rows], context) => {
      const path = recorded(name, context)
      const read = await readBarsCsv(path)
      expect(read).toMatchObject({ rows, bad: 0, duplicates: 0, outOfOrder: 0 })
      expect(read.bars.size).toBe(symbols)
      const all = [...read.bars.values()].flat()
      expect(all.filter((one) => barProblem(one) !== null)).toEqual([])
      const [first] = gunzipSync(readFileSync(path)).toString().split('\n').slice(1)
      const [symbol, time, open, , , , volume] = first!.split(',')
      expect(all[0]).toMatchObject({ symbol, openTime: Date.parse(time!), open: Number(open), volume: Number(volume) })
    },
  )
})

import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import { readBarsCsv } from '../../../src/pipeline/bars-file/read.ts'
import { tempFile } from '../sources/csv/files.ts'

const HEADER = '체결시간,현재가,거래량,시가,고가,저가'
const ROWS = [
  '20260102153000,-1088,52000,-1088,-1088,-1088',
  '20260102100100,+1092,300,1090,+1095,+1090',
  '20260102100000,-1088,1200,-1085,1090,-1080',
]
const text = [HEADER, ...ROWS, ''].join('\r\n')
const at = (time: string) => Date.parse(`2026-01-02T${time}+09:00`)

describe('an export of opt10080', () => {
  test.for([
    ['UTF-8', '038530.csv', Buffer.from(text)],
    ['UTF-8 with a byte order mark', 'opt10080_A038530_2026-01.csv', Buffer.from(`\uFEFF${text}`)],
    ['CP949', '038530.csv', iconv.encode(text, 'cp949')],
    ['decomposed names', '038530.csv', Buffer.from(text.normalize('NFD'))],
    [
      'an index before the columns',
      '038530.csv',
      Buffer.from(
        text
          .split('\r\n')
          .map((line, row) => (line === '' ? '' : `${row === 0 ? '' : row - 1},${line}`))
          .join('\n'),
      ),
    ],
  ] as const)('is turned round and loses its signs: %s', async ([, name, content]) => {
    const read = await readBarsCsv(tempFile(name, content))
    expect(read).toMatchObject({ form: 'opt10080', rows: 3, bad: 0, duplicates: 0, outOfOrder: 0, notes: [] })
    expect(read.bars.get('038530')!.map(({ series, symbol, receivedAt, ...bar }) => bar)).toEqual([
      { openTime: at('10:00'), open: 1085, high: 1090, low: 1080, close: 1088, volume: 1200 },
      { openTime: at('10:01'), open: 1090, high: 1095, low: 1090, close: 1092, volume: 300 },
      { openTime: at('15:30'), open: 1088, high: 1088, low: 1088, close: 1088, volume: 52000 },
    ])
  })

  test.for([
    ['a row of strings from a spreadsheet', `${HEADER}\n20260102100000,"-1,088","1,200","-1,085","+1,090","-1,080"\n`],
    ['floats', `${HEADER}\n20260102100000.0,-1088.0,1200.0,-1085.0,1090.0,-1080.0\n`],
    ['a time without seconds', `${HEADER}\n202601021000,-1088,1200,-1085,1090,-1080\n`],
    ['a date-time', `${HEADER}\n2026-01-02 10:00:00,-1088,1200,-1085,1090,-1080\n`],
    ['a date-time of a spreadsheet', `${HEADER}\n2026-01-02 10:00,-1088,1200,-1085,1090,-1080\n`],
    ['tabs', `${HEADER}\n20260102100000,-1088,1200,-1085,1090,-1080\n`.replaceAll(',', '\t')],
    [
      'tabs, with commas in numbers',
      `${HEADER.replaceAll(',', '\t')}\n20260102100000\t-1,088\t1,200\t-1,085\t1,090\t-1,080\n`,
    ],
    ['semicolons', `${HEADER}\r\n20260102100000,-1088,1200,-1085,1090,-1080\r\n`.replaceAll(',', ';')],
    ['rows that nobody filled', `${HEADER},\n20260102100000,-1088,1200,-1085,1090,-1080,\n,,,,,,\n , ,,,,,\n`],
  ] as const)('is read through what Excel and pandas make of it: %s', async ([, content]) => {
    const read = await readBarsCsv(tempFile('038530.csv', content))
    expect(read).toMatchObject({ form: 'opt10080', rows: 1, bad: 0, problems: [] })
    expect(read.bars.get('038530')).toMatchObject([
      { openTime: at('10:00'), open: 1085, high: 1090, low: 1080, close: 1088, volume: 1200 },
    ])
  })

  test('its stock is named by a column, else by the caller, else by the file', async () => {
    const column = tempFile('038530.csv', `종목코드,${HEADER}\nA0001a0,${ROWS[0]}\n`)
    expect([...(await readBarsCsv(column)).bars.keys()]).toEqual(['0001A0'])
    const bare = tempFile('all.csv', `종목코드,${HEADER}\n38530,${ROWS[0]}\n660,${ROWS[0]}\n`)
    expect([...(await readBarsCsv(bare)).bars.keys()]).toEqual(['038530', '000660'])
    expect([...(await readBarsCsv(tempFile('038530.csv', text), { symbol: '005930' })).bars.keys()]).toEqual(['005930'])
    for (const name of ['minutes.csv', '038530-005930.csv'])
      await expect(readBarsCsv(tempFile(name, text))).rejects.toThrow(
        /does not say which stock it holds: give --symbol, or put the code into the file's name, like 038530\.csv$/,
      )
  })

  test.for([
    ['20260102100000,--1088,1,1,1,1', '현재가', 'expected a price with at most one sign, like -1785, came "--1088"'],
    ['20260102100000,+0,1,1,1,1', '현재가', 'expected a price above 0, came 0'],
    ['20260102100000,1,,1,1,1', '거래량', 'expected a number of shares, came nothing'],
    ['20260102100000,1,-5,1,1,1', '거래량', 'expected a number of shares, came "-5"'],
    ['20260102888888,1,1,1,1,1', '체결시간', 'expected a time like 20260102100000, came "20260102888888"'],
    ['100000,1,1,1,1,1', '체결시간', 'expected a time like 20260102100000, came "100000"'],
    ['20260102100000,-1088,1,-1085,-1080,-1080', '고가', 'expected not below open, low or close, came 1080'],
  ] as const)('%s is one sentence about %s', async ([row, column, sentence]) => {
    const read = await readBarsCsv(tempFile('038530.csv', `${HEADER}\n${ROWS[1]}\n${row}\n`))
    expect(read.problems).toEqual([{ line: 3, column, message: `038530.csv line 3, column ${column}: ${sentence}` }])
    expect(read.bars.get('038530')).toHaveLength(1)
  })

  test('a column that is missing is named', async () => {
    await expect(readBarsCsv(tempFile('038530.csv', '체결시간,현재가,거래량,시가,고가\n'))).rejects.toThrow(
      /line 1: the header lacks 저가: expected the columns 체결시간,/,
    )
  })
})

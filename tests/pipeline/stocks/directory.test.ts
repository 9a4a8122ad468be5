import { expect, test } from 'vitest'
import { createDirectory } from '../../../src/pipeline/stocks/directory.ts'

const listing = (symbol: string, name: string, nameEn: string | null = null) => ({
  symbol,
  name,
  nameEn,
  market: 'KOSDAQ',
  warnings: [],
  nxtTradable: null,
})
const directory = createDirectory('krx')
directory.replace([
  listing('038530', '케이바이오랩스', 'K Bio Labs'),
  listing('0001A0', '가온누리'),
  listing('005930', '삼성전자'),
  listing('005935', '삼성전자우'),
])

test.for([
  ['038530', '038530'],
  [' 038 530 ', '038530'],
  ['A038530', '038530'],
  ['038530.KQ', '038530'],
  ['０３８５３０', '038530'],
  ['0001a0', '0001A0'],
  ['케이바이오랩스', '038530'],
  ['k bio labs', '038530'],
  ['038530 케이바이오랩스', '038530'],
] as const)('%j is understood as %s', ([text, symbol]) => {
  expect(directory.resolve(text)).toMatchObject({ kind: 'found', listing: { symbol } })
})

test.for(['', '12345', '1234567', 'abc', '38530', '!!!', "'; drop table bars; --"])('%j cannot be a code', (text) => {
  expect(directory.resolve(text).kind).not.toBe('found')
})

test('a well-formed code that is not listed is unknown, a name that is nearly right gets suggestions', () => {
  expect(directory.resolve('999999')).toEqual({ kind: 'unknown', suggestions: [] })
  expect(directory.resolve('삼성')).toMatchObject({
    kind: 'unknown',
    suggestions: [{ symbol: '005930' }, { symbol: '005935' }],
  })
})

test('completion puts exact before beginning before containing, by code or name', () => {
  expect(directory.suggest('삼성전자', 5).map(({ symbol }) => symbol)).toEqual(['005930', '005935'])
  expect(directory.suggest('5', 5).map(({ symbol }) => symbol)).toEqual(['038530', '005930', '005935'])
  expect(directory.suggest('', 2)).toHaveLength(2)
})

import { describe, expect, test } from 'vitest'
import {
  momentsLike,
  numeric,
  spellings,
  storedMoment,
  storedSymbol,
} from '../../../../src/pipeline/sources/bridge/values.ts'

const kst = (text: string) => Date.parse(`${text}+09:00`)
const NINE_ONE = kst('2020-02-03T09:01')

test.for([
  ['20200203', '090100'],
  [20200203, 90100],
  ['2020-02-03', '09:01:00'],
  ['2020-02-03', '09:01:00.000000'],
  ['2020/02/03', '9:01'],
  ['20200203', '0901'],
  [20200203, 901],
  [' 20200203 ', ' 90100 '],
  ['whatever', '20200203090100'],
  ['20200203', '90100.0'],
  ['2020-02-03 00:00:00', '09:01:00'],
  ['2020-02-03 00:00:00.000000', '090100'],
  ['20200203000000', '0901'],
  ['200203', '090100'],
  [200203, 901],
  ['2020-02-03', '2020-02-03 09:01:00'],
  [null, '2020-02-03T09:01:00.000000'],
] as const)('date %j and time %j are 09:01 in Seoul', ([date, time]) => {
  expect(storedMoment(date, time)).toBe(NINE_ONE)
})

test.for([
  ['20200203', ''],
  ['20200203', '1'],
  ['20200203', null],
  ['20201303', '090100'],
  ['20200230', '090100'],
  ['20200203', '246000'],
  ['20200203', 'ten'],
  ['-', '090100'],
  ['203', '090100'],
  ['2011-1-1', '090100'],
  ['20200203', '2020-13-03 09:01:00'],
] as const)('date %j and time %j are no moment', ([date, time]) => {
  expect(storedMoment(date, time)).toBeNull()
})

test.for([
  ['038530', '038530'],
  ['A038530', '038530'],
  ['38530', '038530'],
  [38530, '038530'],
  [' 38530 ', '038530'],
  ['660', '000660'],
  ['0001A0', '0001A0'],
  ['', null],
  [null, null],
  ['삼성전자', null],
  [12345678, null],
] as const)('code %j is %j', ([stored, symbol]) => {
  expect(storedSymbol(stored)).toBe(symbol)
})

test('a code is looked up in every way it may have been written', () => {
  expect(spellings('038530', 'text')).toEqual(['038530', 'A038530', '38530'])
  expect(spellings('038530', 'integer')).toEqual([38530])
  expect(spellings('0001A0', 'text')).toEqual(['0001A0', 'A0001A0'])
  expect(spellings('0001A0', 'integer')).toEqual([])
})

test.for([
  ['+71900', 71900],
  ['-71900', -71900],
  ['  82 ', 82],
  ['1082.5', 1082.5],
  [7, 7],
  ['+0', 0],
] as const)('%j is the number %j', ([stored, value]) => {
  expect(numeric(stored)).toBe(value)
})

test.for(['', '--123', '1,082', 'NaN', null, undefined, '0x10', '1e3'])('%j is no number', (stored) => {
  expect(numeric(stored)).toBeNaN()
})

describe('a column of times is recognised from one value, and written back alike', () => {
  test.for([
    ['2020-02-03 09:01:00', 'datetime', '2020-02-03 09:01:00'],
    ['2020-02-03T09:01:00', 'text', '2020-02-03T09:01:00'],
    ['20200203090100', 'text', '20200203090100'],
    [20200203090100, 'integer', 20200203090100],
    ['202002030901', 'text', '202002030901'],
    [NINE_ONE, 'integer', NINE_ONE],
    [NINE_ONE / 1000, 'integer', NINE_ONE / 1000],
    [String(NINE_ONE), 'text', String(NINE_ONE)],
  ] as const)('%j (%s)', ([sample, kind, key]) => {
    const moments = momentsLike(sample, kind)
    expect(moments?.toTime(sample)).toBe(NINE_ONE)
    expect(moments?.toKey(NINE_ONE)).toBe(key)
  })

  test.for([
    ['soon', 'text'],
    ['', 'text'],
    [901, 'integer'],
    [null, 'datetime'],
  ] as const)('%j is none', ([sample, kind]) => {
    expect(momentsLike(sample, kind)).toBeNull()
  })
})

import { globSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commands } from '../../../commands/index.ts'
import { createFormat } from '../../../src/bot/locale/format.ts'
import { localeOf, texts } from '../../../src/bot/locale/index.ts'
import { withParticle } from '../../../src/bot/locale/particles.ts'

const ko = createFormat('ko')
const en = createFormat('en')

test.for([
  ['케이바이오', '은는', '케이바이오는'],
  ['삼성전자', '을를', '삼성전자를'],
  ['셀트리온', '을를', '셀트리온을'],
  ['서울', '으로로', '서울로'],
  ['부산', '으로로', '부산으로'],
  ['KRX', '이가', 'KRX가'],
  ['SK', '과와', 'SK와'],
  ['LG생활건강', '과와', 'LG생활건강과'],
  ['PCL', '은는', 'PCL은'],
  ['케이바이오(038530)', '을를', '케이바이오(038530)를'],
  ['삼성전자 (005930)', '이가', '삼성전자 (005930)가'],
  ['(038530)', '은는', '(038530)은'],
  ['005931', '으로로', '005931로'],
  ['0001A0', '은는', '0001A0은'],
  ['!!!', '은는', '!!!는'],
  ['', '은는', '는'],
] as const)('%s with %s is %s', ([word, pair, expected]) => {
  expect(withParticle(word, pair)).toBe(expected)
})

describe('numbers', () => {
  test('percent is signed, with a minus only where something fell', () => {
    expect([4.2, -0.34, 0, -0, 0.004, 12, 1234.56].map(ko.percent)).toEqual([
      '+4.2%',
      '-0.3%',
      '0.0%',
      '0.0%',
      '+0.004%',
      '+12.0%',
      '+1,234.6%',
    ])
  })

  test('won are whole, coins keep eight digits', () => {
    expect(ko.price(12_345, 'won')).toBe('12,345원')
    expect(en.price(12_345, 'won')).toBe('₩12,345')
    expect(en.price(0.00000012, 'other')).toBe('0.00000012')
    expect(ko.turnover(1_234_567_890, 'won')).toBe('12.3억원')
    expect(en.turnover(1_234_567_890, 'won')).toMatch(/^₩1\.23B/i)
    expect(ko.turnover(9_500, 'won')).toBe('9,500원')
  })

  test('multiples and shares keep the digits that matter', () => {
    expect([34.4, 3.44, 1_234].map(ko.multiple)).toEqual(['34배', '3.4배', '1,234배'])
    expect([0.0394, 12.34, 100].map(en.share)).toEqual(['0.039%', '12%', '100%'])
  })

  test('every finite number gets a finite text', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        for (const format of [ko, en])
          for (const text of [
            format.count(value),
            format.percent(value),
            format.share(value),
            format.plain(value),
            format.price(value, 'other'),
          ])
            expect(text).toMatch(/\d/)
      }),
    )
  })
})

describe('times are those of the market', () => {
  const time = Date.parse('2026-08-03T15:41:00Z')
  test.for([
    [540, '00:41', '8월 4일 (화) 00:41', 'KST'],
    [0, '15:41', '8월 3일 (월) 15:41', 'UTC'],
    [-300, '10:41', '8월 3일 (월) 10:41', 'UTC-5'],
    [330, '21:11', '8월 3일 (월) 21:11', 'UTC+5:30'],
  ] as const)('%i minutes east: %s', ([offset, clock, moment, zone]) => {
    expect(ko.clock(time, offset)).toBe(clock)
    expect(ko.moment(time, offset)).toBe(moment)
    expect(ko.zone(offset)).toBe(zone)
  })
})

test.for([
  [['ko', 'en-US'], 'ko'],
  [['en-GB', 'ko'], 'en'],
  [['ja', 'ko'], 'ko'],
  [['ja', 'de'], 'en'],
  [[undefined, null], 'en'],
] as const)('of %j the language is %s', ([wanted, expected]) => {
  expect(localeOf(...wanted)).toBe(expected)
})

describe('what the bot says', () => {
  const root = new URL('../../../', import.meta.url)
  const read = (pattern: string) =>
    globSync(pattern, { cwd: root }).map((file) => ({ file, code: readFileSync(new URL(file, root), 'utf8') }))
  const withoutComments = (code: string) => code.replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, '')

  test('is never advice', () => {
    const forbidden = /매수|매도|목표가|세력|작전|추천|\b(?:buy|sell|target)/i
    // The whole source is read, so that no branch of a text is missed.
    const tables = read('src/bot/locale/*.ts')
    expect(tables.length).toBeGreaterThan(5)
    expect(tables.filter(({ code }) => forbidden.test(code)).map(({ file }) => file)).toEqual([])
    expect(JSON.stringify(commands.map(({ data }) => data)).match(forbidden)?.[0]).toBeUndefined()
  })

  test('is Korean in the Korean table, and has no Korean in the English one', () => {
    const english = JSON.stringify(texts.en) + read('src/bot/locale/en*.ts').map(({ code }) => code)
    expect(english).not.toMatch(/[가-힣]/)
    const plain = (table: object): string[] =>
      Object.values(table).flatMap((value) =>
        typeof value === 'string' ? [value] : typeof value === 'object' ? plain(value) : [],
      )
    const withoutKorean = plain(texts.ko).filter((text) => !/[가-힣]/.test(text))
    expect(withoutKorean).toEqual(['ko', 'minutewatch', 'ko'])
  })

  test('stands in the tables of texts and nowhere else', () => {
    const others = ['src/bot/!(locale)/**/*.ts', 'commands/*.ts'].flatMap(read)
    expect(others.length).toBeGreaterThan(40)
    expect(others.filter(({ code }) => /[가-힣]/.test(withoutComments(code))).map(({ file }) => file)).toEqual([])
  })
})

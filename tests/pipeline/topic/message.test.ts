import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MINUTE } from '../../../src/model/time/bar.ts'
import { changeMessage } from '../../../src/pipeline/changes/publishing.ts'
import { fromMessage, isOurs, type Piece, type RawMessage, toMessage } from '../../../src/pipeline/topic/message.ts'
import { readOldMessage } from '../../../src/pipeline/topic/old-messages.ts'

const openTime = Date.parse('2026-11-16T09:42:00+09:00')

const pieces = fc
  .record({
    price: fc.integer({ min: 1, max: 2_000_000 }),
    volume: fc.integer({ min: 1, max: 2 ** 40 }),
    minute: fc.integer({ min: 0, max: 400 }),
    traded: fc.boolean(),
    again: fc.option(fc.integer({ min: 0, max: 2 ** 42 })),
  })
  .map(({ price, volume, minute, traded, again }): Piece => {
    const from = openTime + minute * MINUTE
    const prices = { open: price, high: price + 1, low: price, close: price }
    const bar = { series: 'kiwoom', symbol: '0001A0', openTime: from, ...prices, volume, receivedAt: from + MINUTE }
    return { series: 'kiwoom', symbol: '0001A0', covered: { from, to: from + MINUTE }, bar: traded ? bar : null, again }
  })

describe('a message of a collector', () => {
  test('is read back as it was written', () => {
    fc.assert(fc.property(pieces, (piece) => void expect(fromMessage(toMessage(piece))).toEqual(piece)))
  })

  test('is JSON that other programs read, under the stock as its key', () => {
    const bar = { series: 'kiwoom', symbol: '038530', openTime, open: 900, high: 990, low: 880, close: 950, volume: 7 }
    const { key, value, headers } = toMessage({
      series: 'kiwoom',
      symbol: '038530',
      covered: { from: openTime - MINUTE, to: openTime + MINUTE },
      bar: { ...bar, receivedAt: openTime + MINUTE },
      again: null,
    })
    expect(key.toString()).toBe('038530')
    expect(JSON.parse(value.toString())).toEqual({
      symbol: '038530',
      time: '2026-11-16T00:42:00.000Z',
      ...{ open: 900, high: 990, low: 880, close: 950, volume: 7 },
      received: '2026-11-16T00:43:00.000Z',
    })
    expect(Object.fromEntries(headers)).toEqual({
      schema: '1',
      series: 'kiwoom',
      from: String(openTime - MINUTE),
      until: String(openTime + MINUTE),
    })
  })

  test('of a later version is passed over with a sentence that says what to do', () => {
    const headers = new Map([['schema', '2']])
    expect(fromMessage({ key: Buffer.from(''), value: Buffer.from('{}'), headers })).toMatch(/start the same version/)
  })
})

const message = (value: unknown, key = ''): RawMessage => ({
  key: Buffer.from(key),
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers: new Map(),
})
const bar = { symbol: '038530', openTime, open: 900, high: 990, low: 880, close: 950, volume: 1234 }
const korean = { 시가: '-900', 고가: '+990', 저가: '-880', 거래량: '1234' }

describe('a message of another program', () => {
  test.for([
    ['opt10080 in Korean', { ...korean, 체결시간: '20261116094200', 현재가: '-950', 종목코드: '038530' }],
    ['the close under its own name', { ...korean, 체결시간: '20261116094200', 종가: '950', code: 'A038530' }],
    [
      'opt10080 in English, as numbers',
      { time: '20261116094200', close: -950, open: -900, high: 990, low: -880, volume: 1234, code: 38530 },
    ],
    [
      'a day and a time of day apart',
      { date: '20261116', time: '094200', close: 950, open: 900, high: 990, low: 880, volume: '1,234', code: '038530' },
    ],
    [
      'a time of day without its first zero',
      { date: '2026-11-16', time: 94200, close: 950, open: 900, high: 990, low: 880, volume: 1234, code: '038530' },
    ],
    [
      'the names of the REST interface',
      {
        cntr_tm: '20261116094200',
        cur_prc: '-950',
        open_pric: '-900',
        high_pric: '+990',
        low_pric: '-880',
        trde_qty: '1234',
        code: '038530',
      },
    ],
  ])('is read: %s', ([, value]) => {
    expect(isOurs(message(value))).toBe(false)
    expect(readOldMessage(message(value), null)).toEqual(bar)
  })

  test('of the old system’s table is read too, filed under the minute before its change', () => {
    const row = { date: '20200203', time: '090100', per_price: -2, per_volume: '1061', code: '038530' }
    const changed = { symbol: '038530', openTime: Date.parse('2020-02-03T09:02:00+09:00'), row: [-2, 1061] }
    expect(readOldMessage(message(row), null)).toEqual(changed)
    expect(readOldMessage(message({ ...row, date: 20200203, time: 90100, per_volume: 1061 }), null)).toEqual(changed)
    expect(readOldMessage(changeMessage({ ...changed, row: [-2, 1061] }), null)).toEqual(changed)
    expect(readOldMessage(message({ ...row, per_volume: null }), null)).toMatch(/lacks a number in per_price or/)
    expect(readOldMessage(message({ ...row, time: '2500' }), null)).toMatch(/has no date and time like/)
  })

  const nameless = { ...korean, 체결시간: '20261116094200', 현재가: '-950' }
  test('names its stock in a field, else in its key, else takes the one that is set', () => {
    const symbolOf = (found: ReturnType<typeof readOldMessage>) => (typeof found === 'string' ? found : found.symbol)
    expect(symbolOf(readOldMessage(message({ ...nameless, code: '005930' }, '000660'), '038530'))).toBe('005930')
    expect(symbolOf(readOldMessage(message(nameless, '000660'), '038530'))).toBe('000660')
    expect(symbolOf(readOldMessage(message(nameless), '038530'))).toBe('038530')
    expect(readOldMessage(message(nameless), null)).toMatch(/names no stock.*KAFKA_SYMBOL/)
  })

  test.for([
    ['not JSON', /no JSON object/],
    ['[1]', /no JSON object/],
    [{ ...nameless, 체결시간: 'yesterday' }, /has "yesterday" in 체결시간, expected a time/],
    [{ ...nameless, 고가: '-1' }, /expected/],
    [{ ...nameless, 거래량: undefined }, /lacks 거래량/],
  ] as const)('%j is passed over with a sentence', ([value, sentence]) => {
    expect(readOldMessage(message(value), '038530')).toMatch(sentence)
  })
})

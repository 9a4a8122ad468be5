import fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareOf } from '../../../src/pipeline/run/shares.ts'

const codes = fc
  .uniqueArray(fc.integer({ min: 1, max: 999_999 }), { maxLength: 80 })
  .map((numbers) => numbers.map((number) => String(number).padStart(6, '0')))
const sharers = (capacity: fc.Arbitrary<number>) =>
  fc.uniqueArray(fc.record({ key: fc.stringMatching(/^[0-9a-f]{4}$/), capacity }), {
    selector: ({ key }) => key,
    minLength: 1,
    maxLength: 6,
  })
const someSharers = sharers(fc.nat({ max: 40 }))
const roomySharers = sharers(fc.constant(1_000))
const sharesOf = (all: Parameters<typeof shareOf>[1], symbols: readonly string[]) =>
  new Map(all.map(({ key }) => [key, shareOf(key, all, symbols)]))

test('every stock is in one share, also if there is room for fewer', () => {
  fc.assert(
    fc.property(someSharers, codes, (all, symbols) => {
      expect([...sharesOf(all, symbols).values()].flat().toSorted()).toEqual(symbols.toSorted())
    }),
  )
})

test('no share is larger than its collector’s capacity while there is room for all', () => {
  fc.assert(
    fc.property(someSharers, codes, (all, codes) => {
      const room = all.reduce((sum, { capacity }) => sum + capacity, 0)
      const shares = sharesOf(all, codes.slice(0, room))
      for (const { key, capacity } of all) expect(shares.get(key)?.length).toBeLessThanOrEqual(capacity)
    }),
  )
})

test('collectors that see the others and the stocks in different orders make the same shares', () => {
  fc.assert(
    fc.property(someSharers, codes, (all, symbols) => {
      const others = sharesOf(all.toReversed(), symbols.toReversed())
      for (const [key, share] of sharesOf(all, symbols)) expect(others.get(key)?.toSorted()).toEqual(share.toSorted())
    }),
  )
})

test('a collector that comes or goes moves its own stocks only', () => {
  fc.assert(
    fc.property(roomySharers, codes, ([one, ...rest], symbols) => {
      if (!one || rest.length === 0) return
      const [before, after] = [sharesOf([one, ...rest], symbols), sharesOf(rest, symbols)]
      for (const { key } of rest) expect(after.get(key)).toEqual(expect.arrayContaining(before.get(key) ?? []))
    }),
  )
})

test('one collector collects everything, whatever it keeps up with', () => {
  fc.assert(
    fc.property(fc.nat({ max: 10 }), codes, (capacity, symbols) => {
      expect(shareOf('only', [{ key: 'only', capacity }], symbols).toSorted()).toEqual(symbols.toSorted())
    }),
  )
})

test('a collector that the others do not know yet takes nothing from them', () => {
  const known = [{ key: 'known', capacity: 10 }]
  expect(shareOf('known', known, ['038530', '005930'])).toHaveLength(2)
  expect(shareOf('unknown', known, ['038530', '005930'])).toEqual([])
})

test('three collectors get about a third each', () => {
  const symbols = Array.from({ length: 600 }, (_, n) => String(n).padStart(6, '0'))
  const all = ['a', 'b', 'c'].map((key) => ({ key, capacity: 1_000 }))
  for (const share of sharesOf(all, symbols).values()) {
    expect(share.length).toBeGreaterThan(150)
    expect(share.length).toBeLessThan(250)
  }
})

import { expect, test } from 'vitest'
import { sourceKeys } from '../../src/roles/source-keys.ts'

const kiwoom = (KIWOOM_APP_KEY: string, KIWOOM_SECRET_KEY: string) =>
  sourceKeys({ SOURCE: 'kiwoom', KIWOOM_APP_KEY, KIWOOM_SECRET_KEY })

test('of three collectors with two keys of Kiwoom two find a lease of their own, and each its pair of keys', () => {
  const keys = kiwoom('first, second', 'one ,two')
  expect(keys.size).toBe(2)
  expect([...keys.values()]).toEqual([
    { KIWOOM_APP_KEY: 'first', KIWOOM_SECRET_KEY: 'one' },
    { KIWOOM_APP_KEY: 'second', KIWOOM_SECRET_KEY: 'two' },
  ])
})

test('a key has the same lease on every machine, wherever it stands among the others', () => {
  const names = [...kiwoom('first,second', 'one,two').keys()]
  expect([...kiwoom('second,third,first', 'two,three,one').keys()]).toEqual(expect.arrayContaining(names))
  expect([...kiwoom('first', 'a new secret').keys()]).toEqual([names[0]])
})

test('the name of a lease gives no key away', () => {
  const names = [...kiwoom('first,second', 'one,two').keys()].join(' ')
  expect(names).toMatch(/^collector:kiwoom:[0-9a-f]{12} collector:kiwoom:[0-9a-f]{12}$/)
})

test('of a source without keys there is one collector', () => {
  expect([...sourceKeys({ SOURCE: 'naver' })]).toEqual([['collector:naver:only', {}]])
})

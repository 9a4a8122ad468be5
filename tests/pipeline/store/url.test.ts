import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SetupError } from '../../../src/errors.ts'
import { describePlace, parsePlace } from '../../../src/pipeline/store/url.ts'

const mariadb = { engine: 'mariadb', host: 'db', port: 3306, user: 'u', password: '', database: 'd' }

test.for([
  ['sqlite:data/minutewatch.db', { engine: 'sqlite', path: join(process.cwd(), 'data/minutewatch.db') }],
  ['SQLite:/var/lib/a b%20c.db', { engine: 'sqlite', path: '/var/lib/a b%20c.db' }],
  ['sqlite:///var/lib/mw.db', { engine: 'sqlite', path: '/var/lib/mw.db' }],
  ['sqlite::memory:', { engine: 'sqlite', path: ':memory:' }],
  ['mysql://u@db/d', mariadb],
  ['mariadb://u:p%40ss%2F%23%25@db:3307/d', { ...mariadb, port: 3307, password: 'p@ss/#%' }],
  ['mysql://db/d', { ...mariadb, user: 'root' }],
  ['mysql://u@[::1]:3308/my%20data', { ...mariadb, host: '::1', port: 3308, database: 'my data' }],
] as const)('%s names a place', ([text, place]) => {
  expect(parsePlace(text)).toEqual(place)
})

test.for([
  ['', /DATABASE_URL names no database this program knows: write sqlite:FILE or mysql:/],
  ['postgres://u:SECRET@db/d', /names no database this program knows/],
  ['data/minutewatch.db', /names no database this program knows/],
  ['sqlite:', /names no file/],
  ['mysql://u:SECRET/x@db/d', /cannot be read as an address.* %40/],
  ['mysql://u:SECRET@db:99999/d', /cannot be read as an address/],
  ['mysql://u:SECRET#@db/d', /DATABASE_URL/],
  ['mysql:///d', /DATABASE_URL/],
  ['mysql://u:SECRET@db', /must end in one database name/],
  ['mysql://u:SECRET@db/a/b', /must end in one database name/],
  ['mysql://u:SECRET@db/d?ssl=true', /takes nothing after the database name/],
  ['mysql://u:SECRET%@db/d', /has a % in its password/],
] as const)('%s is refused in one sentence that never repeats the password', ([text, message]) => {
  const parse = () => parsePlace(text)
  expect(parse).toThrow(SetupError)
  expect(parse).toThrow(message)
  try {
    parse()
  } catch (error) {
    const { message, cause } = error as Error
    expect(cause).toBeUndefined() // a URL error carries the whole address
    expect(message).not.toContain('SECRET')
    expect(message).not.toContain('\n')
  }
})

test.for([
  ['sqlite:/var/lib/mw.db', 'SQLite /var/lib/mw.db'],
  ['sqlite::memory:', 'SQLite in memory'],
  ['mysql://u:SECRET@[::1]/d', 'MariaDB [::1]:3306/d'],
] as const)('%s is shown as engine and place', ([text, shown]) => {
  expect(describePlace(parsePlace(text))).toBe(shown)
})

import { afterAll, beforeAll, expect } from 'vitest'
import { openStore } from '../../src/pipeline/store/index.ts'
import { until } from '../sandbox/visitor.ts'
import { folder, isRunning, type Running, start } from '../support/child.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { silent } from '../support/market.ts'
import { needs } from '../support/needs.ts'

const { describe, test } = needs('mariadb')

describe('two bots on one MariaDB', () => {
  let database: Mariadb
  beforeAll(async () => {
    database = await startMariadb()
  })
  afterAll(async () => {
    await database?.remove()
  })
  const begin = (name: string) => start({ cwd: folder(), env: { DATABASE_URL: database.url(name) } })
  const waits = (bot: Running) =>
    until(
      () => bot.stderr().includes('another minutewatch works on MariaDB'),
      () => `that it waits; said: ${bot.stdout()}${bot.stderr()}`,
      60_000,
    )

  test('the second waits, says so, and takes over when the first is killed', async () => {
    const first = begin('killed')
    await isRunning(first)
    const second = begin('killed')
    await waits(second)
    expect(second.stdout()).not.toContain('is running')
    first.kill('SIGKILL')
    await isRunning(second)
  })

  test('one that waits ends at once when it is stopped', async () => {
    const first = begin('stopped')
    await isRunning(first)
    const second = begin('stopped')
    await waits(second)
    second.kill('SIGTERM')
    expect(await second.ended).toMatchObject({ code: 0 })
    expect(first.stdout()).toContain('is running')
  })

  test('one whose lease another has taken ends with a sentence', async () => {
    const bot = begin('taken')
    await isRunning(bot)
    const store = await openStore(database.url('taken'), { log: silent })
    const holder = (await store.leases.holder('all')) ?? ''
    expect(await store.leases.take('all', 'another machine', 60_000, holder)).toBe(2)
    const { code, stderr } = await bot.ended
    expect(code).toBe(1)
    expect(stderr).toMatch(/^another process has taken over \(all\) .+: this one ends$/m)
    await store.close()
  })
})

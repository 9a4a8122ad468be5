import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { type App, startApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { barsOf } from '../support/bars-of.ts'
import { type Mariadb, startMariadb } from '../support/mariadb.ts'
import { silent } from '../support/market.ts'
import { needs } from '../support/needs.ts'
import { pinMarket } from '../support/pinned-market.ts'

const { describe, test } = needs('mariadb')

describe('the whole bot on MariaDB', () => {
  let database: Mariadb
  let app: App
  const from = process.cwd()
  let folder: string

  beforeAll(async () => {
    // Beside a server's database the local Discord keeps its messages where the bot runs: those of an earlier run are
    // not to be found here.
    folder = await mkdtemp(join(tmpdir(), 'minutewatch-'))
    process.chdir(folder)
    database = await startMariadb()
    await pinMarket(database.url('bot'))
    app = await startApp(readConfig({ DATABASE_URL: database.url('bot'), SANDBOX_PORT: '0', HTTP_PORT: '0' }), silent)
  })
  afterAll(async () => {
    await app?.stop()
    await database?.remove()
    process.chdir(from)
    await rm(folder, { recursive: true, force: true })
  })

  test('posts its first alert, and says to machines that all is well', async () => {
    const { sandbox, healthUrl } = app
    await expect
      .poll(() => sandbox?.state.messages(sandbox.alertsChannelId).length, { timeout: 60_000 })
      .toBeGreaterThan(0)
    await expect
      .poll(async () => (await app.store.outbox.alertTimes('simulated', sandbox?.alertsChannelId ?? '', 0)).length)
      .toBeGreaterThan(0)
    expect(await (await fetch(`${healthUrl}/health`)).json()).toEqual({ ok: true, problem: null, note: null })
    const metrics = await (await fetch(`${healthUrl}/metrics`)).text()
    expect(metrics).toMatch(/^minutewatch_watched_symbols 5$/m)
    expect(metrics).toMatch(/^minutewatch_source_capacity 10$/m)
  })

  test('a database that goes away for a while costs no minute', async () => {
    await database.stop()
    const before = app.source.now()
    await expect.poll(() => app.source.now(), { timeout: 30_000 }).toBeGreaterThan(before + 3 * 60_000)
    await database.start()
    const covered = async () => (await app.store.bars.coverage('simulated', '038530').catch(() => null))?.to ?? 0
    await expect.poll(covered, { timeout: 60_000, interval: 500 }).toBeGreaterThan(before + 3 * 60_000)
    // More comes while this is asked.
    const coverage = (await app.store.bars.coverage('simulated', '038530')) ?? { from: 0, to: 0 }
    const kept = await app.store.bars.range('simulated', '038530', coverage)
    const whole = await barsOf(app).fetchBars('038530', coverage, AbortSignal.timeout(10_000))
    expect(kept.length).toBeGreaterThan(1_000)
    expect(kept.map((bar) => bar.openTime)).toEqual(whole.map((bar) => bar.openTime))
  })
})

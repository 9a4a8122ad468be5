import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type App, startApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { KST_OFFSET } from '../../src/model/time/session.ts'
import { loadKrxCalendar } from '../../src/pipeline/calendar/krx.ts'
import { Visitor } from '../sandbox/visitor.ts'
import { calendarFile } from '../support/calendar-file.ts'
import { type KiwoomPeer, sessionsUpTo, startKiwoomPeer, walk } from '../support/kiwoom-peer.ts'
import { silent } from '../support/market.ts'

const SYMBOL = '038530'
const dateOf = (time: number) => new Date(time + KST_OFFSET).toISOString().slice(0, 10)

let folder = ''
let peer: KiwoomPeer
let app: App | null = null
let env: Record<string, string> = {}

/**
 * Today and tomorrow are trading days from ten past midnight to ten to, so that the market is open whenever the test
 * runs.
 */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'minutewatch-'))
  const days = [0, 1].map((later) => ({ date: dateOf(Date.now() + later * 86_400_000), open: '00:10', close: '23:50' }))
  const path = calendarFile(folder, days)
  const sessions = sessionsUpTo(await loadKrxCalendar(path), Date.now(), 3)
  const bars = walk(sessions, { seed: 1, price: 5_000 })
  const stock = { symbol: SYMBOL, name: '케이바이오랩스', market: 'KOSDAQ' as const, base: 5_000, bars }
  peer = await startKiwoomPeer({
    now: Date.now,
    stocks: [stock, { ...stock, symbol: '005930', name: '삼성전자', market: 'KOSPI' }],
  })
  env = {
    DATABASE_URL: `sqlite:${join(folder, 'bot.db')}`,
    SANDBOX_PORT: '0',
    HTTP_PORT: '0',
    CALENDAR_FILE: path,
    KIWOOM_APP_KEY: 'peer-app-key',
    KIWOOM_SECRET_KEY: 'peer-secret-key',
    KIWOOM_REST_URL: peer.restUrl,
    KIWOOM_WS_URL: peer.wsUrl,
  }
})
afterEach(async () => {
  await app?.stop()
  app = null
  await peer.close()
  await rm(folder, { recursive: true, force: true })
})

const start = async (): Promise<App> => {
  app = await startApp(readConfig(env), silent)
  return app
}

describe('the whole bot on a loopback Kiwoom', () => {
  test('follows live what is watched, and after a restart without anybody typing', async () => {
    const first = await start()
    expect(peer.live.registered()).toEqual([])
    if (!first.sandbox) throw new Error('no local Discord')
    const visitor = await Visitor.join(first.sandbox)
    await visitor.command('watch', [{ type: 3, name: 'symbol', value: SYMBOL }])
    await expect.poll(() => peer.live.registered(), { timeout: 30_000 }).toContain(SYMBOL)
    const messages = () => first.sandbox?.state.messages(first.sandbox.alertsChannelId) ?? []
    const answered = () => messages().find(({ embeds }) => embeds[0]?.title?.includes(SYMBOL))
    await expect.poll(answered, { timeout: 60_000 }).toBeDefined()
    expect(answered()?.embeds[0]?.footer?.text).toBe('real prices · kiwoom · KST')
    visitor.leave()
    await first.stop()
    await expect.poll(() => peer.live.connected()).toBe(0)

    const { healthUrl } = await start()
    await expect.poll(() => peer.live.registered(), { timeout: 30_000 }).toContain(SYMBOL)
    const metrics = async () => (await fetch(`${healthUrl}/metrics`)).text()
    await expect.poll(metrics).toMatch(/^minutewatch_live_symbols 1$/m)
    expect(await metrics()).toMatch(/^minutewatch_source_capacity 98$/m)

    const health = async () => (await (await fetch(`${healthUrl}/health`)).json()) as { note: string | null }
    expect(await health()).toEqual({ ok: true, problem: null, note: null })
    peer.live.takeOver()
    await expect
      .poll(async () => (await health()).note)
      .toMatch(/^no live feed, .+: another program uses this Kiwoom app key \(R10001\): stop it/)
    expect(await health()).toMatchObject({ ok: true, problem: null })
    expect(await metrics()).toMatch(/^minutewatch_live_symbols 0$/m)
  })
})

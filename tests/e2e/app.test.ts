import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadImage } from '@napi-rs/canvas'
import type { APIMessage } from 'discord.js'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type App, startApp } from '../../src/app.ts'
import { readConfig } from '../../src/config.ts'
import { Visitor } from '../sandbox/visitor.ts'
import { barsOf } from '../support/bars-of.ts'
import { silent } from '../support/market.ts'
import { pinMarket } from '../support/pinned-market.ts'

let folder = ''
let app: App | null = null
let visitor: Visitor | null = null

const databaseUrl = () => `sqlite:${join(folder, 'bot.db')}`
const start = async (own: Record<string, string> = {}): Promise<{ app: App; messages: () => APIMessage[] }> => {
  const started = await startApp(readConfig({ DATABASE_URL: databaseUrl(), SANDBOX_PORT: '0', ...own }), silent)
  app = started
  return { app: started, messages: () => started.sandbox?.state.messages(started.sandbox.alertsChannelId) ?? [] }
}
const end = async () => {
  visitor?.leave()
  visitor = null
  await app?.stop()
  app = null
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'minutewatch-'))
  await pinMarket(databaseUrl())
})
afterEach(async () => {
  await end()
  await rm(folder, { recursive: true, force: true })
})

const alertsOf = (messages: APIMessage[]) => messages.filter((message) => message.content.includes('SIMULATED'))
const picture = async (message: APIMessage) => {
  const url = message.embeds[0]?.image?.url
  if (url === undefined) throw new Error('the message has no picture')
  return loadImage(Buffer.from(await (await fetch(url)).arrayBuffer()))
}

describe('the whole bot', () => {
  test('a first start, told nothing, posts an abnormal minute of the simulated market with its picture', async () => {
    const { messages, app } = await start()
    expect(app.firstWatched).toContain('038530')
    const [alert] = await expect
      .poll(() => alertsOf(messages()), { timeout: 60_000, interval: 200 })
      .not.toEqual([])
      .then(() => alertsOf(messages()))
    if (!alert) throw new Error('no alert')
    expect(alert.embeds[0]?.description).toMatch(/\d/)
    expect(alert.embeds[0]?.footer?.text).toContain('SIMULATED')
    const { width, height } = await picture(alert)
    expect(width).toBeGreaterThan(800)
    expect(height).toBeGreaterThan(400)
  })

  test('a restart goes on: no bar is missing, nothing is posted twice, and watches are remembered', async () => {
    const first = await start()
    await expect.poll(() => alertsOf(first.messages()).length, { timeout: 60_000, interval: 200 }).toBeGreaterThan(0)
    const watched = await first.app.store.watches.symbols('simulated')
    await end()
    const second = await start()
    expect(second.app.firstWatched).toEqual([])
    expect(await second.app.store.watches.symbols('simulated')).toEqual(watched)
    const before = await second.app.store.bars.coverage('simulated', '038530')
    await expect
      .poll(async () => (await second.app.store.bars.coverage('simulated', '038530'))?.to, { timeout: 20_000 })
      .toBeGreaterThan(before?.to ?? 0)
    // More comes while this is asked.
    const coverage = (await second.app.store.bars.coverage('simulated', '038530')) ?? { from: 0, to: 0 }
    const kept = await second.app.store.bars.range('simulated', '038530', coverage)
    const whole = await barsOf(second.app).fetchBars('038530', coverage, AbortSignal.timeout(20_000))
    expect(kept.length).toBeGreaterThan(1_000)
    expect(kept.map((bar) => bar.openTime)).toEqual(whole.map((bar) => bar.openTime))
    const contents = alertsOf(second.messages()).map((message) => message.content)
    expect(new Set(contents).size).toBe(contents.length)
  })

  test.for([
    ['ko', '분'],
    ['en-US', 'minutes'],
  ] as const)(
    'a visitor who reads %s gets answers with pictures to /watch, /centers, /history and /chart',
    async ([locale, word]) => {
      const { app, messages } = await start()
      if (!app.sandbox) throw new Error('no local Discord')
      visitor = await Visitor.join(app.sandbox)
      const answerTo = async (name: string, options: object[]) => {
        const known = new Set(messages().map((message) => message.id))
        await visitor?.command(name, options, { locale })
        const answer = () =>
          messages().find(
            (message) =>
              !known.has(message.id) && message.interaction_metadata !== undefined && message.embeds.length > 0,
          )
        await expect.poll(answer, { timeout: 30_000, interval: 100 }).toBeDefined()
        const found = answer()
        if (!found) throw new Error(`no answer to /${name}`)
        return found
      }
      const symbol = { name: 'symbol', type: 3, value: '990850' }
      const watched = await answerTo('watch', [symbol])
      expect(JSON.stringify(watched.embeds)).toContain(word)
      await picture(watched)
      await picture(await answerTo('centers', [symbol]))
      await picture(await answerTo('centers', [symbol, { name: 'k', type: 4, value: 3 }]))
      await picture(await answerTo('chart', [symbol]))
      const history = await answerTo('history', [{ ...symbol, value: '038530' }])
      expect(history.embeds[0]?.title).toContain('038530')
      expect(await app.store.watches.symbols('simulated')).toContain('990850')
    },
  )

  test('an unknown code is told to the person alone, and no placeholder stays', async () => {
    const { app, messages } = await start()
    if (!app.sandbox) throw new Error('no local Discord')
    visitor = await Visitor.join(app.sandbox)
    await visitor.command('watch', [{ name: 'symbol', type: 3, value: '123' }], { locale: 'ko' })
    await expect
      .poll(() =>
        app.sandbox?.state
          .ephemerals()
          .map((message) => message.content)
          .join(),
      )
      .toContain('123')
    expect(messages().filter((message) => message.interaction_metadata !== undefined)).toHaveLength(0)
  })

  test('after the clock was set, either way, the last pass is no older, and the next ones come as ever', async () => {
    let setBy = 0
    const clock = Date.now
    class SetDate extends Date {
      constructor(...given: [] | [number]) {
        super(given.length === 0 ? SetDate.now() : given[0])
      }
      static override now() {
        return clock() + setBy
      }
    }
    vi.stubGlobal('Date', SetDate)
    onTestFinished(() => void vi.unstubAllGlobals())
    const { app } = await start({ HTTP_PORT: '0' })
    const age = async () =>
      Number(
        /^minutewatch_last_pass_age_seconds (\S+)$/m.exec(await (await fetch(`${app.healthUrl}/metrics`)).text())?.[1],
      )
    for (const hours of [3, -6]) {
      setBy += hours * 3_600_000
      expect(await age()).toBeGreaterThanOrEqual(0)
      expect(await age()).toBeLessThan(60)
      const covered = (await app.store.bars.coverage('simulated', '038530'))?.to ?? 0
      await expect
        .poll(async () => (await app.store.bars.coverage('simulated', '038530'))?.to, { timeout: 20_000 })
        .toBeGreaterThan(covered)
    }
  })
})

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createSimulatedSource } from '../../src/pipeline/sources/simulated/source.ts'
import type { Store } from '../../src/pipeline/store/contract.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import { until } from '../sandbox/visitor.ts'
import { folder, isRunning, type Running, start } from '../support/child.ts'
import { silent } from '../support/market.ts'
import { pinMarket } from '../support/pinned-market.ts'

const VENUE = 'simulated'
/** From the last event of a day to the first of the next it is a minute and a half. */
const WAIT_MS = 120_000

/** The channel's messages as the local Discord has kept them: the last line about a message is the truth about it. */
const posted = (cwd: string): { id: string; nonce: string | null; content: string; alert: boolean }[] => {
  const path = join(cwd, 'data/local-discord/journal.jsonl')
  const messages = new Map<string, ReturnType<typeof posted>[number]>()
  for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
    if (!line.startsWith('{"kind":"message","') || !line.endsWith('}')) continue // the last one may be half written just now
    const { message, nonce } = JSON.parse(line).stored
    messages.set(message.id, {
      id: message.id,
      nonce,
      content: message.content,
      alert: message.content.includes('SIMULATED'),
    })
  }
  return [...messages.values()]
}

const minutesOf = async (store: Store, symbol: string) => {
  const covered = await store.bars.coverage(VENUE, symbol)
  if (covered === null) throw new Error(`nothing was kept of ${symbol}`)
  const [startAt, liveFrom] = [await store.bars.newest(VENUE), await store.keyValues.get(`live-from:${VENUE}`)]
  const market = createSimulatedSource({ seed: 38530, speed: 30, now: Date.now, startAt, liveFrom })
  const traded = await market.fetchBars(symbol, covered, AbortSignal.timeout(WAIT_MS))
  const kept = await store.bars.range(VENUE, symbol, { from: 0, to: Number.MAX_SAFE_INTEGER })
  const numbers = (bars: typeof kept) =>
    bars.map(({ openTime, open, high, low, close, volume }) => [openTime, open, high, low, close, volume])
  return { kept: numbers(kept), traded: numbers(traded) }
}

const fileIn = (cwd: string) => join(cwd, 'data/minutewatch.db')
const kill = async (running: Running) => {
  running.kill('SIGKILL')
  expect(await running.ended).toMatchObject({ signal: 'SIGKILL', stderr: '' })
}

test('killed as soon as there is a database, it starts as if for the first time', async () => {
  const cwd = folder()
  const unborn = start({ cwd })
  await until(() => existsSync(fileIn(cwd)), 'the database', WAIT_MS)
  await kill(unborn)
  const next = start({ cwd })
  await isRunning(next)
  expect(next.stdout()).toMatch(/^ {2}watching {2}(\S{6} ?){5}$/m)
  next.kill('SIGTERM')
  expect(await next.ended).toMatchObject({ code: 0, stderr: '' })
})

test('killed again and again, in the middle of its history and of live minutes: no minute missing or twice, nothing posted twice, watches kept', {
  timeout: 480_000,
}, async () => {
  const cwd = folder()
  const file = fileIn(cwd)
  await pinMarket(`sqlite:${file}`)
  const bot = () => start({ cwd, env: { SIMULATED_SPEED: '120' } })

  const learning = bot()
  await isRunning(learning)
  await kill(learning)

  const store = await openStore(`sqlite:${file}`, { log: silent })
  onTestFinished(() => store.close())
  const watched = (await store.watches.symbols(VENUE)).toSorted()
  expect(watched).toHaveLength(5)
  const reached = async () => (await store.bars.coverage(VENUE, '038530'))?.to ?? 0

  for (let round = 0; round < 4; round++) {
    const before = { reached: await reached(), messages: posted(cwd).length }
    const living = bot()
    await isRunning(living)
    // Odd rounds end where it hurts most: a message has just appeared, and the bot may not have noted that it did.
    const what = round % 2 === 0 ? 'live minutes' : 'another message'
    await until(
      async () =>
        round % 2 === 0 ? (await reached()) > before.reached + 5 * 60_000 : posted(cwd).length > before.messages,
      `${what} in round ${round}`,
      WAIT_MS,
    )
    await kill(living)
  }

  const last = bot()
  const before = await reached()
  await isRunning(last)
  await until(async () => (await reached()) > before, 'the next minute', WAIT_MS)
  await until(async () => (await store.outbox.due(100)).length === 0, 'all that was owed', WAIT_MS)
  last.kill('SIGTERM')
  expect(await last.ended).toMatchObject({ code: 0, stderr: '' })

  expect((await store.watches.symbols(VENUE)).toSorted()).toEqual(watched)
  for (const symbol of watched) {
    const { kept, traded } = await minutesOf(store, symbol)
    expect(kept.length).toBeGreaterThan(1_000)
    expect(kept, symbol).toEqual(traded)
  }
  const alerts = posted(cwd).filter(({ alert }) => alert)
  expect(alerts.length).toBeGreaterThan(0)
  expect(new Set(alerts.map(({ nonce }) => nonce)).size).toBe(alerts.length)
  expect(new Set(alerts.map(({ content }) => content)).size).toBe(alerts.length)
})

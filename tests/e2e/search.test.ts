import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { openSearchSink } from '../../src/pipeline/search-sink/sink.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import { cli, folder, isRunning, jsonLines, start } from '../support/child.ts'
import { DEAD_PORT } from '../support/dead-port.ts'
import { freePort } from '../support/free-port.ts'
import { silent } from '../support/market.ts'
import { needs } from '../support/needs.ts'
import { startOpenSearch } from '../support/opensearch.ts'

/** The value of one metric. */
const metric = async (port: number, name: string): Promise<number> => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1])
}

const searchFinding = async (env: Record<string, string>, cwd: string) => {
  const { stdout } = await cli(['doctor', '--json'], { env, cwd })
  return jsonLines(stdout).find(({ check }) => check === 'search')
}

needs('java').test(
  'a bot that is killed while it sends leaves every bar and signal in the search node once',
  async () => {
    const cwd = folder()
    const node = await startOpenSearch()
    const port = await freePort()
    const env = { ELASTICSEARCH_URL: node.url, ELASTICSEARCH_PREFIX: 'try', HTTP_PORT: String(port) }
    try {
      const killed = start({ cwd, env })
      await isRunning(killed)
      await vi.waitUntil(async () => (await metric(port, 'minutewatch_search_sent')) > 1_000, { timeout: 60_000 })
      killed.kill('SIGKILL')
      await killed.ended

      const next = start({ cwd, env })
      await isRunning(next)
      await vi.waitUntil(async () => (await metric(port, 'minutewatch_search_behind_seconds')) === 0, {
        timeout: 60_000,
      })
      expect(await metric(port, 'minutewatch_search_refused')).toBe(0)
      next.kill('SIGTERM')
      expect(await next.ended).toMatchObject({ code: 0, stderr: '' })
      expect(await searchFinding(env, cwd)).toMatchObject({
        ok: true,
        message: expect.stringMatching(
          /^OpenSearch 2\.19\.6 answers at http:\S+; its index templates are there; \d+ days? of a stock not sent yet$/,
        ),
      })

      const store = await openStore(`sqlite:${join(cwd, 'data/minutewatch.db')}`, { log: silent })
      const settings = { url: node.url, username: undefined, password: undefined, prefix: 'try' }
      const deadLetterFile = join(cwd, 'refused.ndjson')
      const sink = await openSearchSink({ settings, store, deadLetterFile, log: silent, now: Date.now })
      await sink.pass(new AbortController().signal)
      let [bars, signals] = [0, 0]
      for (const symbol of await store.bars.symbols('simulated')) {
        bars += await store.bars.count('simulated', symbol)
        signals += (await store.signals.history('simulated', symbol, 100_000)).length
      }
      expect(bars).toBeGreaterThan(10_000)
      expect(await node.count('try-bars-*')).toBe(bars)
      expect(signals).toBeGreaterThan(0)
      expect(await node.count('try-signals-*')).toBe(signals)
      await sink.close()
      await store.close()
    } finally {
      await node.remove()
    }
  },
)

test('doctor says what is wrong with the address of a search node, and the bot runs without it', async () => {
  const cwd = folder()
  const env = { ELASTICSEARCH_URL: `http://127.0.0.1:${DEAD_PORT}`, LOG_LEVEL: 'warn' }
  const bot = start({ cwd, env })
  await isRunning(bot)
  await vi.waitUntil(() => bot.stderr().includes('nothing is sent to the search node'), { timeout: 60_000 })
  bot.kill('SIGTERM')
  const { code, stderr } = await bot.ended
  expect(code).toBe(0)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  expect(await searchFinding(env, cwd)).toEqual({
    check: 'search',
    ok: false,
    message: `ELASTICSEARCH_URL names http://127.0.0.1:${DEAD_PORT}, where no search node answers: start it, or mend the address.`,
  })
})

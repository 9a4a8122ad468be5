import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../src/pipeline/store/index.ts'
import { openSandbox, type RestFault } from '../../src/sandbox/index.ts'
import { until } from '../sandbox/visitor.ts'
import { folder, type Running, start } from '../support/child.ts'
import { silent } from '../support/market.ts'

const WAIT_MS = 60_000
/** Longest time that the process takes for an orderly end. */
const LONGEST_STOP_MS = 4_500

const isRunning = (bot: Running) =>
  until(() => bot.stdout().includes('Ctrl-C stops it'), `the start line; said: ${bot.stderr()}`, WAIT_MS)

test.for(['before', 'after'] as const)(
  'a stop while Discord keeps its answers back, %s it has done its work: quick, in order, and nothing is posted twice by the next start',
  { timeout: 180_000 },
  async (when) => {
    const cwd = folder()
    const sandbox = await openSandbox({ port: 0 })
    onTestFinished(() => sandbox.close())
    const { guildId, alertsChannelId: channelId } = sandbox
    const url = `sqlite:${join(cwd, 'bot.db')}`
    const store = await openStore(url, { log: silent })
    onTestFinished(() => store.close())
    const watch = { series: 'simulated', guildId, channelId, addedBy: null, addedAt: 0, since: 0 }
    for (const symbol of ['038530', '990110', '990230']) await store.watches.add({ ...watch, symbol })
    const bot = () =>
      start({
        cwd,
        env: {
          DISCORD_TOKEN: sandbox.token,
          DISCORD_API: sandbox.apiUrl,
          DATABASE_URL: url,
          SOURCE: 'simulated',
          SIMULATED_SPEED: '120',
        },
      })

    const slow: RestFault = { kind: 'delay', ms: WAIT_MS, when }
    const held = sandbox.faults.rest({ method: 'POST', path: /\/messages$/, times: 1_000, fault: slow })
    const first = bot()
    await isRunning(first)
    await until(() => held.hits > 0, 'a post under way', WAIT_MS)
    const began = performance.now()
    first.kill('SIGTERM')
    const ended = await first.ended
    expect(ended).toMatchObject({ code: 0, signal: null })
    expect(performance.now() - began).toBeLessThan(LONGEST_STOP_MS)
    held.remove()

    const second = bot()
    await isRunning(second)
    await until(async () => (await store.outbox.due(100)).length === 0, 'all that was owed', WAIT_MS)
    second.kill('SIGTERM')
    expect(await second.ended).toMatchObject({ code: 0, stderr: '' })
    const contents = sandbox.state.messages(channelId).map(({ content }) => content)
    expect(contents.length).toBeGreaterThan(0)
    expect(new Set(contents).size).toBe(contents.length)
  },
)

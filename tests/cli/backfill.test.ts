import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSimulatedSource } from '../../src/pipeline/sources/simulated/source.ts'
import { openStore } from '../../src/pipeline/store/index.ts'
import { until } from '../sandbox/visitor.ts'
import { cli, folder, jsonLines, lines, runningCli } from '../support/child.ts'
import { silent } from '../support/market.ts'

const backfill = (cwd: string, days: number, symbol = '038530') =>
  cli(['backfill', '--symbol', symbol, '--days', String(days), '--json'], { cwd })

/** The minutes kept, and those that the market had in the same interval. */
const keptAndTraded = async (cwd: string, symbol = '038530') => {
  const store = await openStore(`sqlite:${join(cwd, 'data/minutewatch.db')}`, { log: silent })
  try {
    const covered = await store.bars.coverage('simulated', symbol)
    if (covered === null) throw new Error('nothing was kept')
    const [startAt, liveFrom] = [await store.bars.newest('simulated'), await store.keyValues.get('live-from:simulated')]
    const market = createSimulatedSource({ seed: 38530, speed: 30, now: Date.now, startAt, liveFrom })
    const kept = await store.bars.range('simulated', symbol, covered)
    const traded = await market.fetchBars(symbol, covered, AbortSignal.timeout(30_000))
    return { kept: kept.map(({ openTime }) => openTime), traded: traded.map(({ openTime }) => openTime) }
  } finally {
    await store.close()
  }
}

test('history comes with progress, whole, and a second time nothing is new', async () => {
  const cwd = folder()
  const first = await backfill(cwd, 130)
  expect(first).toMatchObject({ code: 0, stderr: '' })
  const progress = jsonLines(first.stdout)
  for (const line of progress)
    expect(Object.keys(line)).toEqual(['symbol', 'bars', 'sessionsDone', 'sessionsTotal', 'seconds'])
  const done = progress.map(({ sessionsDone }) => sessionsDone)
  expect(done).toEqual(done.toSorted((a, b) => a - b))
  expect(done.length).toBeGreaterThan(2)
  expect(progress.at(-1)).toMatchObject({ symbol: '038530', sessionsDone: 130, sessionsTotal: 130 })
  const { kept, traded } = await keptAndTraded(cwd)
  expect(kept).toEqual(traded)
  const again = jsonLines((await backfill(cwd, 130)).stdout)
  expect(again).toMatchObject([{ bars: 0, sessionsDone: 130 }])
})

test('Ctrl-C keeps what has come, says so, and the same command goes on from there', async () => {
  const cwd = folder()
  const running = runningCli(['backfill', '--symbol', '038530', '--days', '1500', '--json'], { cwd })
  await until(() => running.stdout().includes('\n'), 'the first progress', 30_000)
  // As npm does it: the terminal's own signal, and npm's copy of it.
  running.kill('SIGINT')
  running.kill('SIGINT')
  const interrupted = await running.ended
  expect(interrupted.stderr).toBe('stopped; what has come is kept, and the same command goes on from there\n')
  expect(interrupted).toMatchObject({ code: 1, signal: null })
  const reached = jsonLines(interrupted.stdout).at(-1)
  expect(reached.sessionsDone).toBeLessThan(1_500)
  const next = await backfill(cwd, reached.sessionsDone + 100)
  expect(next).toMatchObject({ code: 0, stderr: '' })
  expect(jsonLines(next.stdout)[0].sessionsDone).toBeGreaterThanOrEqual(reached.sessionsDone)
  const { kept, traded } = await keptAndTraded(cwd)
  expect(kept).toEqual(traded)
})

test('killed without a word, it goes on all the same', async () => {
  const cwd = folder()
  const running = runningCli(['backfill', '--symbol', '038530', '--days', '1500', '--json'], { cwd })
  await until(() => lines(running.stdout()).length > 1, 'progress', 30_000)
  running.kill('SIGKILL')
  expect(await running.ended).toMatchObject({ code: null, signal: 'SIGKILL' })
  const next = await backfill(cwd, 200)
  expect(next.code).toBe(0)
  const { kept, traded } = await keptAndTraded(cwd)
  expect(kept).toEqual(traded)
})

test('for people who do not look: one line at the end, in words', async () => {
  const { code, stdout, stderr } = await cli(['backfill', '--symbol', '0001A0', '--days', '3'], { cwd: folder() })
  expect(stdout).toMatch(/^\d+ new bars of 0001A0 in SQLite .+ \(series simulated\)\n$/)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('a stock that the source does not have is wrong use', async () => {
  for (const symbol of ['999999', 'nonsense!']) {
    const { code, stdout, stderr } = await backfill(folder(), 3, symbol)
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: '',
      stderr: `--symbol: ${symbol} is not a stock of the source simulated\n`,
    })
  }
})

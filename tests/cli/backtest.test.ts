import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MONDAY_OPEN, marketBars } from '../support/bars.ts'
import { cli, folder, jsonLines, lines, STACK_TRACE } from '../support/child.ts'

const DAY = 86_400_000
/** Four sessions, the last one with a pump at 12:00. */
const bars = Array.from({ length: 4 }, (_, day) =>
  marketBars({ seed: day + 1, start: MONDAY_OPEN + day * DAY, minutes: 380, pumpAt: day === 3 ? 180 : null }),
).flat()
const PUMP = MONDAY_OPEN + 3 * DAY + 180 * 60_000
const text = [
  'symbol,time,open,high,low,close,volume',
  ...bars.map((b) => `${b.symbol},${b.openTime},${b.open},${b.high},${b.low},${b.close},${b.volume}`),
]

const backtest = (...args: string[]) => {
  const cwd = folder()
  writeFileSync(join(cwd, 'bars.csv'), `${text.join('\n')}\n`)
  return cli(['backtest', '--bars', 'bars.csv', ...args], { cwd })
}

describe('--json', () => {
  const membership = () => backtest('--json')

  test('a line a signal as documented, the pump among them, a summary last, nothing on standard error', async () => {
    const { code, stdout, stderr } = await membership()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const found = jsonLines(stdout)
    const { summary } = found.pop()
    expect(found.map(({ time }) => time)).toContain(new Date(PUMP).toISOString())
    for (const line of found) {
      expect(Object.keys(line)).toEqual(
        expect.arrayContaining(['symbol', 'time', 'horizon', 'severity', 'cluster', 'score', 'why']),
      )
      expect(line).toMatchObject({
        symbol: '038530',
        signal: true,
        abnormal: true,
        why: { direction: expect.stringMatching(/^(up|down)$/) },
      })
      expect(line.why.horizon).toBe(line.horizon)
      expect(line.why.sentence).toMatch(/^038530 (moved|opened) /)
    }
    expect(summary.alertsPerSession).toBeCloseTo(summary.alerts / summary.sessions, 12)
    expect(summary).toMatchObject({
      symbols: 1,
      bars: bars.length,
      dropped: 0,
      signals: found.length,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
  })

  test('twice the same, to the last byte', async () => {
    expect((await membership()).stdout).toBe((await membership()).stdout)
  })

  test('--scores has a line for every judged bar, and judges alike', async () => {
    const all = jsonLines((await backtest('--json', '--scores')).stdout)
    const { summary } = all.pop()
    expect(all).toHaveLength(summary.judged)
    const signals = jsonLines((await membership()).stdout)
    expect(summary.hash).toBe(signals.pop().summary.hash)
    expect(all.filter(({ signal }) => signal)).toEqual(signals)
  })

  test('tells the pump in its own minute, with that minute’s own move and volume', async () => {
    const pump = jsonLines((await membership()).stdout).find(({ time }) => time === new Date(PUMP).toISOString())
    const at = bars.findIndex(({ openTime }) => openTime === PUMP)
    const [before, own] = [bars[at - 1]!, bars[at]!]
    expect(pump).toMatchObject({
      horizon: 1,
      why: { direction: 'up', reference: before.close, volume: own.volume, gap: false },
    })
    expect(pump.why.movePercent).toBeCloseTo(100 * (own.high / before.close - 1), 9)
  })

  test('--budget signals less than membership, --threshold by its score alone', async () => {
    const all = jsonLines((await backtest('--json', '--scores')).stdout).slice(0, -1)
    const budgeted = jsonLines((await backtest('--json', '--budget', '0.2')).stdout)
    const { summary } = budgeted.pop()
    expect(summary.budgeted).toBe(0.2)
    expect(budgeted.length).toBeLessThanOrEqual(all.filter(({ abnormal }) => abnormal).length)
    const threshold = all.map(({ score }) => score).toSorted((a, b) => b - a)[4]
    const above = jsonLines((await backtest('--json', '--threshold', String(threshold))).stdout).slice(0, -1)
    expect(above.map(({ time }) => time)).toEqual(all.filter(({ score }) => score >= threshold).map(({ time }) => time))
  })
})

describe('--horizons', () => {
  const scores = async (...args: string[]) => {
    const found = jsonLines((await backtest('--json', '--scores', ...args)).stdout)
    return {
      summary: found.pop().summary,
      lines: found as { time: string; horizon: number; abnormal: boolean; score: number }[],
    }
  }

  test('of all is the default, in any order and said twice; each line says which stretch is the odd one', async () => {
    const all = await scores()
    expect(new Set(all.lines.map(({ horizon }) => horizon))).toEqual(new Set([1, 15]))
    for (const chosen of ['1,15', '15,1', '1,15,15'])
      expect((await scores('--horizons', chosen)).summary.hash).toBe(all.summary.hash)
  })

  test('of one measures that stretch alone', async () => {
    const [minute, slow, all] = [await scores('--horizons', '1'), await scores('--horizons', '15'), await scores()]
    expect(new Set(minute.lines.map(({ horizon }) => horizon))).toEqual(new Set([1]))
    expect(new Set(slow.lines.map(({ horizon }) => horizon))).toEqual(new Set([15]))
    expect(new Set([minute, slow, all].map(({ summary }) => summary.hash)).size).toBe(3)
    expect(minute.lines.find(({ time }) => time === new Date(PUMP).toISOString())?.abnormal).toBe(true)
    expect(minute.lines.map(({ time }) => time)).toEqual(all.lines.map(({ time }) => time))
  })

  test.for(['5', '', '1,', '0', 'x', '1 15', '1,5'])('%j is refused, with what there is', async (chosen) => {
    const { code, stdout, stderr } = await backtest('--horizons', chosen)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/--horizons <minutes>.* expected one or more of 1, 15\.\n/)
  })
})

test('for people: Korean clock times, sentences, and a summary in words', async () => {
  const { code, stdout, stderr } = await backtest()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const found = lines(stdout)
  expect(found.at(-1)).toMatch(
    /^\d+ minutes of 1 symbol judged over [\d.]+ stock-days: \d+ abnormal, .+ 0 bars outside the hours of krx left out; hash [0-9a-f]{64}$/,
  )
  expect(stdout).toMatch(/^2026-11-26 12:00 {2}038530 {2}1 min {2}cluster 3 {2}score [\d.]+ {2}038530 moved /m)
})

test('a symbol a stretch of text: bars of a 24-hour market need --hours 24h, and that is told', async () => {
  const cwd = folder()
  const night = marketBars({ seed: 1, start: MONDAY_OPEN + 8 * 3_600_000, symbol: 'COIN' })
  const rows = night.map((b) => `${b.symbol},${b.openTime},${b.open},${b.high},${b.low},${b.close},${b.volume}`)
  writeFileSync(join(cwd, 'coins.csv'), `${text[0]}\n${rows.join('\n')}\n`)
  const krx = await cli(['backtest', '--bars', 'coins.csv'], { cwd })
  expect(krx.stderr).toBe(
    `nothing was judged: 0 of ${night.length} bars lie inside the hours of krx, and --warmup takes 720 minutes of each symbol first\n`,
  )
  expect(krx.code).toBe(0)
  const around = await cli(['backtest', '--bars', 'coins.csv', '--hours', '24h', '--warmup', '30', '--json'], { cwd })
  expect(jsonLines(around.stdout).at(-1).summary.judged).toBeGreaterThan(0)
})

test('bad rows are told beside the answer, and a file that is not there is one sentence', async () => {
  const cwd = folder()
  writeFileSync(join(cwd, 'bars.csv'), `${text.slice(0, 30).join('\n')}\n038530,x,1,1,1,1,1\n`)
  const { stdout, stderr } = await cli(['backtest', '--bars', 'bars.csv', '--json', '--warmup', '5'], { cwd })
  expect(stderr).toMatch(/^bars\.csv line 31, column time: /)
  expect(jsonLines(stdout).at(-1)).toHaveProperty('summary')
  const none = await cli(['backtest', '--bars', 'nothing.csv'], { cwd })
  expect(none).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'nothing.csv does not exist: name a CSV file (.csv or .csv.gz)\n',
  })
  expect(none.stderr).not.toMatch(STACK_TRACE)
})

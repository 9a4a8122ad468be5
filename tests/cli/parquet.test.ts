import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadata, parquetReadObjects } from 'hyparquet'
import { describe, expect, test } from 'vitest'
import { createMeasurer } from '../../src/model/detector/measurements.ts'
import { type Bar, DAY, MINUTE } from '../../src/model/time/bar.ts'
import { loadKrxCalendar } from '../../src/pipeline/calendar/krx.ts'
import { writeParquet } from '../../src/pipeline/columns/parquet-file.ts'
import { marketBars } from '../support/bars.ts'
import { cli, folder, lines, runningCli, STACK_TRACE } from '../support/child.ts'

/** A Monday that is over, wherever and whenever this runs. */
const MONDAY = Date.parse('2025-11-17T09:00+09:00')
const SYMBOLS = ['038530', '005930']

/** Three days of two stocks, without the minutes of the closing auction. */
const BARS = SYMBOLS.flatMap((symbol, stock) =>
  [0, 1, 2].flatMap((day) =>
    marketBars({ seed: 10 * stock + day, start: MONDAY + day * DAY, minutes: 380, symbol }).slice(0, 360),
  ),
)
const of = (symbol: string) => BARS.filter((bar) => bar.symbol === symbol)

const withBars = async (bars: readonly Bar[] = BARS): Promise<string> => {
  const cwd = folder()
  const rows = bars.map(({ symbol, openTime, open, high, low, close, volume }) =>
    [symbol, openTime, open, high, low, close, volume].join(','),
  )
  writeFileSync(join(cwd, 'bars.csv'), ['symbol,time,open,high,low,close,volume', ...rows].join('\n'))
  expect(await cli(['import', 'bars.csv'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}
const exported = (cwd: string, ...more: string[]) =>
  cli(['export', '--format', 'parquet', '--venue', 'csv', '--out', 'out.parquet', ...more], { cwd })
const rowsOf = async (cwd: string) => {
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(join(cwd, 'out.parquet')) })
  return rows.map(({ time, ...row }) => ({ ...row, time: (time as Date).getTime() }))
}
const columnsOf = ({ symbol, openTime, open, high, low, close, volume }: Bar) => ({
  ...{ symbol, time: openTime, open, high, low, close, volume },
})

describe('export --format parquet', () => {
  test('writes all bars of a series, stock by stock, to the last bit; nothing else stays', async () => {
    const cwd = await withBars()
    expect(await exported(cwd)).toMatchObject({
      code: 0,
      stdout: '',
      stderr: `${BARS.length} bars of 2 stocks (csv) written to out.parquet\n`,
    })
    expect(await rowsOf(cwd)).toEqual([...of('005930'), ...of('038530')].map(columnsOf))
    expect(readdirSync(cwd).toSorted()).toEqual(['bars.csv', 'data', 'out.parquet'])
  })

  test('--symbol, --from and --to (exclusive) choose', async () => {
    const cwd = await withBars()
    const [from, to] = [MONDAY + DAY, MONDAY + DAY + 30 * MINUTE]
    const interval = ['--from', String(from), '--to', String(to)]
    expect(await exported(cwd, '--symbol', '038530', ...interval)).toMatchObject({ code: 0 })
    expect(await rowsOf(cwd)).toEqual(
      of('038530')
        .filter(({ openTime }) => openTime >= from && openTime < to)
        .map(columnsOf),
    )
  })

  test('--measurements writes what the detector measures, a row a minute and horizon; --from changes none of it', async () => {
    const cwd = await withBars()
    const calendar = await loadKrxCalendar(null)
    const expected = ['005930', '038530'].flatMap((symbol) => {
      const measure = createMeasurer(calendar)
      return of(symbol).flatMap((bar) =>
        (measure(bar)?.horizons ?? []).map(({ minutes, surge, move, volume, usualVolume }) => ({
          ...{ symbol, time: bar.openTime, horizon: minutes, surge, move, multiple: volume / usualVolume },
          furthest: expect.closeTo(minutes === 1 ? 9.596 : 5.166, 3),
        })),
      )
    })
    expect(await exported(cwd, '--measurements')).toMatchObject({ code: 0, stdout: '' })
    expect(await rowsOf(cwd)).toEqual(expected)
    expect(await exported(cwd, '--measurements', '--from', String(MONDAY + 2 * DAY))).toMatchObject({ code: 0 })
    expect(await rowsOf(cwd)).toEqual(expected.filter(({ time }) => time >= MONDAY + 2 * DAY))
  })

  test('bars outside the hours are not measured, and counted', async () => {
    const cwd = await withBars(of('038530').map((bar) => ({ ...bar, symbol: 'BTCUSDT' })))
    const outside = { ...of('038530').at(-1)!, symbol: 'BTCUSDT', openTime: MONDAY + 2 * DAY + 12 * 60 * MINUTE }
    writeFileSync(
      join(cwd, 'more.csv'),
      `symbol,time,open,high,low,close,volume\nBTCUSDT,${outside.openTime},100,110,90,100,1`,
    )
    await cli(['import', 'more.csv'], { cwd })
    expect((await exported(cwd, '--measurements')).stderr).toMatch(
      /^1 bar outside the hours of krx left out \(--hours\)\n\d+ measurements of 1 stock/,
    )
    expect((await exported(cwd, '--measurements', '--hours', '24h')).stderr).toMatch(/^\d+ measurements of 1 stock/)
  })

  test('a file that cannot be written is one sentence, and what was there stays', async () => {
    const cwd = await withBars()
    mkdirSync(join(cwd, 'taken'))
    writeFileSync(join(cwd, 'taken', 'kept'), 'kept')
    for (const [out, code] of [
      ['missing/out.parquet', 'ENOENT'],
      ['taken', 'EISDIR|ENOTEMPTY|EEXIST|ENOTDIR'],
    ] as const) {
      const { code: exit, stderr, stdout } = await exported(cwd, '--out', out)
      expect(stderr).toMatch(
        new RegExp(`^${out} cannot be written \\((${code})\\): name a file in a folder that exists`),
      )
      expect(stderr).not.toMatch(STACK_TRACE)
      expect({ exit, stdout, lines: lines(stderr).length }).toEqual({ exit: 1, stdout: '', lines: 1 })
    }
    expect(readdirSync(cwd).toSorted()).toEqual(['bars.csv', 'data', 'taken'])
    expect(readFileSync(join(cwd, 'taken', 'kept'), 'utf8')).toBe('kept')
  })

  test('a disk that becomes full is one sentence, and nothing half-written stays', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC', syscall: 'write' })
    const rows = async function* () {
      yield [{ symbol: 'a' }]
      throw full
    }
    const cwd = folder()
    await expect(writeParquet(join(cwd, 'out.parquet'), { symbol: 'text' }, rows())).rejects.toThrow(
      /out\.parquet cannot be written \(ENOSPC\): the disk is full: make room/,
    )
    expect(readdirSync(cwd)).toEqual([])
  })

  test('a stop leaves no file', async () => {
    const many = Array.from({ length: 15 }, (_, i) => of('038530').map((bar) => ({ ...bar, symbol: `0385${10 + i}` })))
    const cwd = await withBars(many.flat())
    const args = ['export', '--format', 'parquet', '--venue', 'csv', '--measurements', '--out', 'out.parquet']
    const running = runningCli(args, { cwd })
    await expect.poll(() => readdirSync(cwd).some((name) => name.endsWith('.part')), { interval: 1 }).toBe(true)
    running.kill('SIGTERM')
    expect(await running.ended).toMatchObject({ code: 1, stderr: 'stopped; out.parquet was not written\n' })
    expect(readdirSync(cwd).toSorted()).toEqual(['bars.csv', 'data'])
  })

  test('a series without a bar, and an interval without one, are said', async () => {
    const cwd = await withBars()
    expect(await cli(['export', '--format', 'parquet', '--out', 'a.parquet'], { cwd })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^no bars of the series simulated in SQLite .+ name another series with --venue\n$/,
      ),
    })
    expect((await exported(cwd, '--to', '2020-01-01T00:00Z')).stderr).toMatch(
      /^no bars of 2 stocks \(csv\) in that time\n/,
    )
    expect(await rowsOf(cwd)).toEqual([])
  })
})

test('rows come in groups, so that a file of any length needs the memory of one', async () => {
  const path = join(folder(), 'long.parquet')
  const pieces = async function* () {
    for (let piece = 0; piece < 25; piece++)
      yield Array.from({ length: 10_000 }, (_, i) => ({
        symbol: `s${piece}`,
        time: i * MINUTE,
        surge: i / 7,
        horizon: 1,
      }))
  }
  const columns = { symbol: 'text', time: 'time', surge: 'number', horizon: 'whole' } as const
  expect(await writeParquet(path, columns, pieces())).toBe(250_000)
  const bytes = readFileSync(path)
  const { row_groups } = parquetMetadata(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([100_000, 100_000, 50_000])
})

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { test as always, expect, vi } from 'vitest'
import { cluster } from '../../src/model/clusters/clusters.ts'
import { type Bar, MINUTE } from '../../src/model/time/bar.ts'
import { marketBars } from '../support/bars.ts'
import { cli, folder, jsonLines } from '../support/child.ts'
import { needs } from '../support/needs.ts'
import { linesOf, sparkCheck, sparkShell } from '../support/spark.ts'

const { test } = needs('java')
const PAGE = new URL('../../docs/spark.md', import.meta.url)

// A busy machine that downloads Spark first takes minutes.
vi.setConfig({ testTimeout: 600_000 })

/** Four stocks over a week of 2025, each with one pump. */
const week = (): Bar[] =>
  [0, 1, 2, 3].flatMap((stock) =>
    [3, 4, 5, 6, 7].flatMap((day) =>
      marketBars({
        seed: 100 * stock + day,
        start: Date.parse(`2025-11-0${day}T09:00+09:00`),
        minutes: 381,
        symbol: `0${30_000 + 10 * stock}`,
        price: 4_000 + 1_000 * stock,
        pumpAt: day === 5 ? 100 + stock : null,
      }),
    ),
  )

const exported = async (bars: readonly Bar[]): Promise<string> => {
  const cwd = folder()
  const rows = bars.map(({ symbol, openTime, open, high, low, close, volume }) =>
    [symbol, openTime, open, high, low, close, volume].join(','),
  )
  writeFileSync(join(cwd, 'bars.csv'), ['symbol,time,open,high,low,close,volume', ...rows].join('\n'))
  for (const args of [
    ['import', 'bars.csv', '--venue', 'test'],
    ['export', '--venue', 'test', '--format', 'parquet', '--out', 'bars.parquet'],
    ['export', '--venue', 'test', '--format', 'parquet', '--measurements', '--out', 'measurements.parquet'],
  ])
    expect(await cli(args, { cwd })).toMatchObject({ code: 0 })
  return cwd
}

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0)

test('Spark reads the same bars and measurements, and from our centers finds our inertia', async () => {
  const bars = week().filter(({ openTime }) => isTraded(openTime))
  const cwd = await exported(bars)
  const measured = await parquetReadObjects({ file: await asyncBufferFromFile(join(cwd, 'measurements.parquet')) })
  const fits = [1, 15].map((horizon) => {
    const rows = measured.filter((row) => row.horizon === horizon)
    const line = rows.map(({ surge, furthest }) => [Math.min(surge, furthest)])
    return { horizon, rows: rows.length, ...cluster(line, { k: 4, seed: 1 }) }
  })
  const asked = fits.map(({ horizon, centroids }) => `${horizon}=${centroids.flat().join(',')}`)
  const spark = await sparkCheck(cwd, ['bars.parquet', 'measurements.parquet', ...asked])

  expect(spark.bars).toEqual({
    rows: bars.length,
    symbols: 4,
    first: Math.min(...bars.map(({ openTime }) => openTime)),
    last: Math.max(...bars.map(({ openTime }) => openTime)),
    minutes: sum(bars.map(({ openTime }) => openTime / MINUTE)),
    schema: 'symbol STRING,time TIMESTAMP,open DOUBLE,high DOUBLE,low DOUBLE,close DOUBLE,volume DOUBLE',
    sums: {
      open: sum(bars.map(({ open }) => open)),
      high: sum(bars.map(({ high }) => high)),
      low: sum(bars.map(({ low }) => low)),
      close: sum(bars.map(({ close }) => close)),
      volume: sum(bars.map(({ volume }) => volume)),
    },
  })
  expect(spark.measurements.rows).toBe(measured.length)
  for (const name of ['surge', 'move', 'multiple', 'furthest'])
    expect(spark.measurements.sums[name] / sum(measured.map((row) => row[name]))).toBeCloseTo(1, 9)

  for (const { horizon, rows, inertia } of fits) {
    const fit = spark.fits[horizon]
    const worse = fit.own.map((own: number) => `${(100 * (own / inertia - 1)).toFixed(3)} %`).join(', ')
    console.info(
      `${horizon} min, ${rows} rows: inertia ${inertia} here, ${fit.inertia} by Spark from our centers; its own starts are worse by ${worse}`,
    )
    expect(fit.rows).toBe(rows)
    expect(Math.abs(fit.inertia / inertia - 1)).toBeLessThan(1e-6)
    for (const own of fit.own) expect(own).toBeGreaterThan(inertia * (1 - 1e-9))
  }
})

test('the lines of docs/spark.md find centers that import-model takes and doctor names', async () => {
  const cwd = await exported(week())
  await sparkShell(cwd, linesOf(PAGE, 'scala'))
  const found = JSON.parse(readFileSync(join(cwd, 'centers.json'), 'utf8'))
  expect(found).toMatchObject({ origin: 'Spark 4.2.0, 4 stocks from 2025-11-03 to 2025-11-07', features: ['surge'] })
  const imported = await cli(['import-model', 'centers.json', '--json'], { cwd })
  expect(imported).toMatchObject({ code: 0, stderr: '' })
  const [{ surges }] = jsonLines(imported.stdout)
  for (const { minutes, clusters, rows } of found.horizons) {
    // biome-ignore lint/suspicious/noExplicitAny: as the file has it
    expect(surges[minutes]).toEqual(clusters.map(({ center }: any) => center.surge))
    // biome-ignore lint/suspicious/noExplicitAny: as the file has it
    expect(sum(clusters.map(({ size }: any) => size))).toBe(rows)
  }
  const { stdout } = await cli(['doctor', '--json'], { cwd })
  expect(jsonLines(stdout).find(({ check }) => check === 'centers').message).toContain(found.origin)
})

always('the lines of docs/spark.md are twenty', () => {
  expect(linesOf(PAGE, 'scala').trimEnd().split('\n').length).toBeLessThanOrEqual(20)
})

/** The market's minutes: five before the close belong to its auction, and have no bar of their own. */
const isTraded = (openTime: number): boolean => {
  const minute = ((openTime + 9 * 60 * MINUTE) / MINUTE) % 1_440
  return minute < 15 * 60 + 20
}
